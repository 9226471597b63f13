// The undoing of a change: the inverse of its rows, on all its flags, in one transaction. What others changed since on other gates stays.
import { FeatureError, InvalidOperation } from '../../../errors.js'
import type { FeatureNow } from '../../../state/revision.js'
import { type Gates, gatesOf } from '../../../state/rows-after.js'
import type { ChangeStore, History, HistoryEntry } from '../../../store/store.js'
import { quoted } from '../../../text/printable.js'
import { programName } from '../../../text/program-name.js'
import { shellWord } from '../../../text/shell-word.js'
import type { ChangeTerms, ChangeWriter, Written } from '../change-writer.js'
import { type OtherChange, othersSince } from '../conflict.js'
import { describeRows, groupedEntries } from '../../change-sentences.js'
import type { PlannedStep } from '../plan.js'
import type { FlagPreview } from '../preview/preview.js'
import type { Previews, PreviewTerms } from '../preview/previews.js'
import { checkExpected, madeBefore, type PlannedChange, readAndWrite } from './read-and-write.js'
import type { WriteContext } from '../write-context.js'

export interface UndoOptions {
  readonly store: ChangeStore & History
  readonly changes: Pick<ChangeWriter, 'write'>
  readonly previews: Pick<Previews, 'ofSteps'>
}

export interface Undone {
  /** The id of the change that was undone. */
  readonly changeId: string
  /** The flags that it had changed. */
  readonly names: readonly string[]
  readonly written: Written
}

/** What undoing a change would do. */
export interface UndoPreview {
  readonly changeId: string
  readonly flags: readonly FlagPreview[]
  /** Later changes of these flags, newest first. They stay. */
  readonly later: readonly OtherChange[]
}

/** Of which change, and on which terms. */
export interface UndoTerms extends ChangeTerms {
  /** The change must have changed this flag. Default: any. */
  readonly of?: string
}

interface Planned extends PlannedChange {
  readonly changeId: string
  /** The version that the change made, and its rows are older than. */
  readonly version: string
}

/** Rows of one change that are read at most. */
const mostRows = 1_000_000

/** Characters of a sentence in a reason; ids may be long. */
const mostReason = 200

export class Undo {
  readonly #options: UndoOptions

  constructor(options: UndoOptions) {
    this.#options = options
  }

  /**
   * Undoes a change. Rejects with FeatureError (`not_found`), InvalidOperation (`not_restorable`), StoreUnavailable
   * (`store_conflict` where other writers keep getting in the way) and as any change.
   */
  async apply(changeId: string, context: WriteContext = {}, { of, ...terms }: UndoTerms = {}): Promise<Undone> {
    const { changes, store } = this.#options
    const entries = await this.#entries(changeId, of)
    const names = namesOf(entries)
    const before = await madeBefore(store, terms.id, (feature) => names.includes(feature))
    if (before !== null) return { changeId, names, written: before }
    // A definition may be gone since; the rows were there before.
    const told = { reason: undoReason(entries), ...context, force: true }
    const what = `the flags of the change ${quoted(changeId)}`
    const details = { undoes: changeId }
    const { written } = await readAndWrite(changes, () => this.#plan(changeId, entries), told, {
      ...terms,
      what,
      details,
    })
    return { changeId, names, written }
  }

  /** What `apply` would do now. Rejects as `apply`. */
  async preview(
    changeId: string,
    { actorClass, of, expect }: Pick<UndoTerms, 'of' | 'expect'> & Pick<PreviewTerms, 'actorClass'> = {},
  ): Promise<UndoPreview> {
    const { store, previews } = this.#options
    const planned = await this.#plan(changeId, await this.#entries(changeId, of))
    await checkExpected(store, planned, expect)
    const { names, steps, now, version } = planned
    const flags: FlagPreview[] = []
    const later: OtherChange[] = []
    for (const name of names) {
      const read = now.get(name)
      const own = steps.filter(({ step }) => step.feature === name)
      if (read !== undefined) flags.push(await previews.ofSteps(name, own, read, { actorClass }))
      later.push(...(await othersSince(store, name, version)))
    }
    return { changeId, flags, later }
  }

  /** The id of the newest change by this author. Rejects with FeatureError (`not_found`) and StoreUnavailable. */
  async newestBy(author: string): Promise<string> {
    const [newest] = await this.#options.store.history({ author, limit: 1 })
    if (newest !== undefined && newest.changeId !== null) return newest.changeId
    throw new FeatureError('not_found', {
      problem: `the history has no change by ${quoted(author)}`,
      remedy: 'give the id of a change; the history shows it as change_id',
    })
  }

  /** The rows of a change, which never change themselves. */
  async #entries(changeId: string, of: string | undefined): Promise<readonly HistoryEntry[]> {
    const entries = await this.#options.store.history({ changeId, limit: mostRows })
    const isFound = of === undefined ? entries.length > 0 : entries.some(({ feature }) => feature === of)
    if (isFound) return entries
    throw new FeatureError('not_found', {
      problem: `the history ${of === undefined ? '' : `of ${quoted(of)} `}has no change ${quoted(changeId)}`,
      remedy: 'give the id of a change; the history shows it as change_id',
    })
  }

  async #plan(changeId: string, entries: readonly HistoryEntry[]): Promise<Planned> {
    const { store } = this.#options
    const byFlag = new Map<string, HistoryEntry[]>()
    // Oldest first, as they were written.
    for (const entry of entries.toReversed()) {
      const ofFlag = byFlag.get(entry.feature)
      if (ofFlag === undefined) byFlag.set(entry.feature, [entry])
      else ofFlag.push(entry)
    }
    const now = new Map<string, FeatureNow>()
    for (const name of byFlag.keys()) now.set(name, await store.readFeature(name))
    const steps = [...byFlag].map(([name, ofFlag]) => inverseOf(name, ofFlag, now.get(name)?.stored?.gates ?? null))
    return { changeId, names: [...byFlag.keys()], steps, now, version: entries[0]?.position.version ?? '0' }
  }
}

/** `undo of: 10 → 25 % of actors`: which change it was is kept beside it, as `undoes`. */
function undoReason(newestFirst: readonly HistoryEntry[]): string {
  const groups = groupedEntries(newestFirst)
  const sentences = new Set(groups.map((group) => describeRows(group)))
  const [sentence = ''] = sentences.size === 1 ? sentences : []
  const characters = [...sentence]
  const shown = characters.length > mostReason ? `${characters.slice(0, mostReason).join('')} …` : sentence
  return shown === '' ? `undo of a change of ${groups.length} flags` : `undo of: ${shown}`
}

/** In the order in which the change wrote them. */
function namesOf(entries: readonly HistoryEntry[]): readonly string[] {
  return [...new Set(entries.toReversed().map(({ feature }) => feature))]
}

/**
 * The step that takes the rows of one change back. `entries`: oldest first. Throws InvalidOperation (`not_restorable`) where a row that
 * the change added is gone, or one that it removed is there again.
 */
export function inverseOf(
  name: string,
  entries: readonly HistoryEntry[],
  stored: ReadonlyMap<string, readonly string[]> | null,
): PlannedStep {
  const gates: Gates | null = stored === null ? null : gatesOf({ gates: stored })
  const rows = netOf(entries)
  const own = rows.find(({ gate }) => gate === null)?.operation
  const overwritten = rows.some(({ gate, value, operation }) => {
    const isThere = gate === null ? gates !== null : gates?.get(gate)?.has(value ?? '') === true
    return isThere !== (operation === 'added')
  })
  if (overwritten || (gates === null && own !== 'removed' && rows.length > 0)) throw notRestorable(name)
  const after = new Map([...(gates ?? [])].map(([gate, values]) => [gate, new Set(values)] as const))
  for (const { gate, value, operation } of rows) {
    if (gate === null) continue
    const values = after.get(gate) ?? new Set<string>()
    if (operation === 'added') values.delete(value ?? '')
    else values.add(value ?? '')
    after.set(gate, values)
  }
  const left = [...after].filter(([, values]) => values.size > 0).map(([gate, values]) => [gate, [...values]] as const)
  // A flag that the change had made goes away again, unless a later change has set another gate of it. One that the change had both made
  // and deleted stays away.
  const isAway = own === 'added' || (own === undefined && gates === null)
  const operation =
    isAway && left.length === 0 ? ({ kind: 'remove' } as const) : ({ kind: 'replace', gates: new Map(left) } as const)
  return { step: { feature: name, operation }, action: 'undo', things: [], percentage: null, narrows: false }
}

/** What is left of rows that a change both added and removed: the first and the last that it did to each must be alike. */
function netOf(entries: readonly HistoryEntry[]): readonly HistoryEntry[] {
  const rows = new Map<string, { readonly first: HistoryEntry; readonly last: HistoryEntry }>()
  for (const entry of entries) {
    const key = JSON.stringify([entry.gate, entry.value])
    rows.set(key, { first: rows.get(key)?.first ?? entry, last: entry })
  }
  return [...rows.values()].flatMap(({ first, last }) => (first.operation === last.operation ? [last] : []))
}

function notRestorable(name: string): InvalidOperation {
  return new InvalidOperation('not_restorable', {
    problem: `${quoted(name)}: what the change did was changed again since, so it cannot be undone, and nothing was written`,
    remedy: `look at its history; ${programName()} restore ${shellWord(name)} --to POINT brings back all that it had at a time, a revision or a change`,
  })
}
