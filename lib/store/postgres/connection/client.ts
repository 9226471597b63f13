// A connection to Postgres that cannot end the process. pg emits an `error` whenever the server or the network ends a
// connection, and Node ends a process over an `error` without a listener. So this client listens from the constructor on, in
// every moment between two owners (a pool that hands it over, a query that is not sent yet, an ending under way).
//
// It also tries several ways to connect where `sslmode` asks for that (`prefer`, `allow`), which pg does not: each further way is a
// new connection of the same client. pg's clients connect once, so the fields that say so are set back, and the connection before
// is cut off from the client.
import pg, { type ClientConfig } from 'pg'
import type { TlsAttempt } from '../../../config/database-tls.js'
import { type ConnectionPlan, planConnection } from './client-config.js'
import { endFailed, failureToTell, mayTryNext } from './tls-fallback.js'

export interface ClientSettings {
  readonly connection: ClientConfig
  /** Asked before it connects, for user and password; absent if those of `connection` stay. */
  readonly renew?: () => Promise<ClientConfig>
}

type Connected = (error: Error | null, client?: pg.Client) => void

/** How long a server may take to close the connection after it was asked to; a frozen server never does. */
const farewellMs = 500

export class PostgresClient extends pg.Client {
  readonly #renew: (() => Promise<ClientConfig>) | undefined
  readonly #plan: ConnectionPlan
  #isFree = false

  /** Throws ConfigurationError for a URL that is none. */
  constructor({ connection, renew }: ClientSettings) {
    const plan = planConnection(connection)
    super(plan.config)
    this.#plan = plan
    this.#renew = renew
    this.on('error', () => {}) // The query under way, or the next one, fails with the same error.
    guardParser(this.connection)
  }

  override connect(): Promise<pg.Client>
  override connect(done: Connected): void
  override connect(done?: Connected): Promise<pg.Client> | undefined {
    const connected = this.#connect()
    if (done === undefined) return connected
    connected.then(
      (client) => done(null, client),
      (error: Error) => done(error),
    )
    return undefined
  }

  override end(): Promise<void>
  override end(done: (error: Error) => void): void
  override end(done?: (error: Error) => void): Promise<void> | undefined {
    const timer = setTimeout(() => this.connection.stream.destroy(), farewellMs)
    timer.unref()
    const ended = super.end().finally(() => clearTimeout(timer))
    if (done === undefined) return ended
    // pg's own types ask for an error, and pg gives none.
    ended.then(done as () => void, done)
    return undefined
  }

  async #connect(): Promise<pg.Client> {
    try {
      if (this.#renew !== undefined) this.#take(await this.#renew())
      return await this.#tryAll(await this.#plan.attempts())
    } catch (error) {
      // pg leaves it open if it did not understand the server's answer, and the pool forgets it.
      this.connection.stream.destroy()
      throw error
    }
  }

  async #tryAll(attempts: readonly TlsAttempt[]): Promise<pg.Client> {
    let before: unknown = null
    for (const [index, tls] of attempts.entries()) {
      if (index > 0) this.#startAnew()
      this.#encrypt(tls)
      try {
        // A promise settles once: pg would call back a second time if a server first refuses and then greets.
        return await super.connect()
      } catch (error) {
        if (index === attempts.length - 1) throw failureToTell(before, error)
        if (!mayTryNext(error, tls !== false)) throw error
        before = error
      }
    }
    throw new Error('there is no way to connect')
  }

  #encrypt(tls: TlsAttempt): void {
    const sslNegotiation = this.#plan.direct && tls !== false ? 'direct' : 'postgres'
    Object.assign(this, { ssl: tls, sslNegotiation })
    Object.assign(this.connection, { ssl: tls, sslNegotiation })
  }

  #startAnew(): void {
    endFailed(this.connection)
    const connection = new pg.Connection({ keepAlive: this.#plan.config.keepAlive })
    Object.assign(this, {
      connection,
      _connecting: false,
      _connectionError: false,
      _ended: false,
      _ending: false,
      _queryable: true,
    })
    guardParser(connection)
    if (this.#isFree) this.unref()
  }

  /** From now on the connection keeps no process alive. pg has this method, its types do not. */
  unref(): void {
    this.#isFree = true
    callOn(this.connection.stream, 'unref')
  }

  /** The opposite of `unref`. */
  ref(): void {
    this.#isFree = false
    callOn(this.connection.stream, 'ref')
  }

  #take(renewed: ClientConfig): void {
    // The pool's time limit has passed in between: the pool has forgotten this connection.
    if (this.connection.stream.destroyed) throw new Error('the connection was given up before it was made')
    // pg itself reads it, so that the parts missing in a URL come from the same places.
    const { user, password } = new pg.Client(planConnection(renewed).config)
    Object.assign(this, { user, password })
    Object.assign(parametersOf(this), { user, password })
  }
}

/** A socket has these methods; the type of pg's stream lacks them. */
function callOn(stream: pg.Connection['stream'], name: 'ref' | 'unref'): void {
  const method: unknown = Reflect.get(stream, name)
  if (typeof method === 'function') Reflect.apply(method, stream, [])
}

/** The parameters for the greeting to the server. */
function parametersOf(client: pg.Client): object {
  const parameters: unknown = Reflect.get(client, 'connectionParameters')
  if (typeof parameters === 'object' && parameters !== null) return parameters
  throw new Error('pg keeps its connection parameters elsewhere: this version of pg is not supported')
}

/** pg's parser throws at bytes that are not a message, in the socket's event: that must end the connection, not the process. */
function guardParser(connection: pg.Connection): void {
  const attach: unknown = Reflect.get(connection, 'attachListeners')
  if (typeof attach !== 'function') return
  const guarded = (stream: pg.Connection['stream']) =>
    Reflect.apply(attach, connection, [
      {
        on: (event: string, listener: (...values: unknown[]) => void) =>
          stream.on(event, (...values: unknown[]) => {
            try {
              listener(...values)
            } catch (error) {
              stream.destroy(error instanceof Error ? error : new Error(String(error)))
            }
          }),
      },
    ])
  Reflect.set(connection, 'attachListeners', guarded)
}
