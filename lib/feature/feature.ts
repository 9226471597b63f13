// The two verbs: check (synchronous, from memory) and change (one transaction). The public methods read as one page.
// State: a snapshot before start() (the definitions' defaults), then whatever the replica swaps in.
import { type Actor, isActor } from '../actors/actor.js'
import { FeatureGroup } from '../actors/groups.js'
import { FeatureError } from '../errors.js'
import type { Checker } from './check/check.js'
import type { ChangeEvent, ChangeListener } from './events.js'
import type { CheckActor, CheckOptions } from './check/arguments.js'
import { describeFlag, type FlagDescription } from './describe.js'
import type { FlagName } from './flag-name.js'
import { type Lifecycle, type Runtime, type StartedRuntime, statusOf } from './runtime.js'
import * as plan from './change/plan.js'
import { readActors, readTargets, refuseUndefined, type WriteThing } from './change/arguments.js'
import { type StateExport, exportState, planImport } from './change/export-import.js'
import type { WriteContext } from './change/change-writer.js'
import type { Config } from '../config/config.js'
import type { FeatureOptions } from '../config/options.js'
import type { Catalog } from '../definition/catalog.js'
import type { Decision } from '../gates/decide.js'
import type { ReplicaCounts, ReplicaStatus } from '../replica/replica.js'
import type { FlagSnapshot } from '../replica/flag-content.js'
import { holding } from '../time/hold.js'
import type { HistoryEntry, HistoryQuery, TokenStore } from '../store/store.js'
import { quoted } from '../text/printable.js'

/** Feature flags of one application. `Feature` is the process-wide one; `createFeature` makes others. */
export class FeatureFlags {
  readonly #lifecycle: Lifecycle
  /** That of the runtime, kept here because a check would otherwise load two objects more. Null before the first call. */
  #checker: Checker | null = null

  constructor(lifecycle: Lifecycle) {
    this.#lifecycle = lifecycle
    lifecycle.subscribe(({ checker }) => {
      this.#checker = checker
    })
  }

  /**
   * Opens the store, loads the definitions and has a first snapshot; ready within 2 s even when nothing can be reached.
   * Throws ConfigurationError, and InvalidFeatureFlagError for an invalid definition in strict mode.
   */
  start(options: FeatureOptions = {}): Promise<void> {
    return this.#lifecycle.start(options)
  }

  /** Ends connections, timers and watchers; checks go on answering from the last snapshot. Safe to call twice. */
  stop(): Promise<void> {
    return this.#lifecycle.stop()
  }

  /** Whether the flag is on, for the actor if one is given. Throws InvalidFeatureFlagError in strict mode, never in production. */
  enabled(name: FlagName, options?: CheckOptions): boolean
  enabled(name: FlagName, actor: CheckActor | null | undefined, options?: CheckOptions): boolean
  enabled(name: FlagName, thing?: unknown, options?: CheckOptions): boolean {
    return (this.#checker ?? this.#runtime.checker).enabled(name, thing, options)
  }

  /** The opposite of `enabled`. */
  disabled(name: FlagName, options?: CheckOptions): boolean
  disabled(name: FlagName, actor: CheckActor | null | undefined, options?: CheckOptions): boolean
  disabled(name: FlagName, thing?: unknown, options?: CheckOptions): boolean {
    return !this.enabled(name, thing as CheckActor, options)
  }

  /** The answer with its reason: which gate, the default, an opt-out. Throws as `enabled`. */
  decide(name: FlagName, thing?: CheckActor | CheckOptions | null, options?: CheckOptions): Decision {
    return this.#runtime.checker.decide(name, thing, options)
  }

  /**
   * Turns the flag on for everybody, or for actors or a group. Resolves after COMMIT, when this process answers accordingly.
   * Throws InvalidFeatureFlagError, InvalidOperation (`default_on_trap`, `opted_out`, `limit_exceeded`), StoreUnavailable, OutcomeUnknown.
   */
  async enable(
    name: FlagName,
    thing: true | WriteThing | PromiseLike<WriteThing> = true,
    context?: WriteContext,
  ): Promise<void> {
    // biome-ignore lint/complexity/noArguments: a project that was not found must not enable the flag for everybody
    refuseUndefined('enable', arguments)
    const things = readTargets('enable', await thing, this.#runtime.special)
    await this.#write(plan.planEnable(name, things), context)
  }

  /** Turns the flag off for everybody (all gates go), or takes actors or a group off its list. Throws as `enable`. */
  async disable(
    name: FlagName,
    thing: false | WriteThing | PromiseLike<WriteThing> = false,
    context?: WriteContext,
  ): Promise<void> {
    // biome-ignore lint/complexity/noArguments: as in enable
    refuseUndefined('disable', arguments)
    const things = readTargets('disable', await thing, this.#runtime.special)
    await this.#write(plan.planDisable(name, things), context)
  }

  /** Opens the flag to a share of actors, 0 to 100, always the same ones. Throws as `enable`, and `already_enabled`. */
  async enablePercentageOfActors(name: FlagName, percentage: number, context?: WriteContext): Promise<void> {
    await this.#write(plan.planPercentage(name, 'actors', percentage), context)
  }

  /** Sets the percentage of actors to 0. Throws as `enable`. */
  async disablePercentageOfActors(name: FlagName, context?: WriteContext): Promise<void> {
    await this.#write(plan.planNoPercentage(name, 'actors'), context)
  }

  /** Opens the flag to a share of checks, 0 to 100, at random. Throws as `enable`, and `already_enabled`. */
  async enablePercentageOfTime(name: FlagName, percentage: number, context?: WriteContext): Promise<void> {
    await this.#write(plan.planPercentage(name, 'time', percentage), context)
  }

  /** Sets the percentage of time to 0. Throws as `enable`. */
  async disablePercentageOfTime(name: FlagName, context?: WriteContext): Promise<void> {
    await this.#write(plan.planNoPercentage(name, 'time'), context)
  }

  /** Denies the flag to an actor, whatever its gates say; gone with the next global enable or disable. Throws as `enable`. */
  async optOut(name: FlagName, actor: Actor | readonly Actor[], context?: WriteContext): Promise<void> {
    await this.#write(plan.planOptOut(name, readActors('optOut', await actor, this.#runtime.special)), context)
  }

  /** Takes an opt-out back. Throws InvalidOperation (`opted_out`) where there is none. */
  async removeOptOut(name: FlagName, actor: Actor | readonly Actor[], context?: WriteContext): Promise<void> {
    await this.#write(
      plan.planRemoveOptOut(name, readActors('removeOptOut', await actor, this.#runtime.special)),
      context,
    )
  }

  /** Deletes what is stored of the flag, so that its default counts again; fine where nothing is stored. Throws StoreUnavailable. */
  async remove(name: FlagName, context?: WriteContext): Promise<void> {
    await this.#write(plan.planRemove(name), context)
  }

  /** Applies planned steps in one transaction; resolves true when a row changed. Throws as `enable`. */
  async change(steps: readonly plan.PlannedStep[], context?: WriteContext): Promise<boolean> {
    return this.#write(steps, context)
  }

  /** Whether the actor has opted out of the flag. */
  optedOut(name: FlagName, actor: Actor): boolean {
    return (
      isActor(actor) && this.snapshot.entries.get(name)?.gates?.optOuts?.has(actor.flipperId.toWellFormed()) === true
    )
  }

  /** Name, state, gates and definition of one flag. */
  get(name: FlagName): FlagDescription {
    return describeFlag(name, this.snapshot.entries.get(name))
  }

  /** All stored flags (GitLab: `Feature.all`), by name. */
  all(): FlagDescription[] {
    return this.persistedNames().map((name) => describeFlag(name, this.snapshot.entries.get(name)))
  }

  /** The names of all stored flags, sorted. */
  persistedNames(): string[] {
    const names: string[] = []
    for (const flag of this.snapshot.entries.values()) if (flag.stored !== null) names.push(flag.name)
    return names.sort()
  }

  /** Whether anything is stored of the flag; a stored flag's default no longer counts. */
  persisted(name: FlagName): boolean {
    return this.snapshot.entries.get(name)?.stored != null
  }

  /** Names a predicate over actors, which `Feature.group(name)` then stands for. Throws for a name that is taken. */
  registerGroup(name: string, predicate: (actor: Actor) => boolean): void {
    this.#runtime.groups.register(name, predicate)
  }

  /** A group as the thing of `enable` and `disable`. Throws for a name that cannot be one. */
  group(name: string): FeatureGroup {
    return new FeatureGroup(name)
  }

  /** Runs `fn` with one request id and one pinned snapshot for all checks inside. */
  withRequest<T>(fn: () => T): T {
    const { requests, current } = this.#runtime
    return requests.run(current.value, fn)
  }

  /** How current this process is. */
  status(): ReplicaStatus {
    return statusOf(this.#runtime)
  }

  /** How often the replica refreshed, by kind, and how many hints it heard. */
  counts(): ReplicaCounts {
    return this.#started.replica.counts()
  }

  /** Calls the listener for each flag that changed, after the swap; returns a function that ends it. */
  on(event: 'change', listener: ChangeListener): () => void {
    if (event !== 'change') {
      const problem = `there is no event ${quoted(event)}`
      throw new FeatureError('invalid_arguments', { problem, remedy: 'the event is "change"' })
    }
    return this.#runtime.events.add((changed: ChangeEvent) => listener(changed))
  }

  /** Reads the store now, and resolves when this process answers accordingly. Throws StoreUnavailable. */
  async refresh(): Promise<void> {
    await holding(this.#started.replica.refreshNow())
  }

  /** The history of changes, newest first. Throws StoreUnavailable. */
  async history(query: HistoryQuery): Promise<readonly HistoryEntry[]> {
    return holding(this.#started.history.history(query))
  }

  /** Everything stored, as data. Throws StoreUnavailable. */
  async export(): Promise<StateExport> {
    return exportState(await holding(this.#started.reader.readAll()))
  }

  /** Stores flags exactly as exported, all or none. Throws FeatureError (`invalid_import`) and as `enable`. */
  async import(data: unknown, context?: WriteContext): Promise<string[]> {
    const steps = planImport(data)
    if (steps.length > 0) await this.#write(steps, context)
    return steps.map(({ step }) => step.feature)
  }

  /** The tokens of the HTTP API. Throws FeatureError (`not_started`). */
  get tokens(): TokenStore {
    return this.#started.tokens
  }

  /** Definitions, their faults and suggestions. */
  get catalog(): Catalog {
    return this.#runtime.catalog
  }

  /** The configuration in force. */
  get config(): Config {
    return this.#runtime.config
  }

  /** The snapshot that checks read now. */
  get snapshot(): FlagSnapshot {
    return this.#runtime.checker.snapshot
  }

  get #runtime(): Runtime {
    return this.#lifecycle.runtime
  }

  /** Throws FeatureError (`not_started`). */
  get #started(): StartedRuntime {
    return this.#lifecycle.started
  }

  #write(steps: readonly plan.PlannedStep[], context: WriteContext | undefined): Promise<boolean> {
    return holding(this.#started.changes.write(steps, context))
  }
}
