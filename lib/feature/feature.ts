// The two verbs: check (synchronous, from memory) and change (one transaction). What each method does and throws stands at its
// declaration: check/flag-checks.ts, change/flag-changes.ts, flag-overview.ts. Longer than files usually are: every verb is here once.
import { type Actor, isActor } from '../actors/actor.js'
import { FeatureGroup } from '../actors/groups.js'
import { FeatureError } from '../errors.js'
import { quoted } from '../text/printable.js'
import { holding } from '../time/hold.js'
import {
  type ActorTarget,
  readActors,
  readTargets,
  refuseMisfits,
  refuseOtherKinds,
  refuseUndefined,
  type WriteThing,
} from './change/arguments.js'
import type { Written } from './change/change-writer.js'
import { checkContext, type WriteContext } from './change/write-context.js'
import { exportState, planImport, type StateExport } from './change/export-import.js'
import type { FlagChanges, PreviewOptions, RestoreContext } from './change/flag-changes.js'
import { type FlagOperation, parseOperations } from './change/operations.js'
import * as plan from './change/plan.js'
import type { Preview } from './change/preview/preview.js'
import type { CheckActor, CheckOptions } from './check/arguments.js'
import type { Checker } from './check/check.js'
import type { FlagChecks } from './check/flag-checks.js'
import { readExplainCall, refuseMisuse } from './explain/asked.js'
import type { Explanation } from './explain/explanation.js'
import type { FlagExplanations } from './explain/flag-explanations.js'
import { describeFlag, type FlagDescription } from './describe.js'
import { type ChangeEvent, type ChangeListener, checkListener } from './events.js'
import type { FlagName } from './flag-name.js'
import { type ChangesQuery, checkChangesQuery, checkQuery, type HistoryQuery } from './history/changes-query.js'
import type { ChangesPage } from './history/flag-history.js'
import type { PointText } from './history/point.js'
import type { FlagExperiments } from './experiment/flag-experiments.js'
import type { ExperimentResult } from './experiment/experiment-call.js'
import { checkKeys } from './options-keys.js'
import type { FlagOverview } from './flag-overview.js'
import { type Lifecycle, type Runtime, type StartedRuntime, statusOf } from './runtime.js'
import type { FeatureOptions } from '../config/options.js'
import type { Decision } from '../gates/decide.js'
import type { ReplicaCounts, ReplicaStatus } from '../replica/replica.js'
import type { FlagSnapshot } from '../replica/flag-content.js'
import type { HistoryEntry } from '../store/store.js'

/** Feature flags of one application. `Feature` is the process-wide one; `createFeature` makes others. */
export interface FeatureFlags extends FlagChecks, FlagExplanations, FlagExperiments, FlagChanges, FlagOverview {}

type Actors = ActorTarget | readonly ActorTarget[]

/**
 * The methods over the runtime that an instance has at the time of each call. They take any name and any actor: `FeatureFlags`, under which
 * applications get them, is precise. The class does not say so itself, because no method of a class can have these types once flags are
 * declared, and an application may check the declarations of its packages.
 */
export class LifecycleFlags {
  readonly #lifecycle: Lifecycle
  /**
   * That of the started runtime, kept here because a check would otherwise load two objects more. Null while nothing is started:
   * only there, a check tells that it was asked too early or too late.
   */
  #checker: Checker | null = null

  constructor(lifecycle: Lifecycle) {
    this.#lifecycle = lifecycle
    lifecycle.subscribe((started) => {
      this.#checker = started?.checker ?? null
    })
  }

  /** What an instance runs on, for rooms beside the checks, such as pushes into pages; null for an object that is no instance. Does no work. */
  static lifecycleOf(flags: object): Lifecycle | null {
    return #lifecycle in flags ? flags.#lifecycle : null
  }

  start(options: FeatureOptions = {}): Promise<void> {
    return this.#lifecycle.start(options)
  }

  stop(): Promise<void> {
    return this.#lifecycle.stop()
  }

  enabled(name: FlagName, thing?: CheckActor | CheckOptions | null, options?: CheckOptions): boolean {
    return (this.#checker ?? this.#lifecycle.idle(name).checker).enabled(name, thing, options)
  }

  disabled(name: FlagName, thing?: CheckActor | CheckOptions | null, options?: CheckOptions): boolean {
    return !this.enabled(name, thing, options)
  }

  decide(name: FlagName, thing?: CheckActor | CheckOptions | null, options?: CheckOptions): Decision {
    return (this.#checker ?? this.#lifecycle.idle(name).checker).decide(name, thing, options)
  }

  async explain(name: FlagName, thing?: unknown, options?: unknown): Promise<Explanation> {
    const call = readExplainCall(name, thing, options, this.#runtime.special)
    refuseMisuse(name, call, this.#runtime)
    const { options: asked, ...actors } = call
    const terms = { at: asked.at, defaultIfUndefined: asked.defaultEnabledIfUndefined }
    return holding(this.#started.explanations.of(name, actors, terms))
  }

  async experiment<Variant extends string>(name: FlagName, options: unknown): Promise<ExperimentResult<Variant>> {
    const runtime = this.#checker === null ? this.#lifecycle.idle(name) : this.#runtime
    const experiments = await runtime.experiments()
    // The compiler cannot know that the variant is one of those that were given, or control; `run` sees to it.
    return (await experiments.run(name, options)) as ExperimentResult<Variant>
  }

  async enable(
    name: FlagName,
    thing: true | WriteThing | PromiseLike<WriteThing> = true,
    context?: WriteContext,
  ): Promise<void> {
    // biome-ignore lint/complexity/noArguments: a project that was not found must not enable the flag for everybody
    refuseUndefined('enable', arguments)
    const things = readTargets('enable', await thing, this.#runtime.special)
    this.#refuseUnfit('enable', name, things)
    await this.#write(plan.planEnable(name, things), context)
  }

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

  async enablePercentageOfActors(name: FlagName, percentage: number, context?: WriteContext): Promise<void> {
    await this.#write(plan.planPercentage(name, 'actors', percentage), context)
  }

  async disablePercentageOfActors(name: FlagName, context?: WriteContext): Promise<void> {
    await this.#write(plan.planNoPercentage(name, 'actors'), context)
  }

  async enablePercentageOfTime(name: FlagName, percentage: number, context?: WriteContext): Promise<void> {
    await this.#write(plan.planPercentage(name, 'time', percentage), context)
  }

  async disablePercentageOfTime(name: FlagName, context?: WriteContext): Promise<void> {
    await this.#write(plan.planNoPercentage(name, 'time'), context)
  }

  async optOut(name: FlagName, actor: Actors | PromiseLike<Actors>, context?: WriteContext): Promise<void> {
    const actors = readActors('optOut', await actor, this.#runtime.special)
    this.#refuseUnfit('optOut', name, actors)
    await this.#write(plan.planOptOut(name, actors), context)
  }

  async removeOptOut(name: FlagName, actor: Actors | PromiseLike<Actors>, context?: WriteContext): Promise<void> {
    await this.#write(
      plan.planRemoveOptOut(name, readActors('removeOptOut', await actor, this.#runtime.special), { mustExist: false }),
      context,
    )
  }

  async remove(name: FlagName, context?: WriteContext): Promise<void> {
    await this.#write(plan.planRemove(name), context)
  }

  async preview(name: FlagName, operations: readonly FlagOperation[], options: PreviewOptions = {}): Promise<Preview> {
    checkKeys(options, { of: 'a preview', keys: ['force'], example: '{ force: true }' })
    const { force = false } = options
    return holding(this.#started.previews.ofOperations(name, parseOperations(operations), { force }))
  }

  async undo(changeId: string, context?: WriteContext): Promise<string[]> {
    if (typeof changeId !== 'string') {
      const problem = `the id of the change to undo is ${quoted(changeId)}`
      throw new FeatureError('invalid_arguments', { problem, remedy: 'give a text; history shows it as changeId' })
    }
    if (context !== undefined) checkContext(context)
    const { names } = await holding(this.#started.undo.apply(changeId, context))
    return [...names]
  }

  async restore(name: FlagName, to: PointText, context: RestoreContext = {}): Promise<void> {
    const { acceptUntracked = false, ...rest } = context
    checkContext(rest)
    await holding(this.#started.restore.apply(name, to, rest, { acceptUntracked }))
  }

  optedOut(name: FlagName, actor: Actor): boolean {
    return (
      isActor(actor) && this.#snapshot.entries.get(name)?.gates?.optOuts?.has(actor.flipperId.toWellFormed()) === true
    )
  }

  get(name: FlagName): FlagDescription {
    return describeFlag(name, this.#snapshot.entries.get(name))
  }

  all(): FlagDescription[] {
    return this.persistedNames().map((name) => describeFlag(name, this.#snapshot.entries.get(name)))
  }

  persistedNames(): string[] {
    const names: string[] = []
    for (const flag of this.#snapshot.entries.values()) if (flag.stored !== null) names.push(flag.name)
    return names.sort()
  }

  persisted(name: FlagName): boolean {
    return this.#snapshot.entries.get(name)?.stored != null
  }

  registerGroup(name: string, predicate: (actor: Actor) => boolean): void {
    this.#runtime.groups.register(name, predicate)
  }

  group(name: string): FeatureGroup {
    return new FeatureGroup(name)
  }

  withRequest<T>(fn: () => T): T {
    const { requests, current } = this.#runtime
    return requests.run(current.value, fn)
  }

  status(): ReplicaStatus {
    return statusOf(this.#runtime)
  }

  counts(): ReplicaCounts {
    return this.#started.replica.counts()
  }

  on(event: 'change', listener: ChangeListener): () => void {
    if (event !== 'change') {
      const problem = `there is no event ${quoted(event)}`
      throw new FeatureError('invalid_arguments', { problem, remedy: 'the event is "change"' })
    }
    checkListener(listener)
    return this.#runtime.events.add((changed: ChangeEvent) => listener(changed))
  }

  async refresh(): Promise<void> {
    await holding(this.#started.replica.refreshNow())
  }

  async history(query: HistoryQuery): Promise<readonly HistoryEntry[]> {
    checkQuery(query)
    return holding(this.#started.history.rows(query))
  }

  async changes(query: ChangesQuery = {}): Promise<ChangesPage> {
    checkChangesQuery(query)
    return holding(this.#started.history.changes(query))
  }

  async export(): Promise<StateExport> {
    return exportState(await holding(this.#started.reader.readAll()))
  }

  async import(data: unknown, context?: WriteContext): Promise<string[]> {
    if (context !== undefined) checkContext(context)
    const steps = planImport(data)
    if (steps.length > 0) await this.#write(steps, context)
    return steps.map(({ step }) => step.feature)
  }

  /** The snapshot that checks read now. */
  get #snapshot(): FlagSnapshot {
    return (this.#checker ?? this.#lifecycle.idle(null).checker).snapshot
  }

  get #runtime(): Runtime {
    return this.#lifecycle.runtime
  }

  /** Throws FeatureError (`not_started`). */
  get #started(): StartedRuntime {
    return this.#lifecycle.started
  }

  #refuseUnfit(verb: string, name: FlagName, things: plan.ChangeTargets): void {
    const { checker, catalog } = this.#runtime
    refuseMisfits(verb, things, checker.classes)
    refuseOtherKinds(things, catalog.get(name), checker.kinds)
  }

  #write(steps: readonly plan.PlannedStep[], context: WriteContext | undefined): Promise<Written> {
    return holding(this.#started.changes.write(steps, context))
  }
}
