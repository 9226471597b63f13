// One instance as the command line and the server use it: the flags of applications, and beside them what only these two need.
import type { Config } from '../config/config.js'
import type { FeatureOptions } from '../config/options.js'
import type { Catalog } from '../definition/catalog.js'
import type { ChangeTerms, Written, WrittenListener } from '../feature/change/change-writer.js'
import type { FlagOperation } from '../feature/change/operations.js'
import type { PlannedStep } from '../feature/change/plan.js'
import type { FlagOutline } from '../feature/change/preview/outline.js'
import type { PresentEffect } from '../feature/change/preview/present-effect.js'
import type { Preview } from '../feature/change/preview/preview.js'
import type { PreviewTerms } from '../feature/change/preview/previews.js'
import type { Restore } from '../feature/change/restore/restore.js'
import type { Undo } from '../feature/change/restore/undo.js'
import type { WriteContext } from '../feature/change/write-context.js'
import type { PastStates } from '../feature/history/past.js'
import type { Explanations } from '../feature/explain/explanations.js'
import { type FeatureFlags, LifecycleFlags } from '../feature/feature.js'
import { judgeStubsBy } from '../feature/scope/stub-rules.js'
import type { ProjectFlags } from '../project-flags/project-flags.js'
import type { ProjectReports } from '../project-flags/reports/project-reports.js'
import type { SwapListener } from '../replica/current-snapshot.js'
import type { Flag } from '../replica/flag.js'
import type { FlagSnapshot } from '../replica/flag-content.js'
import type { ProcessesNow } from '../replica/processes.js'
import type { ServedProjects } from '../replica/projects/served-projects.js'
import type { FeatureNow } from '../state/revision.js'
import { StoreUnavailable } from '../errors.js'
import { programName } from '../text/program-name.js'
import type { SignInStore } from '../store/sign-ins.js'
import type { HistoryFeed } from '../store/history/feed.js'
import type { TokenStore } from '../store/store.js'
import { holding } from '../time/hold.js'
import { InstanceLifecycle } from './lifecycle.js'
import type { InstanceOptions } from './runtime.js'

export class Instance {
  /** What applications use. */
  readonly feature: FeatureFlags
  readonly #lifecycle: InstanceLifecycle

  /** Opens nothing. */
  constructor(instance: InstanceOptions, options: FeatureOptions) {
    this.#lifecycle = new InstanceLifecycle(instance, options)
    judgeStubsBy(this.#lifecycle)
    this.feature = new LifecycleFlags(this.#lifecycle)
  }

  /** The configuration in force. */
  get config(): Config {
    return this.#lifecycle.runtime.config
  }

  /** Definitions, their faults and suggestions. */
  get catalog(): Catalog {
    return this.#lifecycle.runtime.catalog
  }

  /** The snapshot that checks read now. */
  get snapshot(): FlagSnapshot {
    return this.#lifecycle.runtime.checker.snapshot
  }

  /** The history for those who follow it. Throws FeatureError (`not_started`). */
  get feed(): HistoryFeed {
    return this.#lifecycle.started.feed
  }

  /** The processes that serve these flags; null where nothing is known of others. Never rejects while it is started. */
  async processes(): Promise<ProcessesNow | null> {
    return this.#lifecycle.started.processes.now()
  }

  /** Calls the listener after each new snapshot; returns a function that ends it. Throws FeatureError (`not_started`). */
  onSwap(listener: SwapListener<Flag>): () => void {
    return this.#lifecycle.started.current.subscribe(listener)
  }

  /** The tokens of the HTTP API. Throws FeatureError (`not_started`). */
  get tokens(): TokenStore {
    return this.#lifecycle.started.tokens
  }

  /** What tells the database from every other one. Rejects with StoreUnavailable. */
  async identity(): Promise<string> {
    const { identity } = await holding(this.#lifecycle.started.reader.head(null, { guard: false }))
    if (identity !== null) return identity
    const problem = 'the database lacks the table feature_state, or the login may not read it'
    throw new StoreUnavailable('not_migrated', { problem, remedy: `run ${programName()} migrate` })
  }

  /** Who is signed in, in a browser. Throws FeatureError (`not_started`). */
  get signIns(): SignInStore {
    return this.#lifecycle.started.signIns
  }

  /** The projects with flags of their own. Rejects with FeatureError (`not_started`). */
  async projects(): Promise<ProjectFlags> {
    return this.#lifecycle.started.projects()
  }

  /**
   * What SDKs are served from: the directory of projects and their contents, which this process follows from the first call on.
   * Rejects as `projects`.
   */
  async servedProjects(): Promise<ServedProjects> {
    return this.#lifecycle.started.servedProjects()
  }

  /** What SDKs report of projects. Rejects with FeatureError (`not_started`). */
  async reports(): Promise<ProjectReports> {
    return this.#lifecycle.started.reports()
  }

  /** How many actors are kept in each variant of an experiment; null where that cannot be read. */
  async keptVariants(experiment: string): Promise<ReadonlyMap<string, number> | null> {
    return holding(this.#lifecycle.started.assignments.count(experiment).catch(() => null))
  }

  /**
   * Applies planned steps in one transaction, and tells what they did. Rejects as `Feature.enable`, and with FlagChanged where a flag
   * no longer has the revision in the terms.
   */
  async change(steps: readonly PlannedStep[], context?: WriteContext, terms?: ChangeTerms): Promise<Written> {
    return holding(this.#lifecycle.started.changes.write(steps, context, terms))
  }

  /** What operations would do. Rejects with what the change would be refused with, and with StoreUnavailable. */
  async preview(name: string, operations: readonly FlagOperation[], terms?: PreviewTerms): Promise<Preview> {
    return holding(this.#lifecycle.started.previews.ofOperations(name, operations, terms))
  }

  /** The rows that an import would leave, of all its flags. Rejects with what it would be refused with, and with StoreUnavailable. */
  async previewImport(steps: readonly PlannedStep[], force: boolean): Promise<readonly FlagOutline[]> {
    return holding(this.#lifecycle.started.previews.ofImport(steps, { force }))
  }

  /**
   * Who has a flag, as it was read from the store, and who would have it at each percentage of actors; of the usual class of actors or of the one
   * that is given, with the classes that there are to choose from.
   */
  async presentEffect(
    name: string,
    now: Pick<FeatureNow, 'stored'>,
    actorClass?: string,
  ): Promise<PresentEffect & { readonly classes: readonly string[] }> {
    return holding(this.#lifecycle.started.previews.presentEffect(name, now, actorClass))
  }

  /** The undoing of changes. Throws FeatureError (`not_started`). */
  get undo(): Undo {
    return this.#lifecycle.started.undo
  }

  /** The restoring of flags. Throws FeatureError (`not_started`). */
  get restore(): Restore {
    return this.#lifecycle.started.restore
  }

  /** What is stored of a flag now, and where its history stands. Rejects with StoreUnavailable. */
  async stored(name: string): Promise<FeatureNow> {
    return holding(this.#lifecycle.started.previews.stored(name))
  }

  /** What was stored in the past. Throws FeatureError (`not_started`). */
  get past(): PastStates {
    return this.#lifecycle.started.past
  }

  /** Why flags are on or off. Throws FeatureError (`not_started`). */
  get explanations(): Explanations {
    return this.#lifecycle.started.explanations
  }

  /** The revision that a flag has now. Rejects with StoreUnavailable. */
  async revision(name: string): Promise<string> {
    return holding(this.#lifecycle.started.previews.revision(name))
  }

  /** Calls the listener after each change made here, also after one that changed nothing. Throws FeatureError (`not_started`). */
  onWritten(listener: WrittenListener): void {
    this.#lifecycle.started.changes.subscribe(listener)
  }
}
