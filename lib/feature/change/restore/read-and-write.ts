// Changes that are planned from what is stored: undo and restore. They are made for the revisions that were read, and planned anew where another
// writer was quicker.
import type { FeatureError } from '../../../errors.js'
import { type FeatureNow, type Revision, revisionOf, sameRevision } from '../../../state/revision.js'
import { changedMeanwhile } from '../../../store/changed-meanwhile.js'
import type { ChangeStore, History } from '../../../store/store.js'
import type { ChangeTerms, ChangeWriter, Expected, Written } from '../change-writer.js'
import { explainConflict, FlagChanged } from '../conflict.js'
import type { PlannedStep } from '../plan.js'
import { untilUnchanged } from '../until-unchanged.js'
import type { WriteContext } from '../write-context.js'

export interface PlannedChange {
  /** The flags that it changes. */
  readonly names: readonly string[]
  readonly steps: readonly PlannedStep[]
  /** What was read of each of them. */
  readonly now: ReadonlyMap<string, FeatureNow>
}

interface Terms extends ChangeTerms {
  /** Of what it is, for the message about other writers, such as `the flags of the change "…"`. */
  readonly what: string
}

/**
 * Plans and writes. Rejects as both; with FlagChanged where a flag does not have the revision that the caller expects, and with
 * StoreUnavailable (`store_conflict`) where other writers keep getting in the way.
 */
export async function readAndWrite<Plan extends PlannedChange>(
  changes: Pick<ChangeWriter, 'write'>,
  plan: () => Promise<Plan>,
  context: WriteContext,
  { what, expect = new Map(), ...terms }: Terms,
): Promise<{ readonly planned: Plan; readonly written: Written }> {
  const attempt = async () => {
    const planned = await plan()
    const expected = new Map([...revisionsOf(planned.now), ...expect])
    return { planned, written: await changes.write(planned.steps, context, { ...terms, expect: expected }) }
  }
  return untilUnchanged(what, attempt, (refusal) => isExpected(refusal, expect))
}

/** What a change wrote that was made before under this id, of one of these flags; null where there is none. Rejects with StoreUnavailable. */
export async function madeBefore(
  store: Pick<History, 'history'>,
  id: string | undefined,
  isOf: (feature: string) => boolean,
): Promise<Written | null> {
  if (id === undefined) return null
  const [entry] = await store.history({ changeId: id, limit: 1 })
  if (entry === undefined || !isOf(entry.feature)) return null
  return { id, position: entry.position, changed: true, repeated: true, unmatched: [], forgotten: 0, processes: null }
}

/** Of a preview, which writes nothing. Rejects with FlagChanged where a flag does not have the revision that the caller expects. */
export async function checkExpected(
  store: ChangeStore & History,
  { steps, now }: PlannedChange,
  expect: Expected = new Map(),
): Promise<void> {
  for (const [name, expected] of expect) {
    const read = now.get(name)
    if (read === undefined || sameRevision(revisionOf(read), expected)) continue
    throw await explainConflict(changedMeanwhile(name), { store, steps: steps.map(({ step }) => step), expect })
  }
}

function revisionsOf(now: PlannedChange['now']): ReadonlyMap<string, Revision> {
  return new Map([...now].map(([name, read]) => [name, revisionOf(read)]))
}

/** Whether it is the caller's own condition that was not met. */
function isExpected(error: FeatureError, expect: Expected): boolean {
  return expect.size > 0 && (!(error instanceof FlagChanged) || expect.has(error.conflict.name))
}
