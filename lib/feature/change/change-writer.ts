// The one place that writes: definition known? trap? then one transaction, the log, and a refresh after COMMIT.
import { randomUUID } from 'node:crypto'
import type { Catalog } from '../../definition/catalog.js'
import { errorText, FeatureError } from '../../errors.js'
import { forgetVariants } from '../../experiments/forget.js'
import type { Logger } from '../../log.js'
import type { Acknowledgements, Cache } from '../../cache/cache.js'
import type { Limits } from '../../config/options.js'
import type { FlagReplica, FlagSnapshot } from '../../replica/flag-content.js'
import { rowsOf } from '../../state/operations.js'
import { revisionOf, sameRevision } from '../../state/revision.js'
import type { Position } from '../../state/state.js'
import { rowCount } from '../../state/stored-rows.js'
import { changedMeanwhile } from '../../store/changed-meanwhile.js'
import type { ChangeDetails } from '../../store/change-origin.js'
import type { Applied, AssignmentStore, Change, ChangeStore, History, Step } from '../../store/store.js'
import { within } from '../../time/deadlines.js'
import type { ChangeEvents } from '../events.js'
import type { Requests } from '../request-scope.js'
import { explainConflict } from './conflict.js'
import { ChangeGuard } from './change-guard.js'
import { logPlanned } from './change-log.js'
import { Misses, type Unmatched } from './misses.js'
import type { PlannedStep } from './plan.js'
import { NothingStored, processesLag, waitNeedsCache } from './refusals.js'
import { checkContext, type WriteContext } from './write-context.js'
import { programName } from '../../text/program-name.js'

/** What of the other parts a change uses. */
export interface ChangeWriterOptions {
  readonly store: ChangeStore & History & { readonly assignments: Pick<AssignmentStore, 'remove'> }
  readonly replica: Pick<FlagReplica, 'snapshot' | 'refreshNow'>
  /** Where the other processes are asked whether they have a change; null: they cannot be asked. */
  readonly cache: Pick<Cache, 'waitForAll'> | null
  readonly catalog: Pick<Catalog, 'get' | 'brokenFault' | 'suggest'>
  readonly events: Pick<ChangeEvents, 'writing'>
  readonly requests: Pick<Requests, 'repin'>
  readonly logger: Logger
  readonly limits: Limits
  /** Of changes that name none. */
  readonly author: string
  readonly source: string
}

/** What a change has done. */
export interface Written {
  /** The id of the change in the history, where a row changed. */
  readonly id: string
  /** The position that it made; null where no row changed, or where the triggers did not run. */
  readonly position: Position | null
  /** Whether a row changed. */
  readonly changed: boolean
  /** Whether the change was made before, under the same id, so that nothing was written this time. */
  readonly repeated: boolean
  /** What was to be taken off a list and was not on it. */
  readonly unmatched: readonly Unmatched[]
  /** How many actors' variants of experiments went with the flags that were deleted. */
  readonly forgotten: number
  /** Which other processes have it and which lag; null where they were not asked, or do not know of each other. */
  readonly processes: Acknowledgements | null
}

/** The revisions that flags must have, by flag. */
export type Expected = NonNullable<Change['expect']>

/** On which terms a change is made. */
export interface ChangeTerms {
  readonly expect?: Expected
  /** What is told of the change beside its rows. */
  readonly details?: ChangeDetails
  /** The caller's own id, under which it may send the change again. Default: a new one. */
  readonly id?: string
  /** Whether to wait for the other processes, as `wait` does, and to tell which have it instead of failing for those that lag. */
  readonly asksProcesses?: boolean
}

export type WrittenListener = (written: Written, features: ReadonlySet<string>) => void

/** How long a change waits to be read back, at least; the read goes on after that. */
const readBackMs = 2_000
/** Reading a row and compiling it takes some 2 µs, and on a busy machine several times that. */
const readBackMsPerRow = 0.02
/** How long a change with `wait` waits for the other processes. */
const confirmMs = 5_000
const noneAsked: Acknowledgements = { confirmed: 0, lagging: [] }

export class ChangeWriter {
  readonly #options: ChangeWriterOptions
  readonly #guard: ChangeGuard
  readonly #listeners: WrittenListener[] = []

  constructor(options: ChangeWriterOptions) {
    this.#options = options
    this.#guard = new ChangeGuard(options)
  }

  /** Calls the listener after each change, also after one that changed nothing. */
  subscribe(listener: WrittenListener): void {
    this.#listeners.push(listener)
  }

  /**
   * Writes all steps in one transaction, or none.
   * Throws InvalidFeatureFlagError, InvalidOperation, StoreUnavailable or OutcomeUnknown; only in the last case something may
   * be written. Throws FlagChanged where a flag no longer has the revision in `expect`, and FeatureError
   * (`invalid_arguments`) for the id of a change of other flags. With `wait`, FeatureError (`processes_lag`) after the change is stored.
   */
  async write(
    planned: readonly PlannedStep[],
    context: WriteContext = {},
    { expect, id, details, asksProcesses = false }: ChangeTerms = {},
  ): Promise<Written> {
    checkContext(context)
    const { source } = this.#options
    if (context.wait && this.#options.cache === null) throw waitNeedsCache()
    const names = new Set(planned.map(({ step }) => step.feature))
    // That of before the change.
    const { entries } = this.#options.replica.snapshot
    const misses = new Misses(planned, (feature) => entries.get(feature)?.stored?.gates.get('groups') ?? [])
    const force = context.force === true
    const steps = this.#guard.guarded(planned, { force, trap: !force }, misses)
    const change = {
      id: id ?? randomUUID(),
      ...(id === undefined ? {} : { mayRepeat: true }),
      author: context.author ?? this.#options.author,
      source: context.source ?? source,
      reason: context.reason ?? null,
      steps,
      ...(expect === undefined ? {} : { expect }),
      ...(details === undefined ? {} : { details }),
    }
    const applied = await this.#apply(change, names)
    // What changes nothing has no row in the history, and no line in the log.
    const isNew = applied.changed && applied.repeated !== true
    if (isNew) logPlanned(this.#options.logger, planned, change)
    if (applied.changed && applied.position === null) this.#warnUnrecorded(names)
    await this.#readBack(applied, names, steps)
    if (context.wait) await this.#confirm(applied.position, context.onConfirmed)
    const { changed, position, repeated = false } = applied
    const forgotten = repeated ? 0 : await this.#forget(planned)
    const unmatched = repeated ? [] : misses.found()
    const processes = asksProcesses ? await this.#told(position) : null
    const written = { id: change.id, changed, position, repeated, unmatched, forgotten, processes }
    for (const listener of this.#listeners) listener(written, names)
    return written
  }

  /** The change is committed whatever happens here: a store that fails right afterwards must not make it look refused. */
  async #readBack({ position, changed }: Applied, names: ReadonlySet<string>, steps: readonly Step[]): Promise<void> {
    const { replica, requests, logger } = this.#options
    const { entries } = replica.snapshot
    try {
      await within(longestReadBackMs(steps, entries), replica.refreshNow(changed ? { position, names } : null))
    } catch (error) {
      logger.warn({ error: errorText(error) }, 'feature flags: a change is stored, but could not be read back yet')
    }
    requests.repin(replica.snapshot)
  }

  /** After the flag is gone: from then on nothing is kept of it. A deletion that is repeated goes on where the last one ended. */
  async #forget(planned: readonly PlannedStep[]): Promise<number> {
    const { store, catalog, logger } = this.#options
    let forgotten = 0
    for (const { step, action } of planned) {
      // A flag without a definition may have been an experiment.
      const { type = 'experiment' } = catalog.get(step.feature) ?? {}
      if (action !== 'remove' || type !== 'experiment') continue
      try {
        forgotten += await forgetVariants(store.assignments, step.feature)
      } catch (error) {
        // Without the table there is nothing to delete.
        if (error instanceof FeatureError && error.code === 'not_migrated') continue
        const message = 'feature flags: a flag is deleted, but not the variants of its actors; delete it once more'
        logger.warn({ flag: step.feature, error: errorText(error) }, message)
      }
    }
    return forgotten
  }

  async #confirm(made: Position | null, onConfirmed: WriteContext['onConfirmed']): Promise<void> {
    const asked = await this.#askAll(made)
    if (asked === null) return
    if (asked.lagging.length > 0) throw processesLag(asked.confirmed, asked.lagging)
    onConfirmed?.(asked.confirmed)
  }

  /** The change is committed: what keeps the others from being asked must not make it look refused. */
  async #told(made: Position | null): Promise<Acknowledgements | null> {
    try {
      return await this.#askAll(made)
    } catch (error) {
      const { logger } = this.#options
      logger.warn(
        { error: errorText(error) },
        'feature flags: a change is stored, but which processes have it could not be asked',
      )
      return null
    }
  }

  async #askAll(made: Position | null): Promise<Acknowledgements | null> {
    const { cache, replica } = this.#options
    const { identity, position: newest } = replica.snapshot
    // Nothing changed, yet others may still wait for the change that made it so: as when one that lagged is repeated.
    const position = made ?? newest
    if (cache === null || position === null) return null
    return identity === null ? noneAsked : await cache.waitForAll(identity, position, confirmMs)
  }

  async #apply(change: Change, names: ReadonlySet<string>): Promise<Applied> {
    const done = this.#options.events.writing(names)
    try {
      const applied = await this.#options.store.apply(change)
      done(applied.position)
      return applied
    } catch (error) {
      done(null)
      if (!(error instanceof NothingStored)) throw await this.#explained(error, change)
      if (change.expect !== undefined) await this.#compareNow(change, change.expect)
      return { position: null, changed: false }
    }
  }

  /** A change that had nothing to do was made for a revision, too. Throws FlagChanged. */
  async #compareNow(change: Change, expect: Expected): Promise<void> {
    for (const [feature, expected] of expect) {
      const now = revisionOf(await this.#options.store.readFeature(feature))
      if (!sameRevision(now, expected)) throw await this.#explained(changedMeanwhile(feature), change)
    }
  }

  /** A refusal for a changed flag, with what has changed. Whatever keeps that from being read, the refusal stays. */
  async #explained(error: unknown, { steps, expect }: Change): Promise<unknown> {
    if (!(error instanceof FeatureError) || error.code !== 'flag_changed' || expect === undefined) return error
    try {
      return await explainConflict(error, { store: this.#options.store, steps, expect })
    } catch {
      return error // What changed could not be read; that the flag changed is certain.
    }
  }

  /** The triggers were off, missing, or not asked (`session_replication_role`): no other process is told by the database. */
  #warnUnrecorded(names: ReadonlySet<string>): void {
    const message =
      'feature flags: the change is stored, but not in the history, and it has no position: the triggers of the database did ' +
      `not run. Run ${programName()} status to see why; ${programName()} migrate repairs them`
    this.#options.logger.warn({ flags: [...names].slice(0, 10) }, message)
  }
}

/**
 * Until a change is read back, the writer's next check does not see it. Whole flags are read, however little of them was written, so
 * the rows of before count too.
 */
function longestReadBackMs(steps: readonly Step[], entries: FlagSnapshot['entries']): number {
  let rows = 0
  for (const { operation } of steps) rows += rowsOf(operation).length
  for (const feature of new Set(steps.map((step) => step.feature))) {
    const stored = entries.get(feature)?.stored ?? null
    if (stored !== null) rows += rowCount(stored)
  }
  return readBackMs + rows * readBackMsPerRow
}
