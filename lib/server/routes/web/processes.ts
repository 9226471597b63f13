// The processes that serve the flags, as pages show them.
import type { FastifyInstance } from 'fastify'
import type { Instance } from '../../../instance/instance.js'
import { errorResponses } from '../../api-error.js'
import { positionSchema } from '../../web/flag-schemas.js'
import { positionText } from '../../web/position-text.js'

const processSchema = {
  type: 'object',
  required: ['id', 'host', 'version', 'position', 'age_ms'],
  properties: {
    id: { type: 'string' },
    host: { type: 'string' },
    version: { type: ['string', 'null'], description: 'Always null: processes do not tell it' },
    position: {
      ...positionSchema,
      description: 'That of the answer; null for a process that does not say that it has it',
    },
    age_ms: { type: 'integer', minimum: 0, description: 'Since the process was last heard of' },
  },
} as const

/** Adds the route below the prefix of its registration. */
export function webProcessRoutes(app: FastifyInstance, instance: Instance): void {
  const schema = {
    operationId: 'listWebProcesses',
    summary: 'The processes that serve these flags, as far as Redis tells',
    response: {
      200: {
        description: 'By name; null where processes share no Redis',
        type: 'object',
        required: ['position', 'processes'],
        properties: {
          position: positionSchema,
          processes: { anyOf: [{ type: 'array', items: processSchema }, { type: 'null' }] },
        },
      },
      ...errorResponses,
    },
  } as const
  app.get('/processes', { config: { scope: 'read' }, schema }, async () => {
    const found = await instance.processes()
    if (found === null) return { position: positionText(instance.snapshot.position), processes: null }
    const position = positionText(found.position)
    const processes = found.processes.map(({ name, ageMs, isCurrent }) => ({
      id: name,
      host: hostIn(name),
      version: null,
      position: isCurrent ? position : null,
      age_ms: Math.round(ageMs),
    }))
    return { position, processes: processes.sort((a, b) => (a.id < b.id ? -1 : 1)) }
  })
}

/** A name is the host, the process id and chance; a host may hold colons itself. */
function hostIn(name: string): string {
  return name.split(':').slice(0, -2).join(':') || name
}
