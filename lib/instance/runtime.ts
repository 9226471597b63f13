// Builds the parts of a runtime and joins them: the one file that knows them all. It decides nothing.
import { hostname } from 'node:os'
import { Groups } from '../actors/groups.js'
import { specialActors } from '../actors/special-actors.js'
import type { Config } from '../config/config.js'
import { Catalog } from '../definition/catalog.js'
import { defaultDefinitionPaths } from '../definition/files/files.js'
import { ChangeWriter } from '../feature/change/change-writer.js'
import { GroupQuestions, type GroupQuestionsOptions } from '../feature/group-questions.js'
import { ActorSamples } from '../feature/change/preview/actor-samples.js'
import { Previews } from '../feature/change/preview/previews.js'
import { Restore } from '../feature/change/restore/restore.js'
import { Undo } from '../feature/change/restore/undo.js'
import { Checker } from '../feature/check/check.js'
import { Misuse } from '../feature/check/misuse.js'
import { Explanations } from '../feature/explain/explanations.js'
import { ChangeEvents } from '../feature/events.js'
import { FlagHistory } from '../feature/history/flag-history.js'
import { PastStates } from '../feature/history/past.js'
import { UntrackedWrites } from '../feature/history/untracked-writes.js'
import { Requests } from '../feature/request-scope.js'
import type { Runtime, StartedRuntime } from '../feature/runtime.js'
import type { Logger } from '../log.js'
import { CurrentSnapshot } from '../replica/current-snapshot.js'
import { DiskCopy } from '../replica/disk/copy.js'
import type { Flag } from '../replica/flag.js'
import { type FlagReplica, flagContent } from '../replica/flag-content.js'
import { Processes } from '../replica/processes.js'
import { Replica } from '../replica/replica.js'
import { firstSnapshot } from '../replica/snapshot.js'
import { makeSealer } from '../state/sealed.js'
import type { StoredFeature } from '../state/state.js'
import { systemClock } from '../time/clock.js'
import { logLoaded } from './definition-log.js'
import { reloadDefinitions } from './definition-reload.js'
import { InstanceExperiments } from './experiments.js'
import { logStarted, logStopped } from './lifecycle-log.js'
import { InstanceProjects } from './projects.js'
import { closeStores, type Stores } from './stores.js'

/** Who uses an instance; the command line and the server say so, applications need not. */
export interface InstanceOptions {
  /** The author of changes that name none. */
  readonly author: string
  /** Where changes come from. */
  readonly source: string
  /** Whether changed definition files are reloaded (in development only). */
  readonly watch: boolean
  /** Whether to hear the database's hints with Redis too: the server does, so that writes by psql are news at once. */
  readonly listen?: boolean
  /** Whether what was written past the triggers is added to the history when it is found: the server does so. Default: false. */
  readonly recordsUntracked?: boolean
  /** Whether answers come from the store alone, never from the cache or the disk: so it is on the command line. Default: false. */
  readonly storeOnly?: boolean
  /** Gets what a slow start is doing. Default: the logger of the configuration. */
  readonly progress?: Pick<Logger, 'info'>
  /** Opens a store and a cache in place of those that the configuration names. */
  readonly openStores?: (config: Config) => Promise<Stores>
}

/** What answers from the definitions alone. */
export function prepareRuntime(config: Config, lasting: Lasting): Runtime {
  const catalog = makeCatalog(config)
  const misuse = lasting.begin(config)
  const current = new CurrentSnapshot(firstSnapshot(flagContent(() => catalog.all())))
  const checks = makeChecks(config, catalog, current, lasting, misuse)
  const experiments = new InstanceExperiments({ ...checks, store: null })
  return { ...checks, experiments: () => experiments.open(), replica: null }
}

/**
 * Resolves when there is a first snapshot. The stores are closed with the runtime; the caller closes them where this rejects.
 * Throws InvalidFeatureFlagError for an invalid definition in strict mode.
 */
export async function startRuntime(
  config: Config,
  stores: Stores,
  lasting: Lasting,
  instance: InstanceOptions,
): Promise<StartedRuntime> {
  const { store, cache } = stores
  const { logger, limits } = config
  const catalog = makeCatalog(config)
  const misuse = lasting.begin(config)
  const { events, requests } = lasting
  if (config.strict) catalog.assertLoaded()
  logLoaded(logger, catalog)
  const untracked = new UntrackedWrites({ store, logger })
  const replica = makeReplica(config, stores, catalog, instance, untracked)
  const checks = makeChecks(config, catalog, replica.current, lasting, misuse)
  replica.current.subscribe(({ snapshot, changes, via }) => events.tell(logger, changes, via, snapshot.position))
  await replica.start()
  const watching = instance.watch
    ? await reloadDefinitions({ config, catalog, checker: checks.checker, replica })
    : null
  const { author, source } = instance
  const changes = new ChangeWriter({
    store,
    replica,
    cache,
    catalog,
    events,
    requests,
    logger,
    limits,
    author,
    source,
  })
  const { groups } = lasting
  const keepingStack: GroupQuestionsOptions['keepingStack'] = (run) => checks.checker.keepingStack(run)
  const questions = new GroupQuestions({
    groups,
    clock: systemClock,
    keepingStack,
    onEnded: (group, error) => misuse.reportGroup(group, error),
  })
  const samples = new ActorSamples({ actors: config.actors, clock: systemClock, logger, keepingStack })
  const previews = new Previews({
    store,
    replica,
    catalog,
    logger,
    limits,
    env: config.env,
    samples,
    groups,
    questions,
    untracked,
  })
  const undo = new Undo({ store, changes, previews })
  const past = new PastStates(store, untracked)
  const restore = new Restore({ store, past, changes, previews })
  const explanations = new Explanations({ ...checks, store, replica, groups: questions, untracked })
  // A command is over within seconds, and says itself what it has done.
  const isBrief = instance.storeOnly === true
  const projects = new InstanceProjects({ config, stores, instance })
  const experiments = new InstanceExperiments({ ...checks, store: store.assignments })
  const close = async () => {
    await watching?.close()
    experiments.close()
    await projects.close()
    await replica.close()
    await untracked.close()
    await closeStores(stores)
    if (!isBrief) logStopped(config, replica)
  }
  if (!isBrief) logStarted(config, replica, catalog)
  return {
    ...checks,
    experiments: () => experiments.open(),
    replica,
    reader: store,
    history: new FlagHistory({ store, untracked }),
    feed: store.feed,
    processes: new Processes({ cache, replica }),
    tokens: store.tokens,
    signIns: store.signIns,
    assignments: store.assignments,
    projects: () => projects.flags(),
    reports: () => projects.reports(),
    servedProjects: () => projects.served(),
    projectWarnings: () => projects.warnings(),
    changes,
    previews,
    undo,
    restore,
    past,
    explanations,
    close,
  }
}

function makeCatalog({ root, definitionPaths, types, foss, strict }: Config): Catalog {
  return new Catalog({ root, paths: definitionPaths ?? defaultDefinitionPaths, types, foss, lenient: !strict })
}

/** What an instance has from its first call on, through any number of restarts with other options. */
export class Lasting {
  readonly requests = new Requests(systemClock)
  readonly events = new ChangeEvents()
  readonly groups = new Groups((name, error) => this.#misuse?.reportGroup(name, error))
  /** That of the newest runtime: its logger is the one in force. */
  #misuse: Misuse | null = null

  /** The reports of a runtime that begins with this configuration. Throws what registering a group throws. */
  begin({ logger, env, groups: configured }: Config): Misuse {
    const misuse = new Misuse(logger, env === 'test')
    this.#misuse = misuse
    for (const [name, predicate] of configured) if (!this.groups.has(name)) this.groups.register(name, predicate)
    return misuse
  }
}

function makeChecks(
  config: Config,
  catalog: Catalog,
  current: CurrentSnapshot<Flag>,
  { groups, requests, events }: Lasting,
  misuse: Misuse,
): Omit<Runtime, 'replica' | 'experiments'> {
  const special = specialActors({ requestId: requests.id, host: hostname(), pod: hostname() })
  const checker = new Checker({
    strict: config.strict,
    current,
    requests,
    catalog,
    misuse,
    scope: { random: systemClock.random, inGroup: (name, actor) => groups.test(name, actor) },
    special,
    classes: config.actors,
  })
  return { config, catalog, groups, requests, events, special, current, checker, misuse, projectWarnings: () => [] }
}

function makeReplica(
  config: Config,
  stores: Stores,
  catalog: Catalog,
  instance: InstanceOptions,
  untracked: UntrackedWrites,
): FlagReplica {
  const { store, cache } = stores
  const { logger, diskFile, diskAddress, cacheSecret, pollIntervalMs } = config
  const clock = systemClock
  const disk =
    diskFile === null
      ? null
      : new DiskCopy({ path: diskFile, address: diskAddress, sealer: makeSealer(cacheSecret()), clock, logger })
  return new Replica<StoredFeature, Flag>({
    store,
    content: flagContent(() => catalog.all()),
    clock,
    logger,
    pollIntervalMs,
    disk,
    cache,
    listen: config.listen ?? (config.redisUrl === null || instance.listen === true),
    storeOnly: instance.storeOnly ?? false,
    ...(instance.recordsUntracked === true ? { onDifference: (names) => untracked.lookLater(names) } : {}),
  })
}
