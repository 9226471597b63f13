// Hints from Postgres' LISTEN, over a connection of its own. A hint may get lost; the poll is what counts.
//
//   connecting → (LISTEN, one hint: something may have changed meanwhile) → listening → lost → pause → connecting …
//
// While listening it proves every few seconds that it still hears: a notification sent from another connection must
// come back. From its own connection it would prove nothing: a pooler may well hand that back, and no others. Where the
// first one never comes, there is a pooler in between, and it gives up for good.
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import pg, { type ClientConfig } from 'pg'
import { errorText } from '../errors.js'
import type { Logger } from '../log.js'
import type { ListenEvents, Listening } from './store.js'
import { quoteIdentifier } from './tables.js'

export interface ListenTimes {
  readonly echoEveryMs: number
  readonly echoWithinMs: number
  readonly connectTimeoutMs: number
  readonly longestPauseMs: number
}

export interface ListenOptions {
  readonly connection: ClientConfig
  readonly events: ListenEvents
  readonly logger: Logger
  readonly times: ListenTimes
  readonly random: () => number
  /** Sends an empty notification to this channel over another connection. */
  readonly notify: (channel: string) => Promise<void>
}

/** The channel that the triggers notify. */
const channel = 'feature_state'

class NoEcho extends Error {}

export class PostgresListener implements Listening {
  readonly #options: ListenOptions
  readonly #closing = new AbortController()
  readonly #running: Promise<void>
  #everHeard = false
  #hearing = false

  constructor(options: ListenOptions) {
    this.#options = options
    this.#running = this.#run()
  }

  /** Ends the connection and all hints; safe to call twice. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { random, times, logger } = this.#options
    for (let failures = 0; !this.#closing.signal.aborted; failures++) {
      try {
        await this.#session()
      } catch (error) {
        if (this.#closing.signal.aborted) break
        if (this.#hearing) failures = 0
        this.#hear(false)
        if (error instanceof NoEcho && !this.#everHeard) {
          logger.warn({}, 'LISTEN hears nothing, as behind a pooler: changes are found by the poll alone')
          return
        }
        logger.debug({ error: errorText(error) }, 'the LISTEN connection was lost')
      }
      await this.#pause(random() * Math.min(times.longestPauseMs, 500 * 2 ** failures))
    }
    this.#hear(false)
  }

  /** One connection's life. Always ends by throwing, unless closed. */
  async #session(): Promise<void> {
    const { connection, times } = this.#options
    const client = new pg.Client({
      ...connection,
      keepAlive: true,
      connectionTimeoutMillis: times.connectTimeoutMs,
      query_timeout: times.connectTimeoutMs * 2,
    })
    const lost = new Promise<never>((_, fail) => {
      client.on('error', fail)
      client.on('end', () => fail(new Error('the connection was ended')))
      this.#closing.signal.addEventListener('abort', () => fail(new Error('closed')), { once: true })
    })
    lost.catch(() => {}) // Looked at in the race below; between races nobody waits.
    try {
      await Promise.race([client.connect(), lost])
      setHold(client, 'unref')
      await Promise.race([this.#listen(client, lost), lost])
    } finally {
      // An ending that is awaited must hold the process, or a script that awaits stop() ends in the middle of it.
      setHold(client, 'ref')
      await client.end().catch(() => {}) // It is lost already.
    }
  }

  async #listen(client: pg.Client, lost: Promise<never>): Promise<void> {
    const { events, notify, times } = this.#options
    const echoChannel = `feature_echo_${randomUUID().replaceAll('-', '')}`
    let heardEcho: () => void = () => {}
    client.on('notification', (notification) => {
      if (notification.channel === channel) events.hint()
      else if (notification.channel === echoChannel) heardEcho()
    })
    await client.query(`listen ${quoteIdentifier(channel)}`)
    await client.query(`listen ${quoteIdentifier(echoChannel)}`)
    events.hint()
    while (!this.#closing.signal.aborted) {
      const echo = new Promise<true>((heard) => {
        heardEcho = () => heard(true)
      })
      await notify(echoChannel)
      const came = await Promise.race([echo, this.#pause(times.echoWithinMs), lost])
      if (came !== true) throw new NoEcho('no echo of our own notification')
      this.#everHeard = true
      this.#hear(true)
      await Promise.race([this.#pause(times.echoEveryMs), lost])
    }
  }

  #hear(working: boolean): void {
    if (working === this.#hearing) return
    this.#hearing = working
    this.#options.events.heard(working)
  }

  /** Neither keeps the process alive nor outlasts close(). */
  async #pause(ms: number): Promise<void> {
    await pause(ms, undefined, { ref: false, signal: this.#closing.signal }).catch(() => {}) // Closed: the loop sees it.
  }
}

/** Whether the connection keeps the process alive. pg's clients can tell, their types cannot. */
function setHold(client: pg.Client, hold: 'ref' | 'unref'): void {
  const set: unknown = Reflect.get(client, hold)
  if (typeof set === 'function') Reflect.apply(set, client, [])
}
