// What all flags answer for actors, and how that compares with other actors or another time.
import type { FastifyInstance } from 'fastify'
import { ActorClasses } from '../../../actors/classes.js'
import type { OnlyFlags } from '../../../feature/explain/all-explained.js'
import { actorsAsked } from '../../../feature/explain/asked.js'
import { allExplainedToJson } from '../../../feature/explain/explanation-json.js'
import type { Instance } from '../../../instance/instance.js'
import { errorResponses } from '../../api-error.js'
import { allExplainedSchema, explainedActorsSchema, pointSchema } from '../../web/explanation-schemas.js'

interface ExplainRoute {
  readonly Body: {
    readonly actors: readonly string[]
    readonly at?: string
    readonly only?: OnlyFlags
    readonly than?: { readonly actors?: readonly string[]; readonly at?: string }
  }
}

const bodySchema = {
  type: 'object',
  required: ['actors'],
  additionalProperties: false,
  properties: {
    actors: explainedActorsSchema,
    at: pointSchema,
    only: {
      type: 'string',
      enum: ['on', 'different'] satisfies OnlyFlags[],
      description: 'different: from `than`; without it, from the default of the flag',
    },
    than: {
      type: 'object',
      description: 'What to compare with: other actors, another time, or both. What is left out is as above',
      additionalProperties: false,
      minProperties: 1,
      properties: { actors: explainedActorsSchema, at: pointSchema },
    },
  },
} as const

/** Adds the route below the prefix of its registration. */
export function webExplainRoutes(app: FastifyInstance, instance: Instance): void {
  const classes = new ActorClasses(instance.config.actors)
  const schema = {
    operationId: 'explainWebFlags',
    summary: 'What all flags answer for actors, now or in the past',
    description: 'For pages. Looks only, and does not count as a change.',
    body: bodySchema,
    response: { 200: { description: 'One answer for each flag', ...allExplainedSchema }, ...errorResponses },
  }
  app.post<ExplainRoute>(
    '/explain',
    { config: { scope: 'read', isReading: true }, schema },
    async ({ body: { actors, at, only, than } }) => {
      const asked = actorsAsked(actors, classes)
      const other = than && {
        asked: than.actors === undefined ? asked : actorsAsked(than.actors, classes),
        at: than.at ?? at,
      }
      return allExplainedToJson(await instance.explanations.all({ asked, at, only, than: other }))
    },
  )
}
