// Options, environment, configuration file and defaults become one frozen value. Earlier sources win, key by key.
import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import type { Actor } from './actors/actor.js'
import { connectionUrlFault, shownUrl } from './config/connection-url.js'
import { readEnvironment } from './config/environment.js'
import { environmentDoubt } from './config/environment-name.js'
import type { ActorClass, FeatureOptions, Limits, ServerLimits } from './config/options.js'
import { defaultServerLimits } from './config/server-limits.js'
import { checkOptions } from './config/shape.js'
import { builtInTypes, type FlagType, withTypes } from './definition/types.js'
import { ConfigurationError } from './errors.js'
import { defaultLogger, type Logger } from './log.js'

export interface Tables {
  readonly features: string
  readonly gates: string
}

export type StoreChoice =
  | { readonly kind: 'postgres'; readonly url: string }
  | { readonly kind: 'embedded' }
  | { readonly kind: 'memory' }
  /** No database where one is needed: an error at start, not before, so that early checks still answer. */
  | { readonly kind: 'missing'; readonly message: string }

/** The configuration, complete and frozen. */
export interface Config {
  readonly root: string
  readonly env: string
  readonly strict: boolean
  readonly foss: boolean
  readonly store: StoreChoice
  readonly redisUrl: string | null
  readonly namespace: string
  readonly tables: Tables
  readonly definitionPaths: readonly string[] | null
  readonly types: ReadonlyMap<string, FlagType>
  readonly groups: ReadonlyMap<string, (actor: Actor) => boolean>
  /** Null where no classes are registered: every class is fine then. */
  readonly actors: ReadonlyMap<string, ActorClass> | null
  readonly pollIntervalMs: number
  /** Null where it was not said: then it is on without Redis, and in the server. */
  readonly listen: boolean | null
  readonly diskFile: string | null
  readonly limits: Limits
  readonly server: ServerLimits
  readonly logger: Logger
}

/**
 * Joins options, environment and a configuration file's content into one frozen value. Only with the file's content it is
 * the one that will be in force, so only then a doubtful environment is logged.
 * Throws ConfigurationError for a key or value that is wrong.
 */
export function resolveConfig(options: FeatureOptions, file?: FeatureOptions, env = process.env): Config {
  const config = joinConfig(options, file ?? {}, env)
  const doubt = file === undefined ? null : environmentDoubt(config.env)
  if (doubt !== null) config.logger.warn({}, `feature flags: ${doubt}`)
  return config
}

function joinConfig(options: FeatureOptions, file: FeatureOptions, env: NodeJS.ProcessEnv): Config {
  const given = merge(checkOptions(options, 'options'), readEnvironment(env), checkOptions(file, 'configuration file'))
  const root = resolve(given.root ?? process.cwd())
  const environment = given.env ?? 'development'
  const store = chooseStore(given.databaseUrl, environment)
  const tables = { features: given.tables?.features ?? 'features', gates: given.tables?.gates ?? 'feature_gates' }
  const namespace = given.namespace ?? defaultNamespace(store, tables, environment, root)
  const redisUrl = given.redisUrl ?? null
  return Object.freeze({
    root,
    env: environment,
    strict: given.strict ?? environment !== 'production',
    foss: given.foss ?? false,
    store,
    redisUrl,
    namespace,
    tables,
    definitionPaths: given.definitionPaths ?? null,
    types: given.types === undefined ? builtInTypes : withTypes(given.types),
    groups: new Map(Object.entries(given.groups ?? {})),
    actors: given.actors === undefined ? null : new Map(Object.entries(given.actors)),
    pollIntervalMs: given.pollIntervalMs ?? (store.kind === 'embedded' ? 250 : 10_000),
    listen: given.listen ?? null,
    diskFile: diskFile(given.diskFile, store, root, namespace),
    limits: { actorsPerFlag: 10_000, snapshotBytes: 20_000_000, ...given.limits },
    server: { ...defaultServerLimits, ...given.server },
    logger: given.logger ?? defaultLogger(given.logLevel ?? 'info'),
  })
}

type Given = FeatureOptions & ReturnType<typeof readEnvironment>

/** The first source that has a key wins; `tables`, `limits` and `server` are joined key by key. */
function merge(...sources: readonly Given[]): Given {
  const merged: Record<string, unknown> = {}
  for (const source of sources) {
    for (const [key, value] of Object.entries(source)) if (value !== undefined && !(key in merged)) merged[key] = value
  }
  const joined = (key: 'tables' | 'limits' | 'server') =>
    Object.assign({}, ...sources.map((source) => given(source[key] ?? {})).reverse())
  return { ...merged, tables: joined('tables'), limits: joined('limits'), server: joined('server') }
}

/** An option that is undefined counts as absent, within an object too. */
function given(options: object): object {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

function chooseStore(databaseUrl: string | undefined, environment: string): StoreChoice {
  if (databaseUrl === 'embedded' || databaseUrl === 'memory') return { kind: databaseUrl }
  if (databaseUrl !== undefined) return { kind: 'postgres', url: checkDatabaseUrl(databaseUrl) }
  if (environment === 'test') return { kind: 'memory' }
  if (environment !== 'production') return { kind: 'embedded' }
  const message =
    'no database is configured for production: set DATABASE_URL to a Postgres URL ' +
    "(or databaseUrl: 'embedded', if one machine with a file database is really meant)"
  return { kind: 'missing', message }
}

function checkDatabaseUrl(url: string): string {
  const fault = connectionUrlFault(url, ['postgres', 'postgresql'])
  if (fault === null) return url
  throw new ConfigurationError(
    `databaseUrl (DATABASE_URL): ${shownUrl(url)} is no Postgres URL: ${fault}; write postgres://host:5432/database, "embedded" or "memory"`,
  )
}

/** Equal for all processes that share database, tables and environment; the password is no part of it. */
function defaultNamespace(store: StoreChoice, tables: Tables, environment: string, root: string): string {
  const place = store.kind === 'postgres' ? new URL(store.url).pathname : `${store.kind}:${root}`
  const parts = [place, tables.features, tables.gates, environment]
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 16)
}

function diskFile(
  given: string | false | undefined,
  store: StoreChoice,
  root: string,
  namespace: string,
): string | null {
  if (given === false || store.kind === 'memory') return null
  return resolve(root, given ?? `.feature/snapshot-${namespace}.json.gz`)
}
