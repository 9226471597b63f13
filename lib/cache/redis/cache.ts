// The cache in Redis. Every failure here is a miss: it is noted for status() and the log, and Postgres is asked. The names of
// keys and the channel are in keys.ts; only this folder reads and writes their content.
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { ConnectionSource, ConnectionUrl } from '../../config/connection-source.js'
import type { RedisTls } from '../../config/options.js'
import { FeatureError } from '../../errors.js'
import type { Logger } from '../../log.js'
import type { Sealer } from '../../state/sealed.js'
import type { Listening, Position } from '../../state/state.js'
import { type Clock, systemClock } from '../../time/clock.js'
import type {
  Acknowledgements,
  BlobClaim,
  Cache,
  CachedState,
  CacheEvents,
  CacheStatus,
  Found,
  Hint,
  Member,
  Pointer,
  WaitRequest,
} from '../cache.js'
import { Faults } from '../cache-health.js'
import { type Circle, differenceMessage, hintMessage, parseMessage, waitMessage } from '../format/message.js'
import { RedisBlobs } from './blobs.js'
import { RedisConnection } from './connection.js'
import { RedisDirectory } from './directory.js'
import type { RedisDriver } from './driver.js'
import { type RedisKeys, redisKeys } from './keys.js'
import { RedisKept } from './kept.js'
import { RedisMembers } from './members.js'
import { RedisSubscription } from './subscription.js'
import { type RedisTimings, redisTimings } from '../timings.js'
import { redisSource } from './url.js'
import { waitForAcknowledgements } from '../acknowledgements.js'

export interface RedisCacheOptions {
  readonly driver: RedisDriver
  readonly url: ConnectionUrl
  /** How the certificate of a `rediss://` server is checked; default: as Node does. */
  readonly tls?: RedisTls
  /** Names the place of the database: a boot looks there for the databases that other processes have found. */
  readonly address: string
  /** Marks the texts that are written and checks those that are read. */
  readonly sealer: Sealer
  readonly logger: Logger
  /** The name of this process in the answers of others when it lags; default: host, process id and chance. */
  readonly processName?: string
  readonly timings?: Partial<RedisTimings>
  /** Time and chance; tests replace them. Default: the system's. */
  readonly clock?: Clock
}

export class RedisCache implements Cache {
  readonly kind = 'redis'
  readonly #driver: RedisDriver
  readonly #source: ConnectionSource
  readonly #tls: RedisTls
  readonly #keys: RedisKeys
  readonly #sealer: Sealer
  readonly #directory: RedisDirectory
  readonly #timings: RedisTimings
  readonly #clock: Clock
  readonly #faults: Faults
  readonly #connection: RedisConnection
  readonly #blobs: RedisBlobs
  readonly #members: RedisMembers
  readonly #kept: RedisKept
  readonly #subscriptions = new Set<RedisSubscription>()
  readonly #ended = new AbortController()

  /** Begins to connect. Throws ConfigurationError for a URL that is not a Redis URL. */
  constructor(options: RedisCacheOptions) {
    const { address, sealer, logger, processName = defaultProcessName() } = options
    this.#driver = options.driver
    this.#source = redisSource(options.url)
    this.#tls = options.tls ?? {}
    this.#keys = redisKeys(sealer)
    this.#sealer = sealer
    this.#timings = { ...redisTimings, ...options.timings }
    this.#clock = options.clock ?? systemClock
    this.#faults = new Faults(logger, this.#clock)
    this.#connection = new RedisConnection({ ...this.#clientOptions(), part: 'connection' })
    const [connection, keys, timings, faults] = [this.#connection, this.#keys, this.#timings, this.#faults]
    const clock = this.#clock
    this.#directory = new RedisDirectory({ key: keys.directory(address), address, sealer, faults })
    const shared = { connection, keys, sealer, directory: this.#directory, processName, timings, faults, clock }
    this.#blobs = new RedisBlobs({ ...shared, address })
    this.#members = new RedisMembers(shared)
    this.#kept = new RedisKept(shared)
  }

  async find(): Promise<Found> {
    return orMiss(this.#blobs.find(), { identities: [], state: null })
  }

  async readPointer(identity: string): Promise<Pointer | null> {
    return orMiss(this.#blobs.readPointer(identity), null)
  }

  async readNewest(identity: string): Promise<CachedState | null> {
    return orMiss(this.#blobs.readNewest(identity), null)
  }

  async readBlob(identity: string, pointer: Pointer): Promise<CachedState | null> {
    return orMiss(this.#blobs.readBlob(identity, pointer), null)
  }

  async claimBlob(identity: string, expected: Pointer | null): Promise<BlobClaim | null> {
    return orMiss(this.#blobs.claim(identity, expected), null)
  }

  async publish(identity: string, hint: Hint): Promise<void> {
    await orMiss(this.#send(identity, hintMessage(this.#circle(identity), hint)), undefined)
  }

  async tellDifference(identity: string, names: readonly string[] | null): Promise<void> {
    await orMiss(this.#send(identity, differenceMessage(this.#circle(identity), names)), undefined)
  }

  subscribe(identity: string, events: CacheEvents): Listening {
    const circle = this.#circle(identity)
    const subscription = new RedisSubscription({
      ...this.#clientOptions(),
      channel: this.#keys.of(identity).channel,
      events,
      parse: (text) => parseMessage(circle, text),
    })
    this.#subscriptions.add(subscription)
    return {
      close: async () => {
        this.#subscriptions.delete(subscription)
        await subscription.close()
      },
    }
  }

  async beat(identity: string): Promise<number | null> {
    return orMiss(this.#members.beat(identity), null)
  }

  async members(identity: string): Promise<readonly Member[] | null> {
    return orMiss(this.#members.alive(identity), null)
  }

  async leave(identity: string): Promise<void> {
    this.#blobs.forget(identity)
    await orMiss(
      Promise.all([this.#directory.remove(this.#connection, identity), this.#members.leave([identity])]),
      null,
    )
  }

  async waitForAll(identity: string, position: Position, timeoutMs: number): Promise<Acknowledgements> {
    const request = { id: randomUUID(), position }
    try {
      return await waitForAcknowledgements({
        ask: () => this.#send(identity, waitMessage(this.#circle(identity), request)),
        acknowledgements: () => this.#members.acknowledgements(identity, request),
        repeatMs: this.#timings.repeatMs,
        timeoutMs,
        clock: this.#clock,
        ended: this.#ended.signal,
      })
    } catch (error) {
      const reason = this.#faults.warning() ?? 'the connection to Redis was closed'
      throw new FeatureError('cache_unavailable', {
        problem:
          'the change is stored, and the other processes get it with their next poll, but they cannot be asked whether they ' +
          `have it: ${reason}`,
        remedy: 'check Redis and redisUrl (REDIS_URL)',
        cause: error,
      })
    } finally {
      void orMiss(this.#members.forget(identity, request), undefined)
    }
  }

  async acknowledge(identity: string, request: WaitRequest): Promise<void> {
    await orMiss(this.#members.acknowledge(identity, request), undefined)
  }

  async keep(identity: string, name: string, bytes: Buffer): Promise<void> {
    await orMiss(this.#kept.keep(identity, name, bytes), undefined)
  }

  async kept(identity: string, name: string): Promise<Buffer | null> {
    return orMiss(this.#kept.read(identity, name), null)
  }

  status(): CacheStatus {
    const subscribed = [...this.#subscriptions].some((subscription) => subscription.subscribed)
    return { connected: this.#connection.connected, subscribed, warning: this.#faults.warning() }
  }

  async close(): Promise<void> {
    if (this.#ended.signal.aborted) return
    this.#ended.abort()
    // Sent, not awaited: a frozen Redis must not hold up the end of a process.
    if (this.#connection.ready) void orMiss(this.#members.leave(), undefined)
    await Promise.all([...this.#subscriptions, this.#connection].map((open) => open.close()))
  }

  #clientOptions() {
    return {
      driver: this.#driver,
      source: this.#source,
      tls: this.#tls,
      faults: this.#faults,
      timings: this.#timings,
      clock: this.#clock,
    }
  }

  #circle(identity: string): Circle {
    return { sealer: this.#sealer, identity }
  }

  async #send(identity: string, message: string): Promise<void> {
    const { channel } = this.#keys.of(identity)
    await this.#connection.run('sending hints', (redis) => redis.publish(channel, message))
  }
}

function defaultProcessName(): string {
  return `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`
}

/** A failure of the cache is never an error for the caller: the connection has noted it. */
async function orMiss<T>(answer: Promise<T>, miss: T): Promise<T> {
  try {
    return await answer
  } catch {
    // Noted where it happened, and shown by status(); the caller goes on with a miss.
    return miss
  }
}
