// The pending change as the tab keeps it: it survives a reload for an hour, and holds no secret. What stands there may have been written
// by another version of the page, or by hand, so it is checked as an answer is.
import { list, number, object, oneOf, orNull, type Parser, text } from '../api/parse.js'
import { keptKey } from './tab-storage.js'
import { operation } from '../api/operation.js'
import type { StoredShares } from '../proposal/operations.js'
import type { Proposal } from '../proposal/proposal.js'
import type { FlowState } from './flow-state.js'

export interface Kept {
  readonly proposal: Proposal
  readonly revision: string | null
  readonly stored: StoredShares | null
  readonly reason: string
  /** The id under which it was sent, where no answer has come yet. */
  readonly sentAs: string | null
  readonly confirm: string | null
  readonly at: number
}

const keptMs = 3_600_000

const proposal: Parser<Proposal> = (value, place = '') => {
  const { kind } = object({ kind: oneOf('operations', 'restore', 'undo', 'several') })(value, place)
  switch (kind) {
    case 'operations':
      return { kind, ...object({ flag: text, operations: list(operation) })(value, place) }
    case 'restore':
      return { kind, ...object({ flag: text, to: object({ changeId: text, at: text }) })(value, place) }
    case 'undo':
      return { kind, ...object({ flag: text, changeId: text, sentence: text })(value, place) }
    case 'several':
      return { kind, ...object({ flags: list(text), op: oneOf('disable', 'delete') })(value, place) }
  }
}

const kept = object<Kept>({
  proposal,
  revision: orNull(text),
  stored: orNull(object({ percentage_of_actors: number, percentage_of_time: number })),
  reason: text,
  sentAs: orNull(text),
  confirm: orNull(text),
  at: number,
})

/** What this tab keeps; null for nothing, for what is too old, and for what is not understood. */
export function readKept(storage: Storage | null, now: number): Kept | null {
  try {
    const found = storage?.getItem(keptKey) ?? null
    if (found === null) return null
    const parsed = kept(JSON.parse(found))
    return now - parsed.at < keptMs ? parsed : null
  } catch {
    return null
  }
}

/** Keeps it, or nothing (null). A browser may refuse: then it lasts as long as the page. */
export function writeKept(storage: Storage | null, value: Kept | null): void {
  try {
    if (value === null) storage?.removeItem(keptKey)
    else storage?.setItem(keptKey, JSON.stringify(value))
  } catch {
    // Full or blocked.
  }
}

/** What has to be kept of a change; null where nothing is. `sent` counts only while an answer is waited for. */
export function keptOf(
  {
    proposal,
    phase,
    revision,
    stored,
    reason,
  }: Pick<FlowState, 'proposal' | 'phase' | 'revision' | 'stored' | 'reason'>,
  sent: { readonly id: string | null; readonly confirm: string | null },
  at: number,
): Kept | null {
  if (proposal === null || phase === 'waiting') return null
  const isSent = phase === 'sending' || phase === 'checking'
  return {
    proposal,
    revision,
    stored,
    reason,
    sentAs: isSent ? sent.id : null,
    confirm: isSent ? sent.confirm : null,
    at,
  }
}
