// Hears the messages of the other processes, over a connection of its own. Redis forgets a message as soon as it has sent it,
// so all messages sent while this process was not subscribed are lost: after each subscription, the process is told to look for
// itself.
import type { ConnectionSource } from '../../config/connection-source.js'
import type { RedisTls } from '../../config/options.js'
import { errorText } from '../../errors.js'
import type { Clock, Timer } from '../../time/clock.js'
import type { CacheEvents } from '../cache.js'
import type { Faults } from '../cache-health.js'
import { largestMessage, type Message } from '../format/message.js'
import { RedisConnection } from './connection.js'
import type { RedisDriver } from './driver.js'
import type { RedisTimings } from '../timings.js'

export interface SubscriptionOptions {
  readonly driver: RedisDriver
  readonly source: ConnectionSource
  readonly tls: RedisTls
  readonly channel: string
  readonly events: CacheEvents
  /** Null for a text that is not a message of this package. */
  readonly parse: (text: string) => Message | null
  readonly faults: Faults
  readonly timings: RedisTimings
  readonly clock: Clock
}

export class RedisSubscription {
  readonly #options: SubscriptionOptions
  readonly #connection: RedisConnection
  readonly #pinging: NodeJS.Timeout
  #subscribed = false
  #garbage = false
  #unsureAtMs = Number.NEGATIVE_INFINITY
  #unsureSoon: Timer | null = null
  #closed = false

  constructor(options: SubscriptionOptions) {
    this.#options = options
    const { driver, source, tls, faults, timings, clock } = options
    this.#connection = new RedisConnection({ driver, source, tls, part: 'subscription', faults, timings, clock })
    const { client } = this.#connection
    client.on('ready', () => this.#inBackground(this.#subscribe()))
    client.on('close', () => {
      this.#subscribed = false
    })
    client.on('messageBuffer', (_channel, message) => this.#hear(message))
    this.#pinging = setInterval(() => this.#inBackground(this.#ping()), timings.pingMs)
    this.#pinging.unref()
  }

  get subscribed(): boolean {
    return this.#subscribed
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#subscribed = false
    clearInterval(this.#pinging)
    this.#unsureSoon?.cancel()
    await this.#connection.close()
  }

  /** Subscribes first and looks afterwards: in the other order a change between the two would go unnoticed. */
  async #subscribe(): Promise<void> {
    await this.#connection.run('subscription', (redis) => redis.subscribe(this.#options.channel))
    if (this.#closed) return
    this.#subscribed = true
    this.#unsure()
  }

  /** A connection that broke silently is noticed because the answer does not come. */
  async #ping(): Promise<void> {
    if (!this.#connection.ready) return
    // Refused at first (a user without the right to the channel, for example), and perhaps granted since.
    if (!this.#subscribed) return this.#subscribe()
    await this.#connection.run('subscription', (redis) => redis.ping())
    if (!this.#garbage) this.#options.faults.healed('hints')
    this.#garbage = false
  }

  #hear(bytes: Buffer): void {
    if (this.#closed) return
    try {
      this.#tell(bytes.length > largestMessage ? null : this.#options.parse(bytes.toString()))
    } catch (error) {
      // ioredis would rethrow it where no code can catch it, and a message from Redis must not end a process.
      this.#garbageHeard(errorText(error))
    }
  }

  #tell(message: Message | null): void {
    const { events } = this.#options
    if (message === null) this.#garbageHeard('a text on the channel is not one of our messages')
    else if (message.kind === 'hint') events.hint(message.hint)
    else if (message.kind === 'difference') events.difference(message.names)
    else events.wait(message.request)
  }

  #garbageHeard(what: string): void {
    this.#garbage = true
    this.#options.faults.failed('hints', what)
    this.#unsureButRarely()
  }

  /** A client that floods the channel with garbage must not make every process flood Postgres with questions. */
  #unsureButRarely(): void {
    if (this.#unsureSoon !== null) return
    const { clock, timings } = this.#options
    const delayMs = Math.max(0, this.#unsureAtMs + timings.unsureMs - clock.now())
    this.#unsureSoon = clock.after(delayMs, () => {
      this.#unsureSoon = null
      this.#unsure()
    })
  }

  #unsure(): void {
    this.#unsureAtMs = this.#options.clock.now()
    this.#options.events.unsure()
  }

  #inBackground(work: Promise<void>): void {
    work.catch(() => {
      // The connection notes it, connects again and starts the next subscription.
    })
  }
}
