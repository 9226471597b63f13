// The undoing of a change: the inverse of its rows, on all its flags, in one transaction. What others changed since on other gates stays.
//
// It is made for the revisions that were read. Where another writer was quicker, it is planned anew.
import { FeatureError, InvalidOperation, StoreUnavailable } from '../../errors.js'
import { type FeatureNow, type Revision, revisionOf } from '../../state/revision.js'
import { type Gates, gatesOf } from '../../state/rows-after.js'
import type { ChangeStore, History, HistoryEntry } from '../../store/store.js'
import { quoted } from '../../text/printable.js'
import type { ChangeWriter, Written } from './change-writer.js'
import type { PlannedStep } from './plan.js'
import type { FlagPreview } from './preview/preview.js'
import type { Previews } from './preview/previews.js'
import type { WriteContext } from './write-context.js'

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
}

interface Planned {
  readonly names: readonly string[]
  readonly steps: readonly PlannedStep[]
  readonly now: ReadonlyMap<string, FeatureNow>
}

/** Rows of one change that are read at most. */
const mostRows = 1_000_000
const attempts = 5

export class Undo {
  readonly #options: UndoOptions

  constructor(options: UndoOptions) {
    this.#options = options
  }

  /**
   * Undoes a change. Rejects with FeatureError (`not_found`), InvalidOperation (`not_restorable`), StoreUnavailable
   * (`store_conflict` where other writers keep getting in the way) and as any change.
   */
  async apply(changeId: string, context: WriteContext = {}): Promise<Undone> {
    // A definition may be gone since; the rows were there before.
    const terms = { reason: `undo of the change ${changeId}`, ...context, force: true }
    for (let attempt = 1; ; attempt++) {
      const { names, steps, now } = await this.#plan(changeId)
      try {
        const written = await this.#options.changes.write(steps, terms, { expect: revisionsOf(now) })
        return { changeId, names, written }
      } catch (error) {
        if (!(error instanceof FeatureError && error.code === 'flag_changed')) throw error
        if (attempt < attempts) continue
        throw new StoreUnavailable('store_conflict', {
          problem: `other writers kept changing the flags of the change ${quoted(changeId)}`,
          remedy: 'try again',
          cause: error,
        })
      }
    }
  }

  /** What `apply` would do now. Rejects as `apply`. */
  async preview(changeId: string): Promise<UndoPreview> {
    const { names, steps, now } = await this.#plan(changeId)
    const flags: FlagPreview[] = []
    for (const name of names) {
      const read = now.get(name)
      const own = steps.filter(({ step }) => step.feature === name)
      if (read !== undefined) flags.push(await this.#options.previews.ofSteps(name, own, read))
    }
    return { changeId, flags }
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

  async #plan(changeId: string): Promise<Planned> {
    const { store } = this.#options
    const entries = await store.history({ changeId, limit: mostRows })
    if (entries.length === 0) {
      throw new FeatureError('not_found', {
        problem: `the history has no change ${quoted(changeId)}`,
        remedy: 'give the id of a change; the history shows it as change_id',
      })
    }
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
    return { names: [...byFlag.keys()], steps, now }
  }
}

function revisionsOf(now: ReadonlyMap<string, FeatureNow>): ReadonlyMap<string, Revision> {
  return new Map([...now].map(([name, read]) => [name, revisionOf(read)]))
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
  // A flag that the change had made goes away again, unless a later change has set another gate of it.
  const operation =
    own === 'added' && left.length === 0
      ? ({ kind: 'remove' } as const)
      : ({ kind: 'replace', gates: new Map(left) } as const)
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
    remedy: 'look at the history of the flag, and set it as it should be',
  })
}
