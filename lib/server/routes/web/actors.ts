// The actors of a flag as pages read them: whole lists of ids, and names for those that a person sees.
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import { ActorClasses } from '../../../actors/classes.js'
import { splitActors } from '../../../feature/flag-summary.js'
import { compileGates } from '../../../gates/compile.js'
import { gateValues } from '../../../gates/flag-state.js'
import type { Instance } from '../../../instance/instance.js'
import type { Logger } from '../../../log.js'
import { systemClock } from '../../../time/clock.js'
import { takesEncoding } from '../../accepted-encoding.js'
import { errorResponses } from '../../api-error.js'
import { actorClassSchema, checkActorClass } from '../../changes/actor-class.js'
import { ActorNames, mostNamed } from '../../web/actor-names.js'
import { ActorPaths, mostPaths } from '../../web/actor-paths.js'
import { flagNow } from '../../web/flag-now.js'
import { flagNameSchema } from '../../web/flag-schemas.js'
import { noSuchFlag } from '../features.js'

interface ListRoute {
  readonly Params: { readonly name: string }
  readonly Querystring: { readonly list?: 'on' | 'never' }
}

const zip = promisify(gzip)
/** Shorter answers are not worth it. */
const leastZipped = 8_192
const reading = { scope: 'read', isReading: true } as const
const ids = { type: 'array', items: { type: 'string' } } as const

/** Adds the routes below the prefix of its registration. */
export function webActorRoutes(app: FastifyInstance, instance: Instance, logger: Logger): void {
  addList(app, instance, logger)
  addNames(app, instance, logger)
  addPaths(app, instance, logger)
}

function addList(app: FastifyInstance, instance: Instance, logger: Logger): void {
  const schema = {
    operationId: 'listWebFlagActors',
    summary: 'All actors on one list of a flag',
    params: flagNameSchema,
    querystring: {
      type: 'object',
      properties: {
        list: {
          type: 'string',
          enum: ['on', 'never'],
          description: 'never: those to whom the flag is denied. Default: on',
        },
      },
    },
    response: {
      200: {
        description: 'By id; without a revision where the answer comes from memory',
        type: 'object',
        required: ['revision', 'ids'],
        properties: { revision: { type: ['string', 'null'] }, ids },
      },
      ...errorResponses,
    },
  } as const
  app.get<ListRoute>('/flags/:name/actors', { config: reading, schema }, async (request, reply) => {
    const { name } = request.params
    const { stored, revision } = await flagNow(instance, name, logger)
    if (stored === null && instance.catalog.get(name) === undefined) throw noSuchFlag(instance.catalog, name)
    const lists = splitActors(stored === null ? [] : gateValues(compileGates(name, stored.gates)))
    const shown = request.query.list === 'never' ? lists.optedOut : lists.allowed
    if (revision !== null) void reply.header('etag', `"${revision}"`)
    const body = Buffer.from(JSON.stringify({ revision, ids: shown }))
    void reply.type('application/json').header('vary', 'Accept-Encoding')
    const isZipped = body.length >= leastZipped && takesEncoding(request.headers['accept-encoding'], 'gzip')
    return isZipped ? reply.header('content-encoding', 'gzip').send(await zip(body)) : reply.send(body)
  })
}

function addNames(app: FastifyInstance, instance: Instance, logger: Logger): void {
  const { actors } = instance.config
  const names = new ActorNames({ actors, classes: new ActorClasses(actors), clock: systemClock, logger })
  const schema = {
    operationId: 'nameWebActors',
    summary: 'Names of actors, as the application gives them',
    description: 'Those that have none are left out. They come from actors.CLASS.describe of the configuration.',
    body: {
      type: 'object',
      required: ['ids'],
      additionalProperties: false,
      properties: { ids: { type: 'array', maxItems: mostNamed, items: { type: 'string', maxLength: 1_000 } } },
    },
    response: {
      200: {
        description: 'By id',
        type: 'object',
        required: ['names'],
        properties: {
          names: {
            type: 'object',
            additionalProperties: {
              type: 'object',
              required: ['label', 'url'],
              properties: { label: { type: 'string' }, url: { type: ['string', 'null'] } },
            },
          },
        },
      },
      ...errorResponses,
    },
  } as const
  app.post<{ Body: { readonly ids: readonly string[] } }>(
    '/actors/names',
    { config: reading, schema },
    async (request, reply) => {
      const found = await names.of(request.body.ids)
      const body = JSON.stringify({ names: Object.fromEntries(found) })
      return reply.type('application/json').send(Buffer.from(body))
    },
  )
}

interface PathsRoute {
  readonly Body: { readonly actor_class: string; readonly paths: readonly string[] }
}

function addPaths(app: FastifyInstance, instance: Instance, logger: Logger): void {
  const { actors } = instance.config
  const classes = new ActorClasses(actors)
  const known = new ActorPaths({ actors, classes, clock: systemClock, logger })
  const schema = {
    operationId: 'findWebActors',
    summary: 'The actors of paths, as the application finds them',
    description:
      'Paths that lead to no actor, and those that were not found in 2 seconds, are left out. They come from actors.CLASS.findByPath of the ' +
      'configuration. Needs the scope write, because only who changes a list needs it.',
    body: {
      type: 'object',
      required: ['actor_class', 'paths'],
      additionalProperties: false,
      properties: {
        actor_class: { ...actorClassSchema, description: 'The class of the actors, such as Project' },
        paths: { type: 'array', maxItems: mostPaths, items: { type: 'string', minLength: 1, maxLength: 1_000 } },
      },
    },
    response: {
      200: {
        description: 'Ids by path',
        type: 'object',
        required: ['ids'],
        properties: {
          ids: {
            type: ['object', 'null'],
            description: 'Null where the class has no findByPath',
            additionalProperties: { type: 'string' },
          },
        },
      },
      ...errorResponses,
    },
  } as const
  app.post<PathsRoute>(
    '/actors/find',
    { config: { scope: 'write', isReading: true }, schema },
    async (request, reply) => {
      const { actor_class: className, paths } = request.body
      checkActorClass(className, classes)
      const found = await known.of(className, paths)
      const body = JSON.stringify({ ids: found === null ? null : Object.fromEntries(found) })
      return reply.type('application/json').send(Buffer.from(body))
    },
  )
}
