// What a caller is told whose change was made for a revision that the flag no longer has: what the flag is now, what others changed since,
// and whether the change could be made on top of it.
import { type FeatureError, InvalidOperation } from '../../errors.js'
import type { Operation } from '../../state/operations.js'
import { type FeatureNow, type Revision, revisionOf, revisionText, sameRevision } from '../../state/revision.js'
import type { ChangeStore, History, HistoryEntry, Step } from '../../store/store.js'
import { quoted } from '../../text/printable.js'
import { describeRows, groupedEntries } from '../change-sentences.js'

/** A change of a flag, in words. */
export interface OtherChange {
  /** Null where the writer gave none, as psql does. */
  readonly changeId: string | null
  readonly at: Date
  readonly author: string
  readonly source: string
  readonly reason: string | null
  /** What it did, such as `+ 30 % of actors, − 25 % of actors`. */
  readonly sentence: string
}

export interface Conflict {
  readonly name: string
  /** The revision that the flag has now. */
  readonly revision: string
  /** The changes since, newest first. Empty where a program wrote past the triggers, and for a revision that the flag never had. */
  readonly changes: readonly OtherChange[]
  /** `clean`: the other changes touched other gates only, so that the same change may be sent with the new revision. */
  readonly rebase: 'clean' | 'conflict'
}

/** A change was made for a revision that the flag no longer has. Nothing was written. */
export class FlagChanged extends InvalidOperation {
  /** What the flag is now, and what others changed. */
  readonly conflict: Conflict

  constructor(conflict: Conflict, cause?: unknown) {
    const [newest] = conflict.changes
    const by =
      newest === undefined
        ? 'has another revision than the one that was given, and its history names no change since'
        : `was changed by ${quoted(newest.author)} at ${newest.at.toISOString()} (${newest.sentence})`
    super('flag_changed', {
      problem: `${quoted(conflict.name)} ${by}; nothing was written`,
      remedy: `look at it, and send the change again for its revision ${conflict.revision}`,
      cause,
    })
    this.conflict = conflict
  }
}

interface Refused {
  readonly store: ChangeStore & History
  readonly steps: readonly Step[]
  readonly expect: ReadonlyMap<string, Revision>
}

const mostRows = 10_000

/** The refusal with what has changed. Rejects with StoreUnavailable. */
export async function explainConflict(error: FeatureError, { store, steps, expect }: Refused): Promise<FeatureError> {
  for (const [feature, expected] of expect) {
    const now = await store.readFeature(feature)
    if (sameRevision(revisionOf(now), expected)) continue
    const since = await changesSince(store, feature, expected)
    const mine = steps.filter((step) => step.feature === feature).map(({ operation }) => operation)
    return new FlagChanged(conflictOf(feature, now, since, mine), error)
  }
  return error
}

/** The changes of a flag above a version, newest first. Rejects with StoreUnavailable. */
export async function othersSince(store: History, feature: string, version: string): Promise<readonly OtherChange[]> {
  return inWords(await changesSince(store, feature, { version }))
}

async function changesSince(
  store: History,
  feature: string,
  { version }: Pick<Revision, 'version'>,
): Promise<readonly HistoryEntry[]> {
  // The condition stands in the question: a flag may have a long history, of which a conflict is about the end.
  return store.history({ feature, from: { kind: 'version', version }, limit: mostRows })
}

function conflictOf(
  name: string,
  now: FeatureNow,
  since: readonly HistoryEntry[],
  mine: readonly Operation[],
): Conflict {
  return {
    name,
    revision: revisionText(revisionOf(now)),
    changes: inWords(since),
    rebase: canRebase(since, mine) ? 'clean' : 'conflict',
  }
}

function inWords(newestFirst: readonly HistoryEntry[]): readonly OtherChange[] {
  return groupedEntries(newestFirst).map((group) => ({
    changeId: group[0].changeId,
    at: group[0].at,
    author: group[0].author,
    source: group[0].source,
    reason: group[0].reason,
    sentence: describeRows(group),
  }))
}

/**
 * Whether others touched other gates than these operations do; one without a gate is for all of them. What left no history may have
 * touched any.
 */
export function canRebase(since: readonly HistoryEntry[], mine: readonly Operation[]): boolean {
  if (since.length === 0 || since.some(({ gate, operation }) => gate === null && operation === 'removed')) return false
  const touched = new Set(since.map(({ gate }) => gate))
  return mine.every((operation) => 'gate' in operation && !touched.has(operation.gate))
}
