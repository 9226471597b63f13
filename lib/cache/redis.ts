// The cache in Redis. Whatever fails here is a miss: it is noted for status() and the log, and Postgres is asked.
// The names of keys and the channel are in redis-keys.ts; what is in them belongs to nobody but this folder.
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { performance } from 'node:perf_hooks'
import type { ConnectionSource, ConnectionUrl } from '../config/connection-source.js'
import type { RedisTls } from '../config/options.js'
import { FeatureError } from '../errors.js'
import type { Logger } from '../log.js'
import type { Listening, Position, StoredState } from '../store/store.js'
import type { Acknowledgements, Cache, CacheEvents, CacheStatus, Hint, Pointer, WaitRequest } from './cache.js'
import { Faults } from './faults.js'
import { hintMessage, waitMessage } from './message.js'
import { RedisBlobs } from './redis-blobs.js'
import { RedisConnection } from './redis-connection.js'
import { type RedisKeys, redisKeys } from './redis-keys.js'
import { RedisMembers } from './redis-members.js'
import { RedisSubscription } from './redis-subscription.js'
import { type RedisTimings, redisTimings } from './redis-timings.js'
import { redisSource } from './redis-url.js'
import { waitForAcknowledgements } from './waiting.js'

export interface RedisCacheOptions {
  readonly url: ConnectionUrl
  /** How the certificate of a `rediss://` server is checked; default: as Node does. */
  readonly tls?: RedisTls
  /** Processes of the same namespace share what is cached. */
  readonly namespace: string
  readonly logger: Logger
  /** What other processes call this one when it lags; default: host, process id and chance. */
  readonly processName?: string
  readonly timings?: Partial<RedisTimings>
  readonly random?: () => number
  readonly now?: () => number
}

export class RedisCache implements Cache {
  readonly kind = 'redis'
  readonly #source: ConnectionSource
  readonly #tls: RedisTls
  readonly #keys: RedisKeys
  readonly #timings: RedisTimings
  readonly #random: () => number
  readonly #now: () => number
  readonly #faults: Faults
  readonly #connection: RedisConnection
  readonly #blobs: RedisBlobs
  readonly #members: RedisMembers
  readonly #subscriptions = new Set<RedisSubscription>()
  readonly #ended = new AbortController()

  /** Begins to connect. Throws ConfigurationError for a URL that is no Redis URL. */
  constructor(options: RedisCacheOptions) {
    const { namespace, logger, processName = defaultProcessName() } = options
    this.#source = redisSource(options.url)
    this.#tls = options.tls ?? {}
    this.#keys = redisKeys(namespace)
    this.#timings = { ...redisTimings, ...options.timings }
    this.#random = options.random ?? Math.random
    this.#now = options.now ?? (() => performance.now())
    this.#faults = new Faults(logger, this.#now)
    this.#connection = new RedisConnection({ ...this.#clientOptions(), part: 'connection' })
    const shared = { connection: this.#connection, keys: this.#keys, processName, timings: this.#timings }
    this.#blobs = new RedisBlobs({ ...shared, namespace, faults: this.#faults })
    this.#members = new RedisMembers(shared)
  }

  async readPointer(): Promise<Pointer | null> {
    return orMiss(this.#blobs.readPointer(), null)
  }

  async readNewest(): Promise<StoredState | null> {
    return orMiss(this.#blobs.readNewest(), null)
  }

  async readBlob(position: Position): Promise<StoredState | null> {
    return orMiss(this.#blobs.readBlob(position), null)
  }

  async writeBlob(state: StoredState, expected: Pointer | null): Promise<boolean> {
    return orMiss(this.#blobs.writeBlob(state, expected), false)
  }

  async publish(hint: Hint, databaseId: string): Promise<void> {
    await orMiss(this.#send(hintMessage(hint, databaseId)), undefined)
  }

  subscribe(events: CacheEvents): Listening {
    const subscription = new RedisSubscription({
      ...this.#clientOptions(),
      channel: this.#keys.channel,
      events,
      now: this.#now,
    })
    this.#subscriptions.add(subscription)
    return {
      close: async () => {
        this.#subscriptions.delete(subscription)
        await subscription.close()
      },
    }
  }

  async beat(): Promise<number | null> {
    return orMiss(this.#members.beat(), null)
  }

  async waitForAll(position: Position, timeoutMs: number): Promise<Acknowledgements> {
    const request = { id: randomUUID(), position }
    try {
      return await waitForAcknowledgements({
        ask: () => this.#send(waitMessage(request)),
        acknowledgements: () => this.#members.acknowledgements(request),
        repeatMs: this.#timings.repeatMs,
        timeoutMs,
        now: this.#now,
        ended: this.#ended.signal,
      })
    } catch (error) {
      const reason = this.#faults.warning() ?? 'it was closed'
      const message = `the other processes cannot be asked whether they have the change; ${reason}. The change is stored`
      throw new FeatureError('cache_unavailable', message, { cause: error })
    } finally {
      void orMiss(this.#members.forget(request), undefined)
    }
  }

  async acknowledge(request: WaitRequest): Promise<void> {
    await orMiss(this.#members.acknowledge(request), undefined)
  }

  status(): CacheStatus {
    const subscribed = [...this.#subscriptions].some((subscription) => subscription.subscribed)
    return { connected: this.#connection.connected, subscribed, warning: this.#faults.warning() }
  }

  async close(): Promise<void> {
    if (this.#ended.signal.aborted) return
    this.#ended.abort()
    // Sent, not waited for: a frozen Redis must not hold up the end of a process.
    if (this.#connection.ready) void orMiss(this.#members.leave(), undefined)
    await Promise.all([...this.#subscriptions, this.#connection].map((open) => open.close()))
  }

  #clientOptions() {
    return { source: this.#source, tls: this.#tls, faults: this.#faults, timings: this.#timings, random: this.#random }
  }

  async #send(message: string): Promise<void> {
    await this.#connection.run('sending hints', (redis) => redis.publish(this.#keys.channel, message))
  }
}

function defaultProcessName(): string {
  return `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`
}

/** What the cache does is never worth an error: the connection has noted what was wrong. */
async function orMiss<T>(answer: Promise<T>, miss: T): Promise<T> {
  try {
    return await answer
  } catch {
    // Noted where it happened, and shown by status(); the caller goes on with a miss.
    return miss
  }
}
