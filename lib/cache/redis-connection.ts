// One connection to Redis, with every time limit that keeps a sick server harmless. ioredis' defaults queue commands
// while there is no connection, repeat them twenty times and wait for answers for ever.
//
// States are ioredis' own: connecting → connect → ready → close → reconnecting → connecting … until close() makes it end.
// Only `ready` takes commands. Before it has been reached or missed for the first time, commands wait for it; later they
// fail at once, because a miss now is worth more than an answer later.
import { Redis, type RedisOptions } from 'ioredis'
import type { Faults, Part } from './faults.js'
import { describeFailure, isRefusal } from './redis-failure.js'
import type { RedisTimings } from './redis-timings.js'
import type { RedisAddress } from './redis-url.js'

export interface ConnectionOptions {
  readonly address: RedisAddress
  readonly part: 'connection' | 'subscription'
  readonly faults: Faults
  readonly timings: RedisTimings
  readonly random: () => number
}

/** Thrown instead of sending a command; the reason has been noted when the connection was lost. */
class NotConnected extends Error {
  override readonly name = 'NotConnected'
}

export class RedisConnection {
  readonly #options: ConnectionOptions
  readonly #redis: Redis
  readonly #firstAttempt: Promise<void>
  #closed = false

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#redis = new Redis(clientOptions(options))
    this.#firstAttempt = firstAttempt(this.#redis, options.timings.commandMs)
    this.#watch()
  }

  get ready(): boolean {
    return this.#redis.status === 'ready'
  }

  /** For the events; commands go through `run`. */
  get client(): Redis {
    return this.#redis
  }

  /**
   * Sends a command. Throws within the time limit what Redis or the connection answers; the failure is noted as one of
   * `part` where Redis refused, else as one of the connection. An answer takes such a failure back, unless it does not
   * prove that the part works again.
   */
  async run<T>(
    part: Part,
    command: (redis: Redis) => Promise<T>,
    proves: (answer: T) => boolean = () => true,
  ): Promise<T> {
    const { faults, part: own } = this.#options
    if (!this.ready) await this.#firstAttempt
    if (!this.ready || this.#closed) {
      if (!faults.has(own)) this.#note(own, new Error('it does not answer yet'))
      throw new NotConnected('Redis is not connected')
    }
    try {
      const answer = await command(this.#redis)
      faults.healed(own)
      if (proves(answer)) faults.healed(part)
      return answer
    } catch (error) {
      this.#note(isRefusal(error) ? part : own, error)
      throw error
    }
  }

  /** Ends the connection, also to a server that does not answer; safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true
    const { status } = this.#redis
    const ended = new Promise<void>((resolve) => this.#redis.once('end', () => resolve()))
    this.#redis.disconnect()
    if (status === 'ready' || status === 'connect' || status === 'connecting') await ended
  }

  #watch(): void {
    const { faults, part } = this.#options
    this.#redis.on('error', (error) => this.#note(part, error))
    this.#redis.on('close', () => {
      if (!faults.has(part)) this.#note(part, new Error('the connection was closed'))
    })
    // Hints may not be sent for hours, so nothing else would ever take this fault back.
    this.#redis.on('ready', () => faults.healed(part, 'sending hints'))
  }

  #note(part: Part, error: unknown): void {
    if (!this.#closed) this.#options.faults.failed(part, describeFailure(error))
  }
}

/** Settles when the first attempt to connect has come to something, or after the time limit of a command. */
function firstAttempt(redis: Redis, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs)
    for (const event of ['ready', 'close', 'end'] as const) {
      redis.once(event, () => {
        clearTimeout(timer)
        resolve()
      })
    }
  })
}

function clientOptions({ address, timings, random }: ConnectionOptions) {
  const { host, port, username, password, db } = address
  return {
    host,
    port,
    db,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(address.tls ? { tls: {} } : {}),
    connectionName: 'sluice',
    disableClientInfo: true,
    connectTimeout: timings.connectMs,
    commandTimeout: timings.commandMs,
    // A server that stays silent for this long while an answer is due is given up: else everything sent to a frozen
    // one would pile up here.
    socketTimeout: timings.silenceMs,
    disconnectTimeout: 100,
    maxLoadingRetryTime: 500,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // ioredis subscribes again without catching what that may reject with; redis-subscription.ts does it instead.
    autoResubscribe: false,
    // Full jitter: a thousand processes that lost Redis at the same moment must not come back at the same moment.
    retryStrategy: (attempt: number) => random() * Math.min(timings.reconnectMs, 100 * 2 ** Math.min(attempt, 10)),
    // After a failover the old address may lead to the new primary; the old connection never will.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  } satisfies RedisOptions
}
