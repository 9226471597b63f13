// The keys that a user may set, in code or in the configuration file.
import type { Actor } from '../actors/actor.js'
import type { OwnFlagType } from '../definition/types.js'
import type { Logger } from '../log.js'
import type { CacheSecret } from './cache-secret.js'
import type { ConnectionUrl } from './connection-source.js'

/** How a class of actors is found; a class without functions is registered, and known by id only. */
export interface ActorClass {
  /** Finds the actor, or its id, for a path such as `gitlab-org/gitlab`; null when there is none. */
  readonly findByPath?: (path: string) => FoundActor | Promise<FoundActor>
}

export type FoundActor = Actor | string | number | bigint | null | undefined

export interface Limits {
  /** Most actor ids on one flag when writing, opt-outs not counted; default 10,000. */
  readonly actorsPerFlag: number
  /** Most opt-outs on one flag when writing; default 10,000. */
  readonly optOutsPerFlag: number
  /** Largest snapshot when writing, in bytes; default 20,000,000. */
  readonly snapshotBytes: number
}

/** How the certificate of a `rediss://` server is checked. */
export interface RedisTls {
  /** The authorities to trust, as PEM text, in place of those that Node trusts. Default: Node's, and `NODE_EXTRA_CA_CERTS`. */
  readonly ca?: string | readonly string[]
  /** The name that the certificate must have. Default: the host of the URL. */
  readonly servername?: string
  /** `false` accepts any certificate: encrypted, but open to an attacker in between. Default: true. */
  readonly rejectUnauthorized?: boolean
  /** The client's own certificate, as PEM text, for a server that asks for one. Default: none. */
  readonly cert?: string
  /** The key of `cert`, as PEM text. Default: none. */
  readonly key?: string
}

/** What the HTTP server allows. Limits of a kind of route of its own get a key of their own here, with these names in it. */
export interface ServerLimits {
  /** Most connections at once; default 1,000. A further one takes the place of the one that has been idle longest. */
  readonly connections: number
  /** Most connections at once of one address (IPv6: of one /64 network), trusted proxies excepted; default 100. */
  readonly connectionsPerAddress: number
  /** Most requests of one connection, which is closed after the last one's answer; default 1,000. */
  readonly requestsPerConnection: number
  /** Most requests a minute of one address, and of one token there; liveness and readiness count for none. Default 1,200. */
  readonly requestsPerMinute: number
  /** Most changes a minute with one token; default 60. */
  readonly changesPerMinute: number
  /** Most wrong tokens a minute of one address; default 10. */
  readonly wrongTokensPerMinute: number
  /**
   * Names that the `Host` header may hold beside this machine's own where the server listens on a loopback address alone: those
   * that a reverse proxy on the same machine passes on, such as `flags.example.com`. Without a port. Default: none.
   */
  readonly hosts: readonly string[]
  /**
   * IP addresses and networks (`10.0.0.0/8`) of the proxies whose `X-Forwarded-For` is believed, so that limits count the
   * address behind them. Default: none, and then each request counts for the address that connects.
   */
  readonly trustedProxies: readonly string[]
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
  /**
   * Tells installations apart that nothing else does: copies of one database's files, or two databases that are found under
   * the same host, port and name. Part of the database's identity. Default: none.
   */
  readonly namespace?: string
  /**
   * Signs what is kept in Redis and on disk: at least 32 characters; two secrets, separated by a comma, while it changes: the
   * first signs, both verify. What has no valid signature counts as absent. A function is asked once, at start, and has 5 s to
   * answer. Default: `FEATURE_CACHE_SECRET`, otherwise nothing is signed.
   */
  readonly cacheSecret?: CacheSecret
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
  /** What `serve` allows: bounds on connections and requests, names of hosts, trusted proxies. */
  readonly server?: Partial<ServerLimits>
  readonly logger?: Logger
}

/** Types a configuration file: `export default defineConfig({ … })`. */
export function defineConfig(options: FeatureOptions): FeatureOptions {
  return options
}
