// What is said after a change, and what takes it back.
import type { ConfirmedProcesses } from '../api/changes.js'
import type { Done } from './flow-state.js'
import { type Proposal, sentenceOf, subjectOf } from '../proposal/proposal.js'
import { count, listed } from '../text/numbers.js'
import { visible } from '../text/visible.js'

export interface DoneText {
  readonly text: string
  /** Null where there is nothing to take back. */
  readonly undo: {
    readonly proposal: Extract<Proposal, { kind: 'undo' }>
    readonly revision: string | null
    /** The flags that it changed. */
    readonly flags: readonly string[]
  } | null
}

/** `dark_mode is on for 50 % of actors · 12 of 12 processes have it`. */
export function doneText({ proposal, preview, outcome }: Done): DoneText {
  const subject = subjectOf(proposal)
  const [first] = preview?.flags ?? []
  const summary =
    first === undefined || proposal.kind === 'several' ? sentenceOf(proposal, null) : visible(first.after.summary)
  const what = outcome.changeId === null ? `${subject} was so already: nothing changed` : `${subject}: ${summary}`
  const text = [what, ...processesText(outcome.processes)].join(' · ')
  if (outcome.changeId === null) return { text, undo: null }
  const named = proposal.kind === 'several' ? proposal.flags : [proposal.flag]
  // An undo may be of several flags, of which it names one.
  const flags = [...new Set([...named, ...(preview?.flags ?? []).map(({ name }) => name)])]
  return {
    text,
    undo: {
      proposal: { kind: 'undo', flag: named[0] ?? '', changeId: outcome.changeId, sentence: summary },
      revision: outcome.revision,
      flags,
    },
  }
}

function processesText(processes: ConfirmedProcesses | null): string[] {
  if (processes === null) return []
  const { live, confirmed, lagging } = processes
  const have = `${count(confirmed)} of ${count(live)} processes have it`
  return [
    lagging.length === 0
      ? have
      : `${have}; ${listed(lagging.slice(0, 3).map(visible))} ${lagging.length === 1 ? 'lags' : 'lag'}`,
  ]
}
