// Node's HTTP server as the app uses it: with time limits, bounds on connections, and a front.
import { Server } from 'node:http'
import type { FastifyServerFactory } from 'fastify'
import { type ConnectionOptions, limitConnections, type LimitedServer } from './connections.js'
import type { Front } from './front.js'

const timeoutMs = 10_000
/** A client that does not read its answer, or does not send the rest of a body, is cut off after this time. */
const stillMs = 20_000
/** Longer than the minute after which load balancers drop an idle connection. */
export const keepAliveMs = 72_000

/** For Fastify's `serverFactory`. Fastify itself would make two servers on `localhost`, each with its own bounds. */
export function serverFactory(front: Front, options: ConnectionOptions): FastifyServerFactory {
  return (handler): Server => {
    const server = new FrontedServer({
      requestTimeout: timeoutMs,
      headersTimeout: timeoutMs,
      keepAliveTimeout: keepAliveMs,
      // Otherwise Node looks for slow requests only every 30 s.
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: 16_384,
    })
    server.setTimeout(stillMs)
    const times = { silenceMs: timeoutMs, keepAliveMs, unreadMs: stillMs }
    const limited = limitConnections(server, options, { reads: (bytes) => front.reads(bytes), ...times })
    server.limited = limited
    server.on('request', (request, response) => {
      limited.begin(request, response)
      // Fastify says so of its own answers only. Otherwise the client sends its next poll on a connection that is about to close.
      if (!server.listening) response.shouldKeepAlive = false
      if (!front.answers(request, response)) handler(request, response)
    })
    return server
  }
}

/** Closes also the connections that only the front knows. */
class FrontedServer extends Server {
  limited: LimitedServer | null = null

  override closeIdleConnections(): void {
    super.closeIdleConnections()
    for (const connection of this.limited?.fronts() ?? []) if (connection.isIdle) connection.close()
  }

  override closeAllConnections(): void {
    super.closeAllConnections()
    for (const connection of this.limited?.fronts() ?? []) connection.close()
  }
}
