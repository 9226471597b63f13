// Builds the parts and joins them: the one file that knows them all. Building does no work; opening does.
import { hostname, userInfo } from 'node:os'
import { Groups } from './actors/groups.js'
import { specialActors } from './actors/special.js'
import { type Config, resolveConfig } from './config.js'
import { loadConfigFile } from './config/file.js'
import type { FeatureOptions } from './config/options.js'
import { Catalog } from './definition/catalog.js'
import { watchDefinitions, type Watching } from './definition/watch.js'
import { ConfigurationError, errorText } from './errors.js'
import { FeatureFlags, type Openers } from './feature.js'
import { Checker } from './feature/check.js'
import { ChangeEvents } from './feature/events.js'
import { type Opened, Prepared, type PreparedParts } from './feature/parts.js'
import { Reporter } from './feature/report.js'
import { Requests } from './feature/requests.js'
import { Writer } from './feature/write.js'
import type { Logger } from './log.js'
import { systemClock } from './replica/clock.js'
import { DiskCopy } from './replica/disk-copy.js'
import { Replica, type ReplicaOptions } from './replica/replica.js'
import { definitionsSnapshot } from './replica/snapshot.js'
import type { Position, Store } from './store/store.js'

/** Who uses an instance; the command line and the server say so, applications need not. */
export interface Identity {
  /** The author of changes that name none. */
  readonly author: string
  /** Where changes come from. */
  readonly source: string
  /** Whether changed definition files are reloaded (in development only). */
  readonly watch: boolean
  /** Told what a slow start is doing. */
  readonly onProgress?: (message: string) => void
}

const application: Identity = { author: `code:${hostname()}`, source: 'code', watch: true }

/**
 * Makes an independent instance with the methods of `Feature`; nothing is opened before its `start()`.
 * Throws ConfigurationError for options that are wrong.
 */
export function createFeature(options: FeatureOptions = {}, identity: Identity = application): FeatureFlags {
  resolveConfig(options)
  return new FeatureFlags(makeOpeners(identity), options)
}

/** The process-wide feature flags: the only state of a module here, and built without work. */
export const Feature: FeatureFlags = new FeatureFlags(makeOpeners(application))

/** The author of changes made on the command line. */
export function commandLineAuthor(): string {
  try {
    return `cli:${userInfo().username}`
  } catch {
    // A container's user id may have no name.
    return `cli:${process.getuid?.() ?? 'unknown'}`
  }
}

function makeOpeners(identity: Identity): Openers {
  return {
    prepare: (options) => prepare(prepareConfig(options), null),
    open: async (options, previous) => {
      const file = await loadConfigFile(resolveConfig(options).root)
      const config = resolveConfig(options, file)
      const store = await openStore(config, identity)
      try {
        return await open(config, store, previous, identity)
      } catch (error) {
        await store.close()
        throw error
      }
    },
  }
}

/** Before start() a check must not throw in production, so a wrong environment is told by start() and not here. */
function prepareConfig(options: FeatureOptions): Config {
  try {
    return resolveConfig(options)
  } catch (error) {
    const env = process.env['FEATURE_ENV'] || process.env['NODE_ENV'] || 'development'
    const config = resolveConfig({ env }, {}, {})
    config.logger.error(
      { error: errorText(error) },
      'feature flags: the configuration is wrong; checks answer from defaults',
    )
    return config
  }
}

function prepare(config: Config, previous: Prepared | null): Prepared {
  const parts = makeParts(config, previous)
  const snapshot = definitionsSnapshot(parts.catalog.all())
  const warnings = ['not started: answers come from the definitions alone']
  return new Prepared(parts, snapshot, () => ({
    position: null,
    source: 'definitions',
    ageMs: null,
    degraded: true,
    warnings,
  }))
}

/** What does not need a store. Groups, listeners and requests outlive a restart with other options. */
function makeParts(config: Config, previous: Prepared | null): PreparedParts {
  const paths = config.definitionPaths ?? ['config/feature_flags', 'ee/config/feature_flags']
  const catalog = new Catalog({ root: config.root, paths, types: config.types, foss: config.foss })
  const reporter = new Reporter(config.logger, config.env === 'test')
  const onFault = (name: string, error: unknown) => {
    reporter.once('unknown_group', name, () => `the predicate of the group "${name}" failed: ${errorText(error)}`)
  }
  const groups = previous?.groups ?? new Groups(onFault)
  for (const [name, predicate] of config.groups) if (!groups.has(name)) groups.register(name, predicate)
  const requests = previous?.requests ?? new Requests(systemClock)
  const special = specialActors({ requestId: requests.id, host: hostname(), pod: hostname() })
  const checker = new Checker({
    strict: config.strict,
    reporter,
    scope: { random: systemClock.random, inGroup: (name, actor) => groups.test(name, actor) },
    usageFault: (name, type) => catalog.usageFault(name, type),
    special,
    classes: config.actors === null ? null : new Set(config.actors.keys()),
  })
  return { config, catalog, groups, requests, events: previous?.events ?? new ChangeEvents(), checker, special }
}

async function openStore(config: Config, identity: Identity): Promise<Store> {
  const { store: choice, tables, logger, root } = config
  const onProgress = identity.onProgress ?? ((message: string) => logger.info({}, message))
  const store = await makeStore()
  await store.open()
  return store

  async function makeStore(): Promise<Store> {
    switch (choice.kind) {
      case 'postgres': {
        const { PostgresStore } = await import('./store/postgres.js')
        return new PostgresStore({ connection: { connectionString: choice.url }, tables, logger })
      }
      case 'embedded': {
        const { EmbeddedStore } = await import('./store/embedded.js')
        return new EmbeddedStore({ root, tables, logger, onProgress })
      }
      case 'memory': {
        const { MemoryStore } = await import('./store/memory.js')
        return new MemoryStore()
      }
      case 'missing':
        throw new ConfigurationError(choice.message)
    }
  }
}

async function open(config: Config, store: Store, previous: Prepared | null, identity: Identity): Promise<Opened> {
  const { logger } = config
  const parts = makeParts(config, previous)
  const { catalog, events, requests } = parts
  if (config.strict) catalog.assertLoaded()
  for (const fault of catalog.faults) logger.error({ file: fault.file, field: fault.field }, fault.message)
  const replica = makeReplica(config, store, catalog, (snapshot, changes, via) => {
    prepared.current = snapshot
    events.tell(logger, changes, via, snapshot.position)
  })
  const prepared = new Prepared(parts, replica.snapshot, () => replica.status())
  await replica.start()
  const watching = await watch(config, identity, prepared, replica)
  const committed = async (position: Position | null, names: ReadonlySet<string>) => {
    if (position !== null) events.expect(position, names)
    await refreshAfterCommit(replica, logger)
    requests.repin(replica.snapshot)
  }
  const { author, source } = identity
  const definition = (name: string) => catalog.get(name) ?? null
  const suggest = (name: string) => catalog.suggest(name)
  const snapshot = () => replica.snapshot
  const { limits } = config
  const writer = new Writer({
    store,
    logger,
    limits,
    author,
    source,
    definition,
    suggest,
    snapshot,
    committed,
    confirm: null,
  })
  const close = async () => {
    await watching?.close()
    await replica.close()
    await store.close()
  }
  return { prepared, store, writer, counts: () => replica.counts(), refresh: () => replica.refreshNow(), close }
}

function makeReplica(config: Config, store: Store, catalog: Catalog, onSwap: ReplicaOptions['onSwap']): Replica {
  const { logger, diskFile, namespace, pollIntervalMs, listen } = config
  const clock = systemClock
  const disk = diskFile === null ? null : new DiskCopy({ path: diskFile, namespace, clock, logger })
  return new Replica({
    store,
    definitions: () => catalog.all(),
    clock,
    logger,
    pollIntervalMs,
    listen,
    disk,
    cache: null,
    onSwap,
  })
}

/** The change is committed whatever happens here: a store that fails right afterwards must not make it look refused. */
async function refreshAfterCommit(replica: Replica, logger: Logger): Promise<void> {
  try {
    await replica.refreshNow()
  } catch (error) {
    logger.warn({ error: errorText(error) }, 'feature flags: a change is stored, but could not be read back yet')
  }
}

/** Changed definition files are taken over without a restart, in development. */
async function watch(
  config: Config,
  identity: Identity,
  prepared: Prepared,
  replica: Replica,
): Promise<Watching | null> {
  const { env, logger } = config
  if (env !== 'development' || !identity.watch) return null
  return watchDefinitions(
    prepared.catalog,
    ({ faults, added, updated, removed }) => {
      prepared.checker.definitionsChanged()
      replica.redefine()
      logger.info({ added, updated, removed }, 'feature flags: definitions reloaded')
      for (const fault of faults) logger.error({ file: fault.file, field: fault.field }, fault.message)
    },
    (error) => logger.warn({ error: errorText(error) }, 'feature flags: definitions are not watched'),
  )
}
