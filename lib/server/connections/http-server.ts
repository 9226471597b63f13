// Node's HTTP server as the app uses it: with time limits, and bounds on connections.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { FastifyServerFactory } from 'fastify'
import { type ConnectionOptions, limitConnections } from './connections.js'

const timeoutMs = 10_000
/** A client that connects and stays silent is cut off after this time. */
const silenceMs = 20_000
/** Longer than the minute after which load balancers drop an idle connection. */
const keepAliveMs = 72_000

/** What may answer a request before Fastify looks for its route. */
export interface Front {
  /** Whether it has answered, or begun to; otherwise nothing has happened to the request. Never throws. */
  answers(request: IncomingMessage, response: ServerResponse): boolean
}

/** For Fastify's `serverFactory`. Fastify itself would make two servers on `localhost`, each with its own bounds. */
export function serverFactory(front: Front, options: ConnectionOptions): FastifyServerFactory {
  return (handler): Server => {
    const server = createServer({
      requestTimeout: timeoutMs,
      headersTimeout: timeoutMs,
      keepAliveTimeout: keepAliveMs,
      // Otherwise Node looks for slow requests only every 30 s.
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16_384,
    })
    server.setTimeout(silenceMs)
    const begin = limitConnections(server, options)
    server.on('request', (request, response) => {
      begin(request, response)
      if (!front.answers(request, response)) handler(request, response)
    })
    return server
  }
}
