// Why a flag is on or off for actors. Not in GitLab.
import type { FastifyInstance } from 'fastify'
import { ActorClasses } from '../../actors/classes.js'
import { actorsAsked } from '../../feature/explain/asked.js'
import { explanationToJson } from '../../feature/explain/explanation-json.js'
import type { Instance } from '../../instance/instance.js'
import { errorResponses } from '../api-error.js'
import { explainedActorsSchema, explanationSchema, pointSchema } from '../web/explanation-schemas.js'
import { nameSchema, noSuchFlag } from './features.js'

interface ExplainRoute {
  readonly Params: { readonly name: string }
  readonly Body: { readonly actors: readonly string[]; readonly at?: string; readonly type?: string }
}

const bodySchema = {
  type: 'object',
  required: ['actors'],
  additionalProperties: false,
  properties: {
    actors: explainedActorsSchema,
    at: pointSchema,
    type: { type: 'string', description: 'The type of the flag: refused where its definition has another one' },
  },
} as const

/** Adds the route below the prefix of its registration. */
export function featureExplainRoutes(app: FastifyInstance, instance: Instance): void {
  const { catalog, config } = instance
  const classes = new ActorClasses(config.actors)
  const schema = {
    operationId: 'explainFeature',
    summary: 'Why a flag is on or off for actors, now or in the past',
    description: 'Looks only, and does not count as a change.',
    params: nameSchema,
    body: bodySchema,
    response: { 200: { description: 'The answer, gate by gate', ...explanationSchema }, ...errorResponses },
  }
  app.post<ExplainRoute>(
    '/features/:name/explain',
    { config: { scope: 'read', isReading: true }, schema },
    async ({ params: { name }, body: { actors, at, type } }) => {
      const fault = type === undefined ? null : catalog.usageFault(name, type)
      if (fault !== null && fault.code !== 'unknown_flag') throw fault
      const explanation = await instance.explanations.of(name, actorsAsked(actors, classes), { at })
      if (explanation.reason === 'unknown' && !(at !== undefined && (await instance.explanations.wasFlag(name)))) {
        throw noSuchFlag(catalog, name)
      }
      return explanationToJson(explanation)
    },
  )
}
