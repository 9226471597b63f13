// Hints from Postgres' LISTEN, over a connection of its own. A hint may get lost; only the poll is reliable.
//
//   connecting → (LISTEN, one hint: something may have changed in between) → listening → lost → pause → connecting …
//
// While listening, it proves every few seconds that it still hears: it must receive a notification sent from another
// connection. One from its own connection would prove nothing: a pooler may deliver that one, and no others. If the
// first one never arrives, there is a pooler in between, and it stops trying.
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Client, ClientConfig } from 'pg'
import { errorText } from '../../errors.js'
import type { Logger } from '../../log.js'
import type { Clock } from '../../time/clock.js'
import { holding } from '../../time/hold.js'
import { PostgresClient } from './connection/client.js'
import type { Listening } from '../../state/state.js'
import type { ListenEvents } from '../store.js'
import { quoteIdentifier } from './table-names.js'

export interface ListenTimes {
  readonly echoEveryMs: number
  readonly echoWithinMs: number
  readonly connectTimeoutMs: number
  readonly longestPauseMs: number
}

export interface ListenOptions {
  /** The channel that the triggers notify. */
  readonly channel: string
  /** Asked before each new connection. */
  readonly connection: () => Promise<ClientConfig>
  readonly events: ListenEvents
  readonly logger: Logger
  readonly times: ListenTimes
  readonly clock: Clock
  /** Sends an empty notification to this channel over another connection. */
  readonly notify: (channel: string) => Promise<void>
}

class NoEcho extends Error {}

export class PostgresListener implements Listening {
  readonly #options: ListenOptions
  readonly #running: Promise<void>
  // One for each stretch (a connection, or the pause after it), and never one for all of them: the listeners of a stretch go
  // away with it, however often a connection is lost.
  #stretch = new AbortController()
  #closed = false
  #everHeard = false
  #hearing = false

  constructor(options: ListenOptions) {
    this.#options = options
    this.#running = this.#run()
  }

  /** Ends the connection and all hints; safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true
    this.#stretch.abort(new Error('closed'))
    // An awaited end must keep the process alive; otherwise a script that awaits stop() ends in the middle of it.
    await holding(this.#running)
  }

  async #run(): Promise<void> {
    const { clock, times, logger } = this.#options
    for (let failures = 0; !this.#closed; failures++) {
      try {
        await this.#during((stretch) => this.#session(stretch))
      } catch (error) {
        if (this.#closed) break
        if (this.#hearing) failures = 0
        this.#hear(false)
        if (error instanceof NoEcho && !this.#everHeard) {
          logger.warn({}, 'LISTEN hears nothing, as behind a pooler: changes are found by the poll alone')
          return
        }
        logger.debug({ error: errorText(error) }, 'the LISTEN connection was lost')
      }
      const pauseMs = clock.random() * Math.min(times.longestPauseMs, 500 * 2 ** failures)
      await this.#during(({ signal }) => pauseFor(pauseMs, signal))
    }
    this.#hear(false)
  }

  /** Ends with the work or with close(), and leaves no timer of the work behind. */
  async #during(work: (stretch: AbortController) => Promise<void>): Promise<void> {
    const stretch = new AbortController()
    this.#stretch = stretch
    if (this.#closed) return
    try {
      await work(stretch)
    } finally {
      stretch.abort()
    }
  }

  /** The life of one connection. Always ends by throwing, unless closed. */
  async #session(stretch: AbortController): Promise<void> {
    const { times } = this.#options
    const { signal } = stretch
    const ended = new Promise<never>((_, fail) => {
      signal.addEventListener('abort', () => fail(signal.reason), { once: true })
    })
    ended.catch(() => {}) // The races below look at it; between races it has no reader.
    const connection = await Promise.race([this.#options.connection(), ended])
    const limits = { connectionTimeoutMillis: times.connectTimeoutMs, query_timeout: times.connectTimeoutMs * 2 }
    const client = new PostgresClient({ connection: { ...connection, ...limits, keepAlive: true } })
    client.on('error', (error) => stretch.abort(error))
    client.on('end', () => stretch.abort(new Error('the connection was ended')))
    try {
      client.unref()
      await Promise.race([client.connect(), ended])
      await Promise.race([this.#listen(client, signal), ended])
    } finally {
      await client.end().catch(() => {}) // The connection is lost already.
    }
  }

  async #listen(client: Client, ended: AbortSignal): Promise<void> {
    const { channel, events, notify, times } = this.#options
    const echoChannel = `feature_echo_${randomUUID().replaceAll('-', '')}`
    let heardEcho: () => void = () => {}
    ended.addEventListener('abort', () => heardEcho(), { once: true })
    client.on('notification', (notification) => {
      if (notification.channel === channel) events.hint()
      else if (notification.channel === echoChannel) heardEcho()
    })
    await client.query(`listen ${quoteIdentifier(channel)}`)
    await client.query(`listen ${quoteIdentifier(echoChannel)}`)
    events.hint()
    // No race with the end of the connection in here: each race would leave a listener on it for the connection's whole life.
    while (!ended.aborted) {
      const late = new AbortController()
      const echo = new Promise<void>((heard) => {
        heardEcho = () => {
          late.abort()
          heard()
        }
      })
      await notify(echoChannel)
      await Promise.race([echo, pauseFor(times.echoWithinMs, late.signal)])
      if (ended.aborted) return
      if (!late.signal.aborted) throw new NoEcho('no echo of our own notification')
      this.#everHeard = true
      this.#hear(true)
      await pauseFor(times.echoEveryMs, ended)
    }
  }

  #hear(working: boolean): void {
    if (working === this.#hearing) return
    this.#hearing = working
    this.#options.events.heard(working)
  }
}

/** Does not keep the process alive, and ends with the work that it belongs to. */
async function pauseFor(ms: number, ending: AbortSignal): Promise<void> {
  await pause(ms, undefined, { ref: false, signal: ending }).catch(() => {}) // Aborted: its caller checks that.
}
