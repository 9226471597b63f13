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
import { ConnectionBook, type ConnectionLimits, type Held } from './connection-book.js'
import type { Front } from './front.js'
import { FrontConnection, type FrontConnectionOptions } from './front-connection.js'
import { Turns } from './turns.js'

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

/** How long a client has for each step, in milliseconds. */
export type ConnectionTimes = Pick<FrontConnectionOptions, 'silenceMs' | 'keepAliveMs' | 'unreadMs'>

export interface LimitedServer {
  readonly begin: BeginRequest
  /** Those that Node does not know yet. */
  readonly fronts: () => Iterable<FrontConnection>
}

/**
 * Limits the connections of a server, and makes each answer one request after the other. The caller begins each request that Node
 * parses with the function that it gets: a second listener of `request` would cost more. `reads` is of the front that gets the bytes of
 * each connection first.
 */
export function limitConnections(
  server: Server,
  { limits, isProxy, logger, elapsed }: ConnectionOptions,
  front: ConnectionTimes & Pick<Front, 'reads'>,
): LimitedServer {
  const book = new ConnectionBook(limits)
  const turns = new Turns()
  const bySocket = new WeakMap<Socket, Connection>()
  const [accept] = server.listeners('connection')
  server.removeAllListeners('connection')
  const options: FrontConnectionOptions = {
    ...front,
    elapsed,
    // The last request of a connection, and each one while the server closes, has `Connection: close` in its answer: Node writes it.
    mayAnswer: (requests) => requests + 1 < limits.requestsPerConnection && server.listening,
    tooLate: (socket) => {
      const error = Object.assign(new Error('no request came in time'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
      if (!server.emit('clientError', error, socket)) socket.destroy()
    },
    handOver(first, socket, bytes) {
      accept?.call(server, socket)
      const mostRequests = limits.requestsPerConnection - first.requests
      const connection = new Connection(socket, { address: first.address, mostRequests, elapsed, turns })
      bySocket.set(socket, connection)
      book.remove(first)
      book.add(connection)
      connection.read(bytes)
    },
  }
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
    const first = new FrontConnection(socket, address, options)
    book.add(first)
    socket.once('close', () => book.remove(bySocket.get(socket) ?? first))
  })
  // An unknown expectation may be ignored; Node would answer it outside the queue, and outside every other limit.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
  return {
    begin: (request, response) => bySocket.get(request.socket)?.begin(request, response),
    fronts: () => frontsOf(book.all),
  }
}

function* frontsOf(all: Iterable<Held>): Iterable<FrontConnection> {
  for (const connection of all) if (connection instanceof FrontConnection) yield connection
}
