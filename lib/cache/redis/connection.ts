// One connection to Redis, with every time limit that keeps a sick server harmless. ioredis' defaults queue commands
// while there is no connection, repeat them twenty times and wait for answers without end. Its own time limits are not fair:
// on a machine that was busy with a thousand boots they treated answers as late that had arrived but had not been read yet,
// and every process connected five times over. So the limits here are fair deadlines, and ioredis has none.
//
// States are ioredis' own: wait → (the URL is asked for) → connecting → connect → ready → close → end → (a pause, and the URL
// is asked for again) → connecting … until close(). ioredis would connect again by itself, but with a timer that keeps the
// process alive, and with the password it had before. Only `ready` takes commands. Until the first attempt to connect has
// succeeded or failed, commands wait for it; later they fail at once, because a miss now is worth more than an answer later.
// Longer than most files: it is one machine, and each of its steps reads or moves the same few states.
import type { Redis } from 'ioredis'
import type { ConnectionSource } from '../../config/connection-source.js'
import type { RedisTls } from '../../config/options.js'
import { holding } from '../../time/hold.js'
import type { Clock, Timer } from '../../time/clock.js'
import type { Faults, Part } from '../cache-health.js'
import { redisClient } from './client.js'
import { addressOptions, clientOptions } from './client-options.js'
import type { RedisDriver } from './driver.js'
import { describeFailure, isLoginRefusal, isRefusal, isServing, isWithoutLogin } from './failure.js'
import type { RedisTimings } from '../timings.js'
import { parseRedisUrl, type RedisAddress } from './url.js'

export interface ConnectionOptions {
  readonly driver: RedisDriver
  readonly source: ConnectionSource
  readonly tls: RedisTls
  readonly part: 'connection' | 'subscription'
  readonly faults: Faults
  readonly timings: RedisTimings
  readonly clock: Clock
}

/** Thrown instead of sending a command; the reason was noted when the connection was lost. */
class NotConnected extends Error {
  override readonly name = 'NotConnected'
}

/** A login that is refused in the middle of a connection is renewed at most this often. */
const renewalMs = 10_000

export class RedisConnection {
  readonly #options: ConnectionOptions
  readonly #redis: Redis
  readonly #firstAttempt: Promise<void>
  #address: RedisAddress | null = null
  #connecting: Timer | null = null
  #again: Timer | null = null
  #answered = false
  /** The connection that was cut last. */
  #cutStream: Redis['stream'] | null = null
  #failures = 0
  #renewedAtMs = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(options: ConnectionOptions) {
    this.#options = options
    this.#redis = redisClient(
      options.driver,
      clientOptions({
        driver: options.driver,
        address: () => this.#knownAddress(),
        tls: options.tls,
        isOutdated: (refusal) => this.#isOutdated(refusal),
      }),
      (remark) => options.faults.remark(remark),
    )
    this.#firstAttempt = firstAttempt(this.#redis, options.clock, options.timings.commandMs)
    this.#watch()
    void this.#connect()
  }

  /** Whether commands can be sent: the network has a connection, which does not prove that the server works. */
  get ready(): boolean {
    return this.#redis.status === 'ready'
  }

  /** Whether the server has answered on this connection. */
  get connected(): boolean {
    return this.ready && this.#answered
  }

  /** For its events; commands go through `run`. */
  get client(): Redis {
    return this.#redis
  }

  /**
   * Sends a command. Throws the error of Redis or of the connection within the time limit. The failure is noted for `part` if
   * Redis refused, otherwise for the connection. An answer clears such a failure, unless it does not prove that the part works
   * again.
   */
  async run<T>(
    part: Part,
    command: (redis: Redis) => Promise<T>,
    proves: (answer: T) => boolean = () => true,
  ): Promise<T> {
    const { faults, part: own } = this.#options
    if (!this.ready) await holding(this.#firstAttempt)
    if (!this.ready || this.#closed) {
      if (!faults.has(own)) this.#note(own, new Error('it does not answer yet'))
      throw new NotConnected('Redis is not connected')
    }
    try {
      const answer = await holding(this.#inTime(command(this.#redis)))
      this.#heard()
      if (proves(answer)) faults.healed(part)
      return answer
    } catch (error) {
      // A refusal does not heal the part that was refused.
      if (isServing(error)) this.#heard(part !== own && !isWithoutLogin(error))
      this.#note(isRefusal(error) ? part : own, error)
      throw error
    }
  }

  /** Ends the connection, even to a server that does not answer; safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true
    this.#again?.cancel()
    const { status } = this.#redis
    if (status !== 'ready' && status !== 'connect' && status !== 'connecting') return
    const ended = new Promise<void>((resolve) => this.#redis.once('end', () => resolve()))
    this.#redis.disconnect()
    await holding(ended)
  }

  /** Never throws: a failure is noted, and the connection is tried again. */
  async #connect(): Promise<void> {
    const { source, part } = this.#options
    try {
      this.#address = parseRedisUrl(await source.resolve())
    } catch (error) {
      this.#note(part, error)
      this.#connectLater()
      return
    }
    if (this.#closed) return
    Object.assign(this.#redis.options, addressOptions(this.#address))
    // The events report the same rejection; `end` then starts the next attempt.
    await this.#redis.connect().catch(() => {})
  }

  /** Full jitter: a thousand processes that lost Redis at the same moment must not come back at the same moment. */
  #connectLater(): void {
    if (this.#closed) return
    const { clock, timings } = this.#options
    const pauseMs = clock.random() * Math.min(timings.reconnectMs, 100 * 2 ** Math.min(this.#failures, 10))
    this.#failures += 1
    this.#again = clock.after(pauseMs, () => void this.#connect())
  }

  #knownAddress(): RedisAddress {
    if (this.#address === null) throw new Error('no address is known yet')
    return this.#address
  }

  #isOutdated(refusal: Error): boolean {
    // After a failover the old address may lead to the new primary; the old connection never will.
    if (refusal.message.startsWith('READONLY')) return true
    // A user may be gone while the connection lasts. Only if there may be another login: a wrong password would be tried
    // without end.
    if (!this.#options.source.changes || !isLoginRefusal(refusal)) return false
    const now = this.#options.clock.now()
    if (now - this.#renewedAtMs < renewalMs) return false
    this.#renewedAtMs = now
    return true
  }

  /** Gives up an answer that is late; a connection that owes an answer and stays silent is cut. */
  #inTime<T>(answer: Promise<T>): Promise<T> {
    const { clock, timings } = this.#options
    const { commandMs } = timings
    return new Promise((resolve, reject) => {
      let silence: Timer | null = null
      const late = clock.deadline(commandMs, () => {
        reject(new Error(`it did not answer within ${commandMs} ms`))
        silence = this.#cutIfSilent((next) => {
          silence = next
        })
      })
      const end = () => {
        late.cancel()
        silence?.cancel()
      }
      answer.then(resolve, reject).finally(end)
    })
  }

  /** Otherwise everything sent to a frozen server would pile up here. A large answer on its way is not silence. */
  #cutIfSilent(again: (next: Timer) => void): Timer {
    const heard = this.#bytesHeard
    const { clock, timings } = this.#options
    return clock.deadline(timings.silenceMs, () => {
      if (this.#bytesHeard === heard) this.#cut()
      else again(this.#cutIfSilent(again))
    })
  }

  get #bytesHeard(): number {
    return this.#redis.stream?.bytesRead ?? 0
  }

  /** It connects again afterwards. Once for each connection, however many answers it owes: each call would leave a listener. */
  #cut(): void {
    const { stream } = this.#redis
    if (this.#closed || this.#cutStream === stream) return
    this.#cutStream = stream
    this.#redis.disconnect(true)
  }

  #watch(): void {
    const { clock, faults, part, timings } = this.#options
    this.#redis.on('connecting', () => {
      this.#connecting = clock.deadline(timings.connectMs + timings.silenceMs, () => this.#cut())
    })
    for (const event of ['ready', 'close', 'end'] as const) this.#redis.on(event, () => this.#connecting?.cancel())
    this.#redis.on('error', (error) => this.#note(part, error))
    this.#redis.on('end', () => this.#connectLater())
    this.#redis.on('close', () => {
      this.#answered = false
      if (!faults.has(part)) this.#note(part, new Error('the connection was closed'))
    })
    this.#redis.on('ready', () => {
      this.#greet().catch(() => {}) // The application's logger throws: it has received the message.
    })
  }

  /** Gives the connection a name, for people who look at the server; the answer, even a refusal, shows that it serves. */
  async #greet(): Promise<void> {
    try {
      await this.#inTime(this.#redis.client('SETNAME', 'sluice'))
    } catch (error) {
      if (!isServing(error)) return // Lost again or late, and noted there.
      // ioredis 5 goes on after a login that was refused, and has told of it.
      if (isWithoutLogin(error)) return this.#heard(false)
    }
    this.#heard()
    // Hints may not be sent for hours, so only this clears their fault.
    this.#options.faults.healed('sending hints')
  }

  #heard(heals = true): void {
    this.#answered = true
    this.#failures = 0
    if (heals) this.#options.faults.healed(this.#options.part)
  }

  #note(part: Part, error: unknown): void {
    if (!this.#closed) this.#options.faults.failed(part, describeFailure(error))
  }
}

/** Resolves when the first connection attempt has succeeded or failed, or after the time limit of a command. */
function firstAttempt(redis: Redis, clock: Clock, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const deadline = clock.deadline(limitMs, resolve)
    for (const event of ['ready', 'close', 'end'] as const) {
      redis.once(event, () => {
        deadline.cancel()
        resolve()
      })
    }
  })
}
