// Prometheus' endpoint. Without a token: it tells counts and no names, and the server listens on 127.0.0.1 by default.
import type { FastifyInstance } from 'fastify'
import { errorResponses } from '../api-error.js'
import type { Metrics } from '../metrics.js'

/** Adds `/-/metrics`. */
export function metricsRoutes(app: FastifyInstance, { registry }: Metrics): void {
  const schema = {
    operationId: 'metrics',
    summary: 'Metrics of this process for Prometheus',
    security: [],
    response: {
      200: { description: 'Text format 0.0.4', content: { 'text/plain': { schema: { type: 'string' } } } },
      ...errorResponses,
    },
  }
  app.get('/-/metrics', { schema }, async (_request, reply) => {
    return reply.type(registry.contentType).send(await registry.metrics())
  })
}
