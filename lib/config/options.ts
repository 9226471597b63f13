// The keys that a user may set, in code or in the configuration file.
import type { Actor } from '../actors/actor.js'
import type { OwnFlagType } from '../definition/types.js'
import type { Logger } from '../log.js'
import type { ConnectionUrl } from './connection-source.js'

/** How a class of actors is found; a class without functions is registered, and known by id only. */
export interface ActorClass {
  /** Finds the actor, or its id, for a path such as `gitlab-org/gitlab`; null when there is none. */
  readonly findByPath?: (path: string) => FoundActor | Promise<FoundActor>
}

export type FoundActor = Actor | string | number | bigint | null | undefined

export interface Limits {
  /** Most actor ids on one flag when writing. */
  readonly actorsPerFlag: number
  /** Largest snapshot when writing, in bytes. */
  readonly snapshotBytes: number
}

/** How the certificate of a `rediss://` server is checked. */
export interface RedisTls {
  /** The authorities to trust, as PEM text, in place of those that Node trusts. Default: Node's, and `NODE_EXTRA_CA_CERTS`. */
  readonly ca?: string | readonly string[]
  /** The name that the certificate must have. Default: the host of the URL. */
  readonly servername?: string
  /** `false` accepts any certificate: encrypted, but open to whoever can put himself in between. Default: true. */
  readonly rejectUnauthorized?: boolean
  /** The client's own certificate, as PEM text, for a server that asks for one. Default: none. */
  readonly cert?: string
  /** The key of `cert`, as PEM text. Default: none. */
  readonly key?: string
}

/** The keys of `Feature.start`, `createFeature`, `defineConfig` and the configuration file. */
export interface FeatureOptions {
  /** The folder that holds `config/feature_flags`; default: the working directory. */
  readonly root?: string
  /** Default: `FEATURE_ENV`, else `NODE_ENV`, else `development`. */
  readonly env?: string
  /** Throw on wrong use; default: everywhere but in `production`. */
  readonly strict?: boolean
  /**
   * A Postgres URL, `embedded` or `memory`; default: `DATABASE_URL`, else as the environment asks. A function is asked for
   * the URL before each new connection and has 5 s to answer; user and password may differ from one answer to the next.
   */
  readonly databaseUrl?: ConnectionUrl
  /** The URL of Redis, `redis://` or `rediss://`, or a function as for `databaseUrl`; default: `REDIS_URL`, else no cache. */
  readonly redisUrl?: ConnectionUrl
  /** How the certificate of a `rediss://` server is checked; default: as Node does. */
  readonly redisTls?: RedisTls
  /** Names what processes share; default: a hash of database, tables and environment. */
  readonly namespace?: string
  /** Table names, each `table` or `schema.table`; default `features` and `feature_gates`. */
  readonly tables?: { readonly features?: string; readonly gates?: string }
  /** Folders of definitions, relative to the root. */
  readonly definitionPaths?: readonly string[]
  /** Flag types of the project's own. */
  readonly types?: Readonly<Record<string, OwnFlagType>>
  /** Groups by name, each a predicate. */
  readonly groups?: Readonly<Record<string, (actor: Actor) => boolean>>
  /** Classes of actors by name. Where given, strict mode refuses actors of other classes. */
  readonly actors?: Readonly<Record<string, ActorClass>>
  /** How often the position is read; default 10,000, embedded 250. */
  readonly pollIntervalMs?: number
  /** Hear of changes by LISTEN; default: on without Redis. */
  readonly listen?: boolean
  /** Where the last good snapshot is kept; `false`: nowhere. Default: under `.feature/` of the root. */
  readonly diskFile?: string | false
  readonly limits?: Partial<Limits>
  readonly logger?: Logger
}

/** Types a configuration file: `export default defineConfig({ … })`. */
export function defineConfig(options: FeatureOptions): FeatureOptions {
  return options
}
