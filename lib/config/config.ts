// Joins options, environment, configuration file and defaults into one frozen value. Earlier sources win, key by key.
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Actor } from '../actors/actor.js'
import type { ConnectionSource, ConnectionUrl } from './connection-source.js'
import { askSecret } from './cache-secret.js'
import { databaseSource, databaseUrlDoubt } from './database-url.js'
import { readEnvironment } from './environment.js'
import { environmentDoubt, memoryDoubt, resemblesProduction } from './environment-name.js'
import { secretsIn } from './experiment-options.js'
import type { ActorClass, FeatureOptions, Limits, RedisTls, ServerLimits } from './options.js'
import { defaultServerLimits } from './server-limits.js'
import { checkOptions } from './shape.js'
import type { UsageOptions } from './usage-options.js'
import { type Calendar, readMilestones } from '../definition/age.js'
import { builtInTypes, type FlagType, withTypes } from '../definition/types.js'
import { errorText } from '../errors.js'
import type { ErrorParts } from '../errors.js'
import { quoted } from '../text/printable.js'
import { defaultLogger, type Logger, silentLogger } from '../log.js'

export interface Tables {
  readonly features: string
  readonly gates: string
}

export type StoreChoice =
  | { readonly kind: 'postgres'; readonly url: ConnectionUrl }
  | { readonly kind: 'embedded' }
  | { readonly kind: 'memory' }
  /** No database where one is needed: an error at start and not before, so that early checks still answer. */
  | { readonly kind: 'missing'; readonly fault: ErrorParts }

export interface ExperimentConfig {
  /** The flag that switches all of them off; null for none. */
  readonly flag: string | null
  /** The first one signs; none where none is configured. A function, so that no log of the configuration holds them. */
  readonly secrets: () => readonly string[]
}

/** The configuration, complete and frozen. */
export interface Config {
  readonly root: string
  readonly env: string
  readonly strict: boolean
  readonly foss: boolean
  readonly store: StoreChoice
  /** Gives the URL before each new connection, and remembers which database it leads to; null if the store is not Postgres. */
  readonly database: ConnectionSource | null
  readonly redisUrl: ConnectionUrl | null
  readonly redisTls: RedisTls
  /** The configured namespace; null if none is configured. */
  readonly namespace: string | null
  /** Names the place of the database, for the cache; the same for all processes that find the database there. */
  readonly address: string
  /** The same for the copy on disk: processes that share a namespace but not a database may also share a folder. */
  readonly diskAddress: string
  /**
   * The secret that signs the contents of cache and disk, or null; a function, so that no log of the configuration holds it.
   */
  readonly cacheSecret: () => string | null
  readonly tables: Tables
  readonly definitionPaths: readonly string[] | null
  readonly types: ReadonlyMap<string, FlagType>
  /** Null if none is configured: then no age is known. */
  readonly milestones: Calendar | null
  /** The configured file of declared flags; null: the usual one. */
  readonly typesFile: string | null
  readonly groups: ReadonlyMap<string, (actor: Actor) => boolean>
  /** Null if no classes are registered: every class is allowed in that case. */
  readonly actors: ReadonlyMap<string, ActorClass> | null
  readonly pollIntervalMs: number
  /** Null if it was not given: then it is on without Redis, and in the server. */
  readonly listen: boolean | null
  readonly diskFile: string | null
  readonly limits: Limits
  readonly server: ServerLimits
  /** Null if none is configured. */
  readonly publicUrl: URL | null
  /** As it was given: what is left out has its default in `lib/usage/`. */
  readonly usage: UsageOptions
  readonly experiments: ExperimentConfig
  readonly logger: Logger
}

/**
 * Joins options, environment and a configuration file's content into one frozen value. The value is final only with the file's
 * content, so a doubtful environment is logged only in that case. Throws ConfigurationError for a key or value that is wrong.
 */
export function resolveConfig(options: FeatureOptions, file?: FeatureOptions, env = process.env): Config {
  const given = gather(options, file ?? {}, env)
  return complete(given, { database: sourceOf(chooseStore(given), given.tables), secret: null }, file)
}

/**
 * As `resolveConfig`, with the answers of functions: the database's URL, because its address names the copy on disk and the
 * cache's entries, and the secret that signs both. Also throws the errors of `ConnectionSource.resolve` and `askSecret`.
 */
export async function resolveWithDatabase(
  options: FeatureOptions,
  file: FeatureOptions,
  env = process.env,
): Promise<Config> {
  const given = gather(options, file, env)
  const database = sourceOf(chooseStore(given), given.tables)
  await database?.resolveOnce()
  return complete(given, { database, secret: await askSecret(given.cacheSecret) }, file)
}

/**
 * The configuration of checks before start(): they must not throw in production, so what is wrong is logged here, and start()
 * throws it.
 */
export function resolveForChecks(options: FeatureOptions): Config {
  try {
    return resolveConfig(options)
  } catch (error) {
    const env = process.env['FEATURE_ENV'] || process.env['NODE_ENV'] || defaultEnvironment
    const config = resolveConfig({ env }, {}, {})
    const message = 'feature flags: the configuration is wrong; checks answer from defaults'
    config.logger.error({ error: errorText(error) }, message)
    return config
  }
}

interface Answered {
  readonly database: ConnectionSource | null
  readonly secret: string | null
}

function complete(given: Given, answered: Answered, file: FeatureOptions | undefined): Config {
  const config = joinConfig(given, answered)
  if (file !== undefined) {
    for (const doubt of doubtsOf(config, given)) if (doubt !== null) config.logger.warn({}, `feature flags: ${doubt}`)
  }
  return config
}

function doubtsOf({ env, database, store }: Config, { databaseUrl }: Given): readonly (string | null)[] {
  const url = database?.known ?? null
  const isOld = store.kind === 'embedded' && databaseUrl === undefined && resemblesProduction(env)
  return [
    // Where no database is made because of the name, the error names it.
    store.kind === 'missing' ? null : environmentDoubt(env),
    url === null ? null : databaseUrlDoubt(url),
    store.kind === 'memory' ? memoryDoubt(env) : null,
    isOld ? 'the embedded database that is here is used, because none is configured; set DATABASE_URL' : null,
  ]
}

function gather(options: FeatureOptions, file: FeatureOptions, env: NodeJS.ProcessEnv): Given {
  return merge(checkOptions(options, 'options'), readEnvironment(env), checkOptions(file, 'configuration file'))
}

function joinConfig(given: Given, { database, secret }: Answered): Config {
  const root = resolve(given.root ?? process.cwd())
  const environment = given.env ?? defaultEnvironment
  const store = chooseStore(given)
  const tables = { features: given.tables?.features ?? 'features', gates: given.tables?.gates ?? 'feature_gates' }
  const namespace = given.namespace ?? null
  const place = [...placeOf(store, database, root), environment]
  const diskAddress = addressOf(namespace === null ? place : [...place, 'namespace', namespace], tables)
  const address = namespace === null ? diskAddress : addressOf(['namespace', namespace], tables)
  const redisUrl = given.redisUrl ?? null
  return Object.freeze({
    root,
    env: environment,
    strict: given.strict ?? environment !== 'production',
    foss: given.foss ?? false,
    store,
    database,
    redisUrl,
    redisTls: given.redisTls ?? {},
    namespace,
    address,
    diskAddress,
    cacheSecret: () => secret,
    tables,
    definitionPaths: given.definitionPaths ?? null,
    types: given.types === undefined ? builtInTypes : withTypes(given.types),
    milestones: given.milestones === undefined ? null : readMilestones(given.milestones),
    typesFile: given.typesFile ?? null,
    groups: new Map(Object.entries(given.groups ?? {})),
    actors: given.actors === undefined ? null : new Map(Object.entries(given.actors)),
    pollIntervalMs: given.pollIntervalMs ?? (store.kind === 'embedded' ? 250 : 10_000),
    listen: given.listen ?? null,
    diskFile: diskFile(given.diskFile, store, root, diskAddress),
    limits: { actorsPerFlag: 10_000, optOutsPerFlag: 10_000, snapshotBytes: 20_000_000, ...given.limits },
    server: { ...defaultServerLimits, ...given.server },
    publicUrl: given.publicUrl === undefined ? null : new URL(given.publicUrl),
    usage: given.usage ?? {},
    experiments: experimentsOf(given),
    logger: given.logger === false ? silentLogger : (given.logger ?? defaultLogger(given.logLevel ?? 'info')),
  })
}

type Given = FeatureOptions & Pick<ReturnType<typeof readEnvironment>, 'foss' | 'logLevel'>

const defaultEnvironment = 'development'

/** The first source that has a key wins; `tables`, `limits`, `server` and `experiments` are joined key by key. */
function merge(...sources: readonly Given[]): Given {
  const merged: Record<string, unknown> = {}
  for (const source of sources) {
    for (const [key, value] of Object.entries(source)) if (value !== undefined && !(key in merged)) merged[key] = value
  }
  const joined = (key: 'tables' | 'limits' | 'server' | 'experiments') =>
    Object.assign({}, ...sources.map((source) => given(source[key] ?? {})).reverse())
  const byKey = { tables: joined('tables'), limits: joined('limits'), server: joined('server') }
  return { ...merged, ...byKey, experiments: joined('experiments') }
}

/** An option that is undefined counts as absent, within an object too. */
function given(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

function experimentsOf({ experiments = {} }: Given): ExperimentConfig {
  const { flag = null, secret } = experiments
  const secrets = secret === undefined ? [] : secretsIn(secret)
  return { flag, secrets: () => secrets }
}

function chooseStore({ databaseUrl, env = defaultEnvironment, root = '.' }: Given): StoreChoice {
  if (databaseUrl === 'embedded') return { kind: 'embedded' }
  if (databaseUrl === 'memory') return { kind: 'memory' }
  if (databaseUrl !== undefined) return { kind: 'postgres', url: databaseUrl }
  if (env === 'test') return { kind: 'memory' }
  if (env !== 'production' && !(resemblesProduction(env) && isNew(root))) return { kind: 'embedded' }
  return { kind: 'missing', fault: env === 'production' ? noDatabase : noDatabaseLike(env) }
}

/** Flags that are stored already are not taken away: an embedded database that was made before goes on, with the warning. */
function isNew(root: string): boolean {
  return !existsSync(join(root, '.feature/postgres/data'))
}

const setUrl =
  "set DATABASE_URL to a Postgres URL (or databaseUrl: 'embedded', if one machine with a file database is really meant)"
const noDatabase: ErrorParts = { problem: 'no database is configured for production', remedy: setUrl }

/** A container would lose the flags with its files, and its neighbours would have others. */
function noDatabaseLike(env: string): ErrorParts {
  return {
    problem: `no database is configured, and the environment is ${quoted(env)}: where the name is like "production", none is made on this machine`,
    remedy: `${setUrl}, and FEATURE_ENV or NODE_ENV to "production" if that is meant`,
  }
}

function sourceOf(store: StoreChoice, tables: FeatureOptions['tables']): ConnectionSource | null {
  return store.kind === 'postgres' ? databaseSource(store.url, { tables }) : null
}

/** The parts of a connection that lead to one database: not its encryption, and not its user. */
const placeParts = ['host', 'port', 'database', 'option options']

/** Until a function has named the database, nothing is opened that is named after it. */
function placeOf(store: StoreChoice, database: ConnectionSource | null, root: string): readonly string[] {
  if (database === null) return [store.kind, root]
  return [store.kind, ...placeParts.map((part) => database.fixed?.get(part) ?? '')]
}

/** Equal for all processes that find the database at the same place; user and password are not part of it. */
function addressOf(place: readonly string[], tables: Tables): string {
  const parts = [...place, tables.features, tables.gates]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

function diskFile(given: string | false | undefined, store: StoreChoice, root: string, address: string): string | null {
  if (given === false || store.kind === 'memory') return null
  return resolve(root, given ?? `.feature/snapshot-3-${address}.json.gz`)
}
