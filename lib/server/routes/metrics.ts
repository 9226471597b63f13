// Prometheus' endpoint. Without a token: it shows counts and no names, and the server listens on 127.0.0.1 by default.
import type { FastifyInstance } from 'fastify'
import { errorResponses } from '../api-error.js'
import type { Metrics } from '../metrics.js'

/** One scrape serves all requests for this long: each takes some milliseconds of the process's time, and needs no token. */
const scrapeMs = 1_000

/** Adds `/-/metrics`. `elapsed` gives milliseconds of a clock that is never set. */
export function metricsRoutes(app: FastifyInstance, { registry }: Metrics, elapsed: () => number): void {
  let scraped: { readonly text: Promise<Buffer>; readonly atMs: number } | null = null
  const scrape = (): Promise<Buffer> => {
    if (scraped !== null && elapsed() - scraped.atMs < scrapeMs) return scraped.text
    scraped = { text: registry.metrics().then((text) => Buffer.from(text)), atMs: elapsed() }
    return scraped.text
  }
  const schema = {
    operationId: 'metrics',
    summary: 'Metrics of this process for Prometheus',
    response: {
      200: { description: 'Text format 0.0.4', content: { 'text/plain': { schema: { type: 'string' } } } },
      ...errorResponses,
    },
  }
  app.get('/-/metrics', { config: { scope: 'public' }, schema }, async (_request, reply) => {
    return reply.type(registry.contentType).send(await scrape())
  })
}
