// What a caller is told whose change was made for a revision that the flag no longer has: what the flag is now, what others changed since,
// and whether the change could be made on top of it.
import { type FeatureError, InvalidOperation } from '../../errors.js'
import type { Operation } from '../../state/operations.js'
import {
  contentDigest,
  contentPart,
  type FeatureNow,
  type Revision,
  revisionOf,
  revisionText,
  sameRevision,
} from '../../state/revision.js'
import { gatesOf, storedFeature } from '../../state/rows-after.js'
import type { Position, StoredFeature } from '../../state/state.js'
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
  /** What it did, such as `25 → 30 % of actors`. */
  readonly sentence: string
}

export interface Conflict {
  readonly name: string
  /** The revision that the flag has now. */
  readonly revision: string
  /** The changes since, newest first. Empty where a program wrote past the triggers, and for a revision that the flag never had. */
  readonly changes: readonly OtherChange[]
  /**
   * `clean`: the other changes touched other gates only, so that the same change may be sent with the new revision. `conflict` also where the history
   * does not tell all of them.
   */
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
  /** The most rows of the history that are read. */
  readonly most?: number
}

const mostRows = 10_000

/** The refusal with what has changed. Rejects with StoreUnavailable. */
export async function explainConflict(
  error: FeatureError,
  { store, steps, expect, most = mostRows }: Refused,
): Promise<FeatureError> {
  for (const [feature, expected] of expect) {
    const now = await store.readFeature(feature)
    if (sameRevision(revisionOf(now), expected)) continue
    const since = await changesSince(store, feature, expected, { to: now.newest, most })
    const isWhole = since.length < most && leadsBackTo(expected, feature, now, since)
    const mine = steps.filter((step) => step.feature === feature).map(({ operation }) => operation)
    const conflict = {
      name: feature,
      revision: revisionText(revisionOf(now)),
      changes: inWords(since),
      rebase: isWhole && touchOtherGates(since, mine) ? 'clean' : 'conflict',
    } as const
    return new FlagChanged(conflict, error)
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
  { to = null, most = mostRows }: { readonly to?: Position | null; readonly most?: number } = {},
): Promise<readonly HistoryEntry[]> {
  // The condition stands in the question: a flag may have a long history, of which a conflict is about the end.
  const bound = (at: string) => ({ kind: 'version', version: at }) as const
  const bounds = { from: bound(version), ...(to === null ? {} : { to: bound(to.version) }) }
  return store.history({ feature, ...bounds, limit: most })
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

/** Whether others touched other gates than these operations do; one without a gate is for all of them. */
function touchOtherGates(since: readonly HistoryEntry[], mine: readonly Operation[]): boolean {
  if (since.length === 0 || since.some(({ gate, operation }) => gate === null && operation === 'removed')) return false
  const touched = new Set(since.map(({ gate }) => gate))
  return mine.every((operation) => 'gate' in operation && !touched.has(operation.gate))
}

/**
 * Whether the rows of the history are all that was changed: undone from what is stored, the newest first, they must lead back to the content of the revision.
 * They do not where rows of the history were deleted since, and where a program wrote past the triggers: such a change may have touched any gate.
 */
function leadsBackTo(
  { content }: Revision,
  name: string,
  { stored }: FeatureNow,
  newestFirst: readonly HistoryEntry[],
): boolean {
  let isStored = stored !== null
  const gates = new Map([...(stored === null ? [] : gatesOf(stored))].map(([gate, values]) => [gate, new Set(values)]))
  for (const { gate, value, operation } of newestFirst) {
    const wasThere = operation === 'removed'
    const values = gate === null ? null : (gates.get(gate) ?? new Set())
    if (gate === null || values === null) isStored = wasThere
    else if (wasThere) gates.set(gate, values.add(value ?? ''))
    else values.delete(value ?? '')
  }
  const left = new Map([...gates].filter(([, values]) => values.size > 0))
  const was: StoredFeature | null = isStored || left.size > 0 ? storedFeature(name, left) : null
  return contentPart(contentDigest(was)) === content
}
