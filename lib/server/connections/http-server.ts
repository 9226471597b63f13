// Node's HTTP server as the app uses it: with time limits, and bounds on connections.
import { createServer, type Server } from 'node:http'
import type { FastifyServerFactory } from 'fastify'
import { type ConnectionOptions, limitConnections } from './connections.js'

const timeoutMs = 10_000
/** A client that connects and says nothing is cut off after this. */
const silenceMs = 20_000
/** Longer than the minute after which load balancers drop a connection that idles. */
const keepAliveMs = 72_000

/** For Fastify's `serverFactory`. Fastify's own servers would be two on `localhost`, each with bounds of its own. */
export function serverFactory(options: ConnectionOptions): FastifyServerFactory {
  return (handler): Server => {
    const server = createServer(
      {
        requestTimeout: timeoutMs,
        headersTimeout: timeoutMs,
        keepAliveTimeout: keepAliveMs,
        // Node looks for requests that are too slow only every 30 s otherwise.
        connectionsCheckingInterval: 1_000,
        maxHeaderSize: 16_384,
      },
      handler,
    )
    server.setTimeout(silenceMs)
    limitConnections(server, options)
    return server
  }
}
