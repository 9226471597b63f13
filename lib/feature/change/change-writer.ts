// The one place that writes: definition known? trap? then one transaction, the log, and a refresh after COMMIT.
import { randomUUID } from 'node:crypto'
import type { Catalog } from '../../definition/catalog.js'
import { undefinableName } from '../../definition/name.js'
import { quoted } from '../../text/printable.js'
import { errorText, FeatureError, InvalidFeatureFlagError } from '../../errors.js'
import { forgetVariants } from '../../experiments/forget.js'
import type { Logger } from '../../log.js'
import type { Acknowledgements, Cache } from '../../cache/cache.js'
import type { Limits } from '../../config/options.js'
import type { FlagReplica } from '../../replica/flag-content.js'
import type { Position } from '../../state/state.js'
import type { Applied, AssignmentStore, Change, ChangeStore, Current, Step } from '../../store/store.js'
import { within } from '../../time/deadlines.js'
import type { ChangeEvents } from '../events.js'
import type { Requests } from '../request-scope.js'
import { logPlanned } from './change-log.js'
import { LimitGuard, listedActors } from './limits.js'
import { Misses, type Unmatched } from './misses.js'
import type { PlannedStep } from './plan.js'
import { defaultOnTrap, NothingStored, processesLag, waitNeedsCache } from './refusals.js'
import { checkContext, type WriteContext } from './write-context.js'
import { programName } from '../../text/program-name.js'

/** What of the other parts a change uses. */
export interface ChangeWriterOptions {
  readonly store: ChangeStore & { readonly assignments: Pick<AssignmentStore, 'remove'> }
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
  /** Whether a row changed. */
  readonly changed: boolean
  /** What was to be taken off a list and was not on it. */
  readonly unmatched: readonly Unmatched[]
  /** How many actors' variants of experiments went with the flags that were deleted. */
  readonly forgotten: number
}

export type WrittenListener = (written: Written, features: ReadonlySet<string>) => void

/** How long a change waits to be read back; the read goes on after that. */
const readBackMs = 2_000
/** How long a change with `wait` waits for the other processes. */
const confirmMs = 5_000
const longestKey = 255
const noneAsked: Acknowledgements = { confirmed: 0, lagging: [] }

export class ChangeWriter {
  readonly #options: ChangeWriterOptions
  readonly #limits: LimitGuard
  readonly #listeners: WrittenListener[] = []

  constructor(options: ChangeWriterOptions) {
    this.#options = options
    this.#limits = new LimitGuard(options)
  }

  /** Calls the listener after each change, also after one that changed nothing. */
  subscribe(listener: WrittenListener): void {
    this.#listeners.push(listener)
  }

  /**
   * Writes all steps in one transaction, or none.
   * Throws InvalidFeatureFlagError, InvalidOperation, StoreUnavailable or OutcomeUnknown; only in the last case something may
   * be written. With `wait`, FeatureError (`processes_lag`) after the change is stored.
   */
  async write(planned: readonly PlannedStep[], context: WriteContext = {}): Promise<Written> {
    checkContext(context)
    const { source } = this.#options
    if (context.wait && this.#options.cache === null) throw waitNeedsCache()
    for (const one of planned) this.#checkName(one, context.force === true)
    const steps = planned.map(({ step }) => step)
    this.#limits.checkSize(steps)
    const overLimit = this.#limits.countChecks(steps)
    const names = new Set(steps.map(({ feature }) => feature))
    const misses = new Misses(planned, this.#options.replica.snapshot)
    const change = {
      id: randomUUID(),
      author: context.author ?? this.#options.author,
      source: context.source ?? source,
      reason: context.reason ?? null,
      steps: planned.map((one, index) =>
        this.#guard(one, context.force === true, overLimit[index] ?? (() => null), misses),
      ),
    }
    const applied = await this.#apply(change, names)
    // What changes nothing has no row in the history, and no line in the log.
    if (applied.changed) logPlanned(this.#options.logger, planned, change)
    if (applied.changed && applied.position === null) this.#warnUnrecorded(names)
    await this.#readBack(applied, names)
    if (context.wait) await this.#confirm(applied.position, context.onConfirmed)
    const forgotten = await this.#forget(planned)
    const written = { changed: applied.changed, unmatched: misses.found(), forgotten }
    for (const listener of this.#listeners) listener(written, names)
    return written
  }

  /** The change is committed whatever happens here: a store that fails right afterwards must not make it look refused. */
  async #readBack({ position, changed }: Applied, names: ReadonlySet<string>): Promise<void> {
    const { replica, requests, logger } = this.#options
    try {
      await within(readBackMs, replica.refreshNow(changed ? { position, names } : null))
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
    const { cache, replica } = this.#options
    const { identity, position: newest } = replica.snapshot
    // Nothing changed, yet others may still wait for the change that made it so: as when one that lagged is repeated.
    const position = made ?? newest
    if (cache === null || position === null) return
    const asked = identity === null ? noneAsked : await cache.waitForAll(identity, position, confirmMs)
    if (asked.lagging.length > 0) throw processesLag(asked.confirmed, asked.lagging)
    onConfirmed?.(asked.confirmed)
  }

  async #apply(change: Change, names: ReadonlySet<string>): Promise<Applied> {
    const done = this.#options.events.writing(names)
    try {
      const applied = await this.#options.store.apply(change)
      done(applied.position)
      return applied
    } catch (error) {
      done(null)
      if (error instanceof NothingStored) return { position: null, changed: false }
      throw error
    }
  }

  /** The triggers were off, missing, or not asked (`session_replication_role`): no other process is told by the database. */
  #warnUnrecorded(names: ReadonlySet<string>): void {
    const message =
      'feature flags: the change is stored, but not in the history, and it has no position: the triggers of the database did ' +
      `not run. Run ${programName()} status to see why; ${programName()} migrate repairs them`
    this.#options.logger.warn({ flags: [...names].slice(0, 10) }, message)
  }

  #checkName({ step, action }: PlannedStep, force: boolean): void {
    const name = step.feature
    // Another program may have stored a flag without a name: it can be taken away, and come back with an import.
    const isNamed = name !== '' || action === 'remove' || action === 'import'
    if (!isNamed || name.length > longestKey || name.includes('\0') || !name.isWellFormed()) {
      throw new InvalidFeatureFlagError('invalid_name', {
        problem: `${quoted(name)} cannot be stored as the name of a flag`,
        remedy: `give 1 to ${longestKey} characters without NUL`,
      })
    }
    const { catalog } = this.#options
    if (force || action === 'remove' || catalog.get(name) !== undefined) return
    const broken = catalog.brokenFault(name)
    if (broken !== null) throw broken
    const close = catalog.suggest(name)
    const undefinable = undefinableName(name)
    const hint = close === null ? '' : `did you mean "${close}"? Otherwise `
    throw new InvalidFeatureFlagError('unknown_flag', {
      problem: `the feature flag ${quoted(name)} has no definition`,
      remedy: `${hint}${undefinable === null ? 'define it first, or give force: true' : `give force: true; ${undefinable}`}`,
    })
  }

  /** The step with its check: the default-on trap, the limits, and then what was planned. */
  #guard(planned: PlannedStep, force: boolean, overLimit: NonNullable<Step['check']>, misses: Misses): Step {
    const { step, action, narrows, onlyStored } = planned
    const definition = this.#options.catalog.get(step.feature)
    const trap = narrows && !force && definition?.defaultEnabled === true
    const check = (current: Current): FeatureError | null => {
      misses.see(planned, current)
      if (onlyStored === true && !current.persisted) return new NothingStored()
      if (trap && !current.persisted) return defaultOnTrap(step.feature, action)
      return overLimit(current) ?? step.check?.(current) ?? null
    }
    return { ...step, lookup: [...(step.lookup ?? []), ...listedActors(step.operation)], check }
  }
}
