// How often a flag was asked, and what was answered, as pages draw it. Nothing counts checks yet, which is said and no error: 204.
import type { FastifyInstance } from 'fastify'
import type { Instance } from '../../../instance/instance.js'
import { errorResponses } from '../../api-error.js'
import { flagNameSchema } from '../../web/flag-schemas.js'
import { noSuchFlag } from '../features.js'

interface ChecksRoute {
  readonly Params: { readonly name: string }
}

/** So many points are still told apart when they are drawn. */
const mostSteps = 200
const counts = { type: 'array', maxItems: mostSteps, items: { type: 'integer', minimum: 0 } } as const

const checksSchema = {
  description: 'Answers by step of time, the oldest first',
  type: 'object',
  required: ['step_s', 'from', 'on', 'off', 'processes'],
  properties: {
    step_s: { type: 'integer', minimum: 1, description: 'Length of a step, in seconds' },
    from: { type: 'string', format: 'date-time', description: 'Where the first step begins' },
    on: { ...counts, description: 'Checks of each step that were answered with on' },
    off: { ...counts, description: 'Checks of each step that were answered with off; as many as `on`' },
    processes: { type: 'integer', minimum: 0, description: 'How many processes have told' },
  },
} as const

/** Adds the route below the prefix of its registration. */
export function webCheckRoutes(app: FastifyInstance, instance: Instance): void {
  const schema = {
    operationId: 'listWebFlagChecks',
    summary: 'How often a flag was asked, where checks are counted',
    params: flagNameSchema,
    querystring: {
      type: 'object',
      properties: {
        hours: {
          type: 'string',
          pattern: '^(?:720|7[01]\\d|[1-6]\\d\\d|[1-9]\\d?)$',
          description: 'How far it goes back, 1 to 720; default: 168',
        },
      },
    },
    response: {
      200: checksSchema,
      204: { description: 'Checks are not counted, as on each server of this version', type: 'null' },
      ...errorResponses,
    },
  } as const
  app.get<ChecksRoute>('/flags/:name/checks', { config: { scope: 'read' }, schema }, async (request, reply) => {
    const { name } = request.params
    const { catalog, snapshot } = instance
    const isKnown = catalog.get(name) !== undefined || snapshot.entries.get(name) !== undefined
    // A broken file is still shown, and so is that it was asked.
    if (!isKnown && !catalog.faults.some(({ flag }) => flag === name)) throw noSuchFlag(catalog, name)
    return reply.code(204).send()
  })
}
