// Limits the number of connections, in all and from one address.
//
// A server that refuses connections when it is full also refuses the orchestrator's probe, which then ends the process. So a new
// connection takes the place of another one to which the server owes nothing: its client has yet to send a request, the rest of
// its body, or to read its answer. Only if each one waits for the server, the new one is closed. (Node's `maxConnections` can
// only refuse.)
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Logger } from '../../log.js'
import { countedAddress } from '../access/addresses.js'
import { Connection } from './connection.js'
import { Turns } from './turns.js'

export interface ConnectionLimits {
  readonly connections: number
  readonly connectionsPerAddress: number
  readonly requestsPerConnection: number
}

export interface ConnectionOptions {
  readonly limits: ConnectionLimits
  /** Whether an address may hold any share of the connections, as a proxy does for its clients. */
  readonly isProxy: (address: string) => boolean
  readonly logger: Logger
  /** Milliseconds of a clock that is never set. */
  readonly elapsed: () => number
}

const warnEveryMs = 60_000

/** Notes a request that has been parsed, before it is answered. */
export type BeginRequest = (request: IncomingMessage, response: ServerResponse) => void

/**
 * Limits the connections of a server, and makes each answer one request after the other. The caller begins each request with the
 * function that it gets: a second listener of `request` would cost more.
 */
export function limitConnections(
  server: Server,
  { limits, isProxy, logger, elapsed }: ConnectionOptions,
): BeginRequest {
  const book = new ConnectionBook(limits)
  const turns = new Turns()
  const bySocket = new WeakMap<Socket, Connection>()
  let warnedAtMs = Number.NEGATIVE_INFINITY
  server.on('connection', (socket: Socket) => {
    const ip = socket.remoteAddress ?? ''
    const address = countedAddress(ip)
    if (!book.makeRoom(address, isProxy(ip))) {
      socket.destroy()
      if (elapsed() - warnedAtMs < warnEveryMs) return
      warnedAtMs = elapsed()
      logger.warn(
        { ip, connections: book.size },
        'http: a connection was closed at once, as too many are waiting for answers',
      )
      return
    }
    const connection = new Connection(socket, { address, mostRequests: limits.requestsPerConnection, elapsed, turns })
    bySocket.set(socket, connection)
    book.add(connection)
    socket.once('close', () => book.remove(connection))
  })
  // An unknown expectation may be ignored; Node would answer it outside the queue, and outside every other limit.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  return (request, response) => bySocket.get(request.socket)?.begin(request, response)
}

/** The connections under one pair of bounds. */
export class ConnectionBook {
  readonly #limits: Pick<ConnectionLimits, 'connections' | 'connectionsPerAddress'>
  readonly #all = new Set<Connection>()
  readonly #byAddress = new Map<string, Set<Connection>>()

  constructor(limits: Pick<ConnectionLimits, 'connections' | 'connectionsPerAddress'>) {
    this.#limits = limits
  }

  get size(): number {
    return this.#all.size
  }

  /** Whether there is room for one more of this address, if need be after closing another. */
  makeRoom(address: string, isProxy: boolean): boolean {
    const own = this.#byAddress.get(address)
    if (own !== undefined && !isProxy && own.size >= this.#limits.connectionsPerAddress) return this.#closeIdle(own)
    return this.#all.size < this.#limits.connections || this.#closeIdle(this.#all)
  }

  add(connection: Connection): void {
    this.#all.add(connection)
    const own = this.#byAddress.get(connection.address)
    if (own === undefined) this.#byAddress.set(connection.address, new Set([connection]))
    else own.add(connection)
  }

  remove(connection: Connection): void {
    this.#all.delete(connection)
    const own = this.#byAddress.get(connection.address)
    own?.delete(connection)
    if (own?.size === 0) this.#byAddress.delete(connection.address)
  }

  /** Closes the connection that has been idle longest, of the address that has the most; false if none is idle. */
  #closeIdle(connections: Iterable<Connection>): boolean {
    let chosen: { connection: Connection; share: number; sinceMs: number } | null = null
    for (const connection of connections) {
      const sinceMs = connection.idleSinceMs
      const share = this.#byAddress.get(connection.address)?.size ?? 0
      if (sinceMs === null || (chosen !== null && share < chosen.share)) continue
      if (chosen === null || share > chosen.share || sinceMs < chosen.sinceMs) chosen = { connection, share, sinceMs }
    }
    if (chosen === null) return false
    chosen.connection.close()
    this.remove(chosen.connection)
    return true
  }
}
