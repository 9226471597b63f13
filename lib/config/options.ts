// The keys that a user may set, in code or in the configuration file.
import type { Actor } from '../actors/actor.js'
import type { Milestones } from '../definition/age.js'
import type { OwnFlagType } from '../definition/types.js'
import type { Logger } from '../log.js'
import type { CacheSecret } from './cache-secret.js'
import type { ConnectionUrl } from './connection-source.js'
import type { ExperimentOptions } from './experiment-options.js'
import type { UsageOptions } from './usage-options.js'

/**
 * How an actor of a class is written and found; a class without functions is registered, and its actors are known by id only.
 */
export interface ActorClass {
  /**
   * How its ids are written where that is not the class, a colon and the id: `{id}` stands for the id, as in `User;{id}`, which
   * is what a Rails application with Flipper stores. The same text belongs into `FeatureGate`. Default: `Class:{id}`.
   */
  readonly id?: string
  /** Finds the actor, or its id, for a path such as `gitlab-org/gitlab`; null if there is none. */
  readonly findByPath?: (path: string) => FoundActor | Promise<FoundActor>
  /**
   * Gives actors of the class, for previews: how many of them gain or lose a flag. All of them, or some at random with their whole
   * number in `total`. At most `limit` are used. It has 2 seconds, after which `signal` aborts; what it gave is kept for 10 minutes.
   */
  readonly sample?: (asked: SampleQuestion) => SampledActors | Promise<SampledActors>
  /**
   * Gives names to actors of the class, for pages: by id, as in `{ 'User:7': { label: 'Sam', url: 'https://…' } }`, an object or a Map. At
   * most 200 ids at once. It has 2 seconds; an actor that it leaves out is shown by its id.
   */
  readonly describe?: (ids: readonly string[]) => DescribedActors | Promise<DescribedActors>
}

/** The name of an actor, and the address of its page, which begins with `https:` or `http:`. */
export interface DescribedActor {
  readonly label: string
  readonly url?: string | null
}

export type DescribedActors = Readonly<Record<string, DescribedActor>> | ReadonlyMap<string, DescribedActor>

export interface SampleQuestion {
  /** The most actors that are used: 10,000. */
  readonly limit: number
  readonly signal: AbortSignal
}

/**
 * Actors, or their ids. With objects a preview can ask the predicates of groups. `total`: how many actors of the class there are; without it,
 * these are taken for all.
 */
export type SampledActors =
  | Iterable<Actor | string | number | bigint>
  | { readonly ids: Iterable<Actor | string | number | bigint>; readonly total?: number }

export type FoundActor = Actor | string | number | bigint | null | undefined

export interface Limits {
  /** The most actor ids that a change may store on one flag, opt-outs not counted; default 10,000. */
  readonly actorsPerFlag: number
  /** The most opt-outs that a change may store on one flag; default 10,000. */
  readonly optOutsPerFlag: number
  /** The largest snapshot that a change may make, in bytes; default 20,000,000. */
  readonly snapshotBytes: number
}

/** How the certificate of a `rediss://` server is checked. */
export interface RedisTls {
  /** The authorities to trust, as PEM text, instead of those that Node trusts. Default: Node's, and `NODE_EXTRA_CA_CERTS`. */
  readonly ca?: string | readonly string[]
  /** The name that the certificate must have. Default: the host of the URL. */
  readonly servername?: string
  /** `false` accepts any certificate: the connection is encrypted, but an attacker in between can read it. Default: true. */
  readonly rejectUnauthorized?: boolean
  /** The client's own certificate, as PEM text, for a server that asks for one. Default: none. */
  readonly cert?: string
  /** The key of `cert`, as PEM text. Default: none. */
  readonly key?: string
}

/** The limits of the HTTP server. A kind of route with its own limits gets its own key here, with these names in it. */
export interface ServerLimits {
  /** The most connections at once; default 25,000. A further one takes the place of the one that has been idle longest. */
  readonly connections: number
  /** The most connections at once from one address (IPv6: one /64 network), trusted proxies excepted; default 500. */
  readonly connectionsPerAddress: number
  /** The most streams of SDKs at once; a further SDK is told to poll. Default 10,000. */
  readonly streams: number
  /** The most requests on one connection, which is closed after the answer to the last one; default 1,000. */
  readonly requestsPerConnection: number
  /**
   * The most requests per minute from one address, and with one token there; liveness, readiness and what SDKs of projects ask do
   * not count. Default 1,200.
   */
  readonly requestsPerMinute: number
  /** The most changes per minute with one token; default 60. */
  readonly changesPerMinute: number
  /** The most wrong tokens per minute from one address; default 10. */
  readonly wrongTokensPerMinute: number
  /** The most polls of SDKs per minute from one address for one project; default 6,000. */
  readonly pollsPerMinute: number
  /** The most reports of SDKs per minute from one address for one project; default 6,000. */
  readonly reportsPerMinute: number
  /** The most requests of SDKs per minute from one address with an instance ID that is wrong; default 60. */
  readonly wrongInstanceIdsPerMinute: number
  /**
   * Names that the `Host` header may hold besides this machine's own if the server listens only on a loopback address: the
   * names that a reverse proxy on the same machine passes on, such as `flags.example.com`. Without a port. Default: none.
   */
  readonly hosts: readonly string[]
  /**
   * IP addresses and networks (`10.0.0.0/8`) of the proxies whose `X-Forwarded-For` is believed, so that limits count the
   * address behind them. Default: none; then each request counts for the address that connects.
   */
  readonly trustedProxies: readonly string[]
}

/** The keys of `Feature.start`, `createFeature`, `defineConfig` and the configuration file. */
export interface FeatureOptions {
  /** The folder that holds `config/feature_flags`; default: the working directory. */
  readonly root?: string
  /** Default: `FEATURE_ENV`, otherwise `NODE_ENV`, otherwise `development`. */
  readonly env?: string
  /** Whether wrong use throws; default: everywhere except in `production`. */
  readonly strict?: boolean
  /**
   * A Postgres URL, `embedded` or `memory`; default: `DATABASE_URL`, otherwise as the environment asks. A function is asked for
   * the URL before each new connection and has 5 s to answer; user and password may differ from one answer to the next.
   */
  readonly databaseUrl?: ConnectionUrl
  /**
   * The URL of Redis, `redis://`, `rediss://` or `unix://`, or a function as for `databaseUrl`; default: `REDIS_URL`, otherwise
   * no cache.
   */
  readonly redisUrl?: ConnectionUrl
  /** How the certificate of a `rediss://` server is checked; default: as Node does. */
  readonly redisTls?: RedisTls
  /**
   * Tells installations apart that otherwise look the same: copies of one database's files, or two databases that are found
   * under the same host, port and name. Part of the database's identity. Default: none.
   */
  readonly namespace?: string
  /**
   * Signs the content of Redis and of the disk copy: at least 32 characters. Give two secrets, separated by a comma, while the
   * secret changes: the first signs, both verify. Content without a valid signature counts as absent. A function is asked once,
   * at start, and has 5 s to answer. Default: `FEATURE_CACHE_SECRET`, otherwise nothing is signed.
   */
  readonly cacheSecret?: CacheSecret
  /** Table names, each `table` or `schema.table`; default `features` and `feature_gates`. */
  readonly tables?: { readonly features?: string; readonly gates?: string }
  /**
   * Folders of definitions, relative to the root; an empty list: no definitions. Default: `config/feature_flags` and
   * `ee/config/feature_flags`.
   */
  readonly definitionPaths?: readonly string[]
  /** Flag types of the project's own, by name; default: those that are built in alone. */
  readonly types?: Readonly<Record<string, OwnFlagType>>
  /**
   * When each version was released, for the age of flags: a date by version, `{ '1.4': '2026-03-01' }`, or `monthly` for versions as
   * GitLab numbers them. A flag is stale when its type's lifetime is over, counted from the date of its `milestone`. Default: none, and
   * then no age is known.
   */
  readonly milestones?: Milestones
  /**
   * The file that `bin/feature-flag types` writes, relative to the root. Default: `feature-flags.d.ts` in `src` or `lib`, whichever is
   * there, otherwise in the root.
   */
  readonly typesFile?: string
  /** Groups by name, each a synchronous predicate over actors; default: none. */
  readonly groups?: Readonly<Record<string, (actor: Actor) => boolean>>
  /** Classes of actors by name. If given, strict mode refuses actors of other classes. Default: every class is fine. */
  readonly actors?: Readonly<Record<string, ActorClass>>
  /** Milliseconds between two reads of the position; default 10,000, embedded 250. */
  readonly pollIntervalMs?: number
  /** Whether to hear of changes by LISTEN; default: on without Redis. */
  readonly listen?: boolean
  /** The file for the last good snapshot; `false`: none. Default: under `.feature/` of the root. */
  readonly diskFile?: string | false
  /** What a change may not go beyond; default: that of each limit. */
  readonly limits?: Partial<Limits>
  /** The limits of `serve`: bounds on connections and requests, names of hosts, trusted proxies; default: that of each. */
  readonly server?: Partial<ServerLimits>
  /**
   * The address by which people reach `serve` in a browser, such as `https://flags.example.com`. People sign in at this host
   * alone, over HTTPS, and on the machine itself. Default: none; then on the machine itself alone.
   */
  readonly publicUrl?: string
  /** What the command `usage` looks at, and what it takes for a use; default: that of each key. */
  readonly usage?: UsageOptions
  /** What all experiments share: the flag that switches them off, and their secret; default: that of each key. */
  readonly experiments?: ExperimentOptions
  /**
   * Gets warnings and the log of changes; `false`: no log. Default: one JSON object a line on stderr, from the level in
   * `FEATURE_LOG_LEVEL` on.
   */
  readonly logger?: Logger | false
}

/** Types a configuration file: `export default defineConfig({ … })`. */
export function defineConfig(options: FeatureOptions): FeatureOptions {
  return options
}
