// Builds the parts and joins them: the one file that knows them all. Building does no work; opening does.
import { hostname, userInfo } from 'node:os'
import { Groups } from '../actors/groups.js'
import { specialActors } from '../actors/special-actors.js'
import { loadConfigFile } from '../config/file.js'
import type { FeatureOptions } from '../config/options.js'
import { type Config, resolveConfig, resolveWithDatabase } from '../config/config.js'
import { Catalog } from '../definition/catalog.js'
import { defaultDefinitionPaths } from '../definition/files/files.js'
import { type Watching, watchDefinitions } from '../definition/watch.js'
import { errorText } from '../errors.js'
import { Checker } from '../feature/check/check.js'
import { ChangeEvents } from '../feature/events.js'
import { type Opened, Prepared, type PreparedParts } from '../feature/runtime.js'
import { Misuse } from '../feature/check/misuse.js'
import { Requests } from '../feature/request-scope.js'
import { ChangeWriter } from '../feature/change/change-writer.js'
import { FeatureFlags, type Openers } from '../feature/feature.js'
import type { Logger } from '../log.js'
import { logFaults, logReload } from './definition-log.js'
import { closeStores, openStores, type Stores } from './stores.js'
import { systemClock } from '../time/clock.js'
import { DiskCopy } from '../replica/disk/copy.js'
import { type OwnWrite, Replica, type ReplicaOptions } from '../replica/replica.js'
import { flagContent, type FlagReplica } from '../replica/flag-content.js'
import { firstSnapshot } from '../replica/snapshot.js'
import { makeSealer } from '../state/sealed.js'
import type { Flag } from '../replica/flag.js'
import type { StoredFeature } from '../state/state.js'
import type { Applied } from '../store/store.js'

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
  /** Whether answers come from the store alone, never from the cache or the disk: so it is on the command line. Default: false. */
  readonly storeOnly?: boolean
  /** Told what a slow start is doing. */
  readonly onProgress?: (message: string) => void
  /** Opens a store and a cache in place of those that the configuration names. */
  readonly openStores?: (config: Config) => Promise<Stores>
}

/** How applications use an instance. */
export const application: InstanceOptions = { author: `code:${hostname()}`, source: 'code', watch: true }

/**
 * Makes an independent instance with the methods of `Feature`; nothing is opened before its `start()`.
 * Throws ConfigurationError for options that are wrong.
 */
export function createFeature(options: FeatureOptions = {}, identity: InstanceOptions = application): FeatureFlags {
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

function makeOpeners(identity: InstanceOptions): Openers {
  return {
    prepare: (options) => prepare(prepareConfig(options), null),
    open: async (options, previous) => {
      const file = await loadConfigFile(resolveConfig(options).root)
      const config = await resolveWithDatabase(options, file)
      const onProgress = identity.onProgress ?? ((message: string) => config.logger.info({}, message))
      const stores = await (identity.openStores ?? openStores)(config, onProgress)
      try {
        return await open(config, stores, previous, identity)
      } catch (error) {
        await closeStores(stores)
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
  const snapshot = firstSnapshot(flagContent(() => parts.catalog.all()))
  const warnings = ['not started: answers come from the definitions alone']
  return new Prepared(parts, snapshot, () => ({
    position: null,
    source: 'definitions',
    ageMs: null,
    degraded: true,
    triggers: null,
    warnings,
  }))
}

/** What does not need a store. Groups, listeners and requests outlive a restart with other options. */
function makeParts(config: Config, previous: Prepared | null): PreparedParts {
  const paths = config.definitionPaths ?? defaultDefinitionPaths
  const { root, types, foss, strict } = config
  const catalog = new Catalog({ root, paths, types, foss, lenient: !strict })
  const misuse = new Misuse(config.logger, config.env === 'test')
  const onFault = (name: string, error: unknown) => {
    misuse.once('unknown_group', name, () => `the predicate of the group "${name}" failed: ${errorText(error)}`)
  }
  const groups = previous?.groups ?? new Groups(onFault)
  for (const [name, predicate] of config.groups) if (!groups.has(name)) groups.register(name, predicate)
  const requests = previous?.requests ?? new Requests(systemClock)
  const special = specialActors({ requestId: requests.id, host: hostname(), pod: hostname() })
  const checker = new Checker({
    strict: config.strict,
    misuse,
    scope: { random: systemClock.random, inGroup: (name, actor) => groups.test(name, actor) },
    usageFault: (name, type) => catalog.usageFault(name, type),
    special,
    classes: config.actors === null ? null : new Set(config.actors.keys()),
  })
  return { config, catalog, groups, requests, events: previous?.events ?? new ChangeEvents(), checker, special }
}

/** How long a change with `wait` waits for the other processes. */
const confirmMs = 5_000

async function open(
  config: Config,
  stores: Stores,
  previous: Prepared | null,
  identity: InstanceOptions,
): Promise<Opened> {
  const { logger } = config
  const parts = makeParts(config, previous)
  const { catalog, events } = parts
  if (config.strict) catalog.assertLoaded()
  logFaults(logger, catalog.faults)
  if (catalog.all().size === 0 && catalog.faults.length === 0) {
    const { root } = config
    logger.warn({ root }, 'feature flags: no definition files were found; is the working directory (or `root`) right?')
  }
  const replica = makeReplica(config, stores, catalog, {
    listen: config.listen ?? (config.redisUrl === null || identity.listen === true),
    storeOnly: identity.storeOnly ?? false,
  })
  const prepared = new Prepared(parts, replica.snapshot, () => replica.status())
  replica.current.subscribe(({ snapshot, changes, via }) => {
    prepared.take(snapshot)
    events.tell(logger, changes, via, snapshot.position)
  })
  await replica.start()
  const watching = await watch(config, identity, prepared, replica)
  const writer = makeWriter(prepared, replica, stores, identity)
  const close = async () => {
    await watching?.close()
    await replica.close()
    await closeStores(stores)
  }
  const { store } = stores
  return { prepared, store, writer, counts: () => replica.counts(), refresh: () => replica.refreshNow(), close }
}

function makeWriter(
  { config, catalog, events, requests }: Prepared,
  replica: FlagReplica,
  stores: Stores,
  identity: InstanceOptions,
) {
  const { store, cache } = stores
  const { logger, limits } = config
  const committed = async ({ position, changed }: Applied, names: ReadonlySet<string>) => {
    await readBack(replica, changed ? { position, names } : null, logger)
    requests.repin(replica.snapshot)
  }
  return new ChangeWriter({
    store,
    logger,
    limits,
    author: identity.author,
    source: identity.source,
    definition: (name) => catalog.get(name) ?? null,
    broken: (name) => catalog.brokenFault(name),
    suggest: (name) => catalog.suggest(name),
    snapshot: () => replica.snapshot,
    writing: (names) => events.writing(names),
    committed,
    confirm:
      cache === null
        ? null
        : (position) => {
            const { identity } = replica.snapshot
            return identity === null
              ? Promise.resolve({ confirmed: 0, lagging: [] })
              : cache.waitForAll(identity, position, confirmMs)
          },
  })
}

function makeReplica(
  config: Config,
  stores: Stores,
  catalog: Catalog,
  own: Pick<ReplicaOptions<StoredFeature, Flag>, 'listen' | 'storeOnly'>,
): FlagReplica {
  const { store, cache } = stores
  const { logger, diskFile, diskAddress, cacheSecret, pollIntervalMs } = config
  const clock = systemClock
  const disk =
    diskFile === null
      ? null
      : new DiskCopy({ path: diskFile, address: diskAddress, sealer: makeSealer(cacheSecret()), clock, logger })
  return new Replica({
    store,
    content: flagContent(() => catalog.all()),
    clock,
    logger,
    pollIntervalMs,
    disk,
    cache,
    ...own,
  })
}

/** How long a change waits to be read back; the read goes on after that. */
const readBackMs = 2_000

/** The change is committed whatever happens here: a store that fails right afterwards must not make it look refused. */
async function readBack(replica: FlagReplica, own: OwnWrite | null, logger: Logger): Promise<void> {
  try {
    await within(readBackMs, replica.refreshNow(own))
  } catch (error) {
    logger.warn({ error: errorText(error) }, 'feature flags: a change is stored, but could not be read back yet')
  }
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${ms} ms`)), ms)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Changed definition files are taken over without a restart, in development. */
async function watch(
  config: Config,
  identity: InstanceOptions,
  prepared: Prepared,
  replica: FlagReplica,
): Promise<Watching | null> {
  const { env, logger } = config
  if (env !== 'development' || !identity.watch) return null
  return watchDefinitions(
    prepared.catalog,
    (change) => {
      prepared.checker.definitionsChanged()
      replica.redefine()
      logReload(logger, change)
      logFaults(logger, change.faults)
    },
    (error) => logger.warn({ error: errorText(error) }, 'feature flags: definitions are not watched'),
  )
}
