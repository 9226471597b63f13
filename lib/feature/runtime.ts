// What the public methods run on. An instance has a `Runtime` from its first call on, a `StartedRuntime` between start() and stop(),
// and after stop() it goes on answering from the last one.
import type { Actor, SpecialActor } from '../actors/actor.js'
import type { Groups } from '../actors/groups.js'
import type { Config } from '../config/config.js'
import { memoryDoubt } from '../config/environment-name.js'
import type { FeatureOptions } from '../config/options.js'
import type { Catalog } from '../definition/catalog.js'
import type { ProjectFlags } from '../project-flags/project-flags.js'
import type { ProjectReports } from '../project-flags/reports/project-reports.js'
import type { CurrentSnapshot } from '../replica/current-snapshot.js'
import type { Flag } from '../replica/flag.js'
import type { FlagReplica } from '../replica/flag-content.js'
import type { Processes } from '../replica/processes.js'
import type { ServedProjects } from '../replica/projects/served-projects.js'
import type { ReplicaStatus } from '../replica/replica.js'
import type { SignInStore } from '../store/sign-ins.js'
import type { HistoryFeed } from '../store/history/feed.js'
import type { AssignmentStore, StoreReader, TokenStore } from '../store/store.js'
import type { ChangeWriter } from './change/change-writer.js'
import type { Previews } from './change/preview/previews.js'
import type { Restore } from './change/restore/restore.js'
import type { Undo } from './change/restore/undo.js'
import type { Checker } from './check/check.js'
import type { Misuse } from './check/misuse.js'
import type { ChangeEvents } from './events.js'
import type { Explanations } from './explain/explanations.js'
import type { Experiments } from './experiment/experiments.js'
import type { FlagHistory } from './history/flag-history.js'
import type { PastStates } from './history/past.js'
import type { Requests } from './request-scope.js'

/** What works without a store. Groups, requests and events outlive a restart. */
export interface Runtime {
  readonly config: Config
  readonly catalog: Catalog
  readonly groups: Groups
  readonly requests: Requests
  readonly events: ChangeEvents
  readonly special: (kind: SpecialActor) => Actor
  readonly current: CurrentSnapshot<Flag>
  readonly checker: Checker
  readonly misuse: Misuse
  /** Loaded at the first call: many applications have no experiments. */
  readonly experiments: () => Promise<Experiments>
  /** Null before start(). */
  readonly replica: FlagReplica | null
  /** What is wrong with the projects that this process serves; nothing where it serves none. */
  readonly projectWarnings: () => readonly string[]
}

/** The same with what start() adds. */
export interface StartedRuntime extends Runtime {
  readonly replica: FlagReplica
  readonly reader: StoreReader
  readonly history: FlagHistory
  readonly feed: HistoryFeed
  readonly processes: Processes
  readonly tokens: TokenStore
  readonly signIns: SignInStore
  readonly assignments: AssignmentStore
  /** The projects with flags of their own, opened at the first call. */
  readonly projects: () => Promise<ProjectFlags>
  /** The directory and the contents of projects, opened at the first call: only what serves SDKs calls it. */
  readonly servedProjects: () => Promise<ServedProjects>
  /** What SDKs report of them, opened at the first call. */
  readonly reports: () => Promise<ProjectReports>
  readonly changes: ChangeWriter
  readonly previews: Previews
  readonly undo: Undo
  readonly restore: Restore
  readonly past: PastStates
  readonly explanations: Explanations
  /** Ends connections, timers and watchers. */
  close(): Promise<void>
}

/** The one holder of the runtime that an instance has. instance/lifecycle.ts is it, because it builds them. */
export interface Lifecycle {
  /** Built at the first call. Never throws in production. */
  readonly runtime: Runtime
  /** Throws FeatureError (`not_started`). */
  readonly started: StartedRuntime
  /** Calls the listener with each started runtime, and with null when it is to stop. */
  subscribe(listener: (started: StartedRuntime | null) => void): void
  /** The same as `runtime`, for a question while no store is read: it is said once, with the flag. Never throws in production. */
  idle(flag: string | null): Runtime
  start(options: FeatureOptions): Promise<void>
  stop(): Promise<void>
}

/** How current a runtime is. */
export function statusOf({
  replica,
  config,
  projectWarnings,
}: Pick<Runtime, 'replica' | 'config' | 'projectWarnings'>): ReplicaStatus {
  if (replica !== null) {
    const status = config.store.kind === 'memory' ? inMemory(replica.status(), config.env) : replica.status()
    return { ...status, warnings: [...status.warnings, ...projectWarnings()] }
  }
  const warnings = ['not started: answers come from the definitions alone']
  return { position: null, source: 'definitions', ageMs: null, degraded: true, triggers: null, warnings }
}

/** The replica calls every store by the name of the usual one. */
function inMemory(status: ReplicaStatus, env: string): ReplicaStatus {
  const source = status.source === 'postgres' ? 'memory' : status.source
  const doubt = memoryDoubt(env)
  return { ...status, source, warnings: doubt === null ? status.warnings : [...status.warnings, doubt] }
}
