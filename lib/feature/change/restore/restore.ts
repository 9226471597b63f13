// Brings back exactly the rows that a flag had at a point in the past, whatever has changed since: also what others have changed.
import { InvalidOperation } from '../../../errors.js'
import type { UncertainRow } from '../../../state/past.js'
import type { FeatureNow } from '../../../state/revision.js'
import type { StoredFeature } from '../../../state/state.js'
import type { ChangeStore, History } from '../../../store/store.js'
import { counted } from '../../../text/counted.js'
import { quoted } from '../../../text/printable.js'
import type { FlagThen, PastStates } from '../../history/past.js'
import type { PointText } from '../../history/point.js'
import type { ChangeTerms, ChangeWriter, Written } from '../change-writer.js'
import { type OtherChange, othersSince } from '../conflict.js'
import type { PlannedStep } from '../plan.js'
import type { FlagPreview } from '../preview/preview.js'
import type { Previews, PreviewTerms } from '../preview/previews.js'
import { checkExpected, madeBefore, type PlannedChange, readAndWrite } from './read-and-write.js'
import type { WriteContext } from '../write-context.js'

export interface RestoreOptions {
  readonly store: ChangeStore & History
  readonly past: Pick<PastStates, 'ofFlag'>
  readonly changes: Pick<ChangeWriter, 'write'>
  readonly previews: Pick<Previews, 'ofSteps'>
}

export interface RestoreTerms extends ChangeTerms {
  /**
   * Whether to restore also where it is not known of some rows whether they were stored then, because a program wrote them past the triggers.
   * Default: false.
   */
  readonly acceptUntracked?: boolean
}

/** The flag as it was then. */
export interface RestoredPoint extends Pick<FlagThen, 'version' | 'at' | 'revision' | 'uncertain'> {}

export interface Restored {
  readonly to: RestoredPoint
  readonly written: Written
}

/** What restoring a flag would do. */
export interface RestorePreview extends FlagPreview {
  readonly to: RestoredPoint
  /** The changes since the point, newest first: what they did goes, unless it is the same. */
  readonly later: readonly OtherChange[]
}

interface Planned extends PlannedChange {
  readonly to: FlagThen
}

export class Restore {
  readonly #options: RestoreOptions

  constructor(options: RestoreOptions) {
    this.#options = options
  }

  /**
   * Restores a flag. Rejects with FeatureError (`invalid_point`, `not_in_history`), InvalidOperation (`not_restorable` for uncertain rows),
   * StoreUnavailable (`store_conflict` where other writers keep getting in the way) and as any change.
   */
  async apply(
    name: string,
    point: PointText,
    context: WriteContext = {},
    { acceptUntracked = false, ...terms }: RestoreTerms = {},
  ): Promise<Restored> {
    const { changes, store } = this.#options
    const then = await this.#then(name, point, acceptUntracked)
    const before = await madeBefore(store, terms.id, (feature) => feature === name)
    if (before !== null) return { to: then, written: before }
    // A definition may be gone since; the rows were there before.
    const told = { reason: `restore of the revision ${then.revision}`, ...context, force: true }
    const { written } = await readAndWrite(changes, () => this.#plan(then), told, {
      ...terms,
      what: quoted(name),
      details: { restores: then.revision },
    })
    return { to: then, written }
  }

  /** What `apply` would do now. Rejects as `apply`. */
  async preview(
    name: string,
    point: PointText,
    {
      acceptUntracked = false,
      actorClass,
      expect,
    }: Pick<RestoreTerms, 'acceptUntracked' | 'expect'> & Pick<PreviewTerms, 'actorClass'> = {},
  ): Promise<RestorePreview> {
    const { store, previews } = this.#options
    const to = await this.#then(name, point, acceptUntracked)
    const planned = await this.#plan(to)
    await checkExpected(store, planned, expect)
    const { steps, read } = planned
    const later = await othersSince(store, name, to.version)
    return { ...(await previews.ofSteps(name, steps, read, { actorClass })), to, later }
  }

  async #then(name: string, point: PointText, acceptUntracked: boolean): Promise<FlagThen> {
    const then = await this.#options.past.ofFlag(name, point)
    if (then.uncertain.length > 0 && !acceptUntracked) throw uncertain(then)
    return then
  }

  async #plan(to: FlagThen): Promise<Planned & { readonly read: FeatureNow }> {
    const { name } = to
    const read = await this.#options.store.readFeature(name)
    return { names: [name], steps: [stepTo(name, to.stored)], now: new Map([[name, read]]), to, read }
  }
}

function stepTo(name: string, stored: StoredFeature | null): PlannedStep {
  const operation =
    stored === null ? ({ kind: 'remove' } as const) : ({ kind: 'replace', gates: stored.gates } as const)
  return { step: { feature: name, operation }, action: 'restore', things: [], percentage: null, narrows: false }
}

function uncertain({ name, uncertain: rows }: FlagThen): InvalidOperation {
  const [first] = rows
  const example = first === undefined ? '' : `, such as ${rowText(first)}`
  return new InvalidOperation('not_restorable', {
    problem: `${quoted(name)}: of ${counted(rows.length, 'row')}${example} it is not known whether it was stored then, because a program wrote past the triggers`,
    remedy:
      'restore another point, or accept what is probable: --accept-untracked, in code acceptUntracked, over HTTP accept_untracked',
  })
}

function rowText({ gate, value }: UncertainRow): string {
  return gate === null ? 'that of the flag itself' : `${gate} ${quoted(value ?? '')}`
}
