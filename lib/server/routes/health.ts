// Health for orchestrators, without a token: whether the process is alive, and whether its answers are current.
import type { FastifyInstance } from 'fastify'
import type { FeatureFlags } from '../../feature/feature.js'

const statusSchema = {
  type: 'object',
  required: ['status'],
  properties: { status: { type: 'string', enum: ['ok', 'failed'] }, message: { type: 'string' } },
} as const

/** Adds `/-/liveness` and `/-/readiness`. */
export function healthRoutes(app: FastifyInstance, feature: FeatureFlags): void {
  const alive = {
    operationId: 'liveness',
    summary: 'Whether the process answers, whatever the stores do',
    response: { 200: { description: 'It does', ...statusSchema } },
  }
  app.get('/-/liveness', { schema: alive, config: { scope: 'public', unlimited: true } }, async () => ({
    status: 'ok',
  }))

  const ready = {
    operationId: 'readiness',
    summary: 'Whether the database has been read since the start',
    response: {
      200: { description: 'It has; a later outage changes no answer, so it changes nothing here', ...statusSchema },
      503: { description: 'Not yet', ...statusSchema },
    },
  }
  app.get('/-/readiness', { schema: ready, config: { scope: 'public', unlimited: true } }, async (_request, reply) => {
    if (feature.status().ageMs !== null) return { status: 'ok' }
    return reply.code(503).send({ status: 'failed', message: 'the database has not been read yet' })
  })
}
