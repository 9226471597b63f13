// The changes of one flag: who, when, why. Not in GitLab.
import type { FastifyInstance } from 'fastify'
import { changesPageToJson } from '../../feature/history/changes-json.js'
import type { Instance } from '../../instance/instance.js'
import { errorResponses } from '../api-error.js'
import { changesQueryOf, historyQuerySchema, type HistoryQuerystring, historySchema } from '../web/history-schemas.js'
import { nameSchema, noSuchFlag } from './features.js'

interface HistoryRoute {
  readonly Params: { readonly name: string }
  readonly Querystring: Omit<HistoryQuerystring, 'flag'>
}

/** Adds the route below the prefix of its registration. */
export function featureHistoryRoutes(app: FastifyInstance, { catalog, feature }: Instance): void {
  const schema = {
    operationId: 'listFeatureChanges',
    summary: 'Who changed a flag, when, and why',
    description:
      'One entry for each change. With change_id it answers whether a change was made, also for a flag that is neither defined nor stored.',
    params: nameSchema,
    querystring: historyQuerySchema,
    response: { 200: historySchema, ...errorResponses },
  }
  app.get<HistoryRoute>(
    '/features/:name/history',
    { config: { scope: 'read' }, schema },
    async ({ params: { name }, query }) => {
      const page = await feature.changes({ ...changesQueryOf(query), feature: name })
      const isAnswer = page.changes.length > 0 || query.change_id !== undefined
      if (!isAnswer && catalog.get(name) === undefined && !(await wasChanged(feature, name))) {
        throw noSuchFlag(catalog, name)
      }
      return changesPageToJson(page)
    },
  )
}

/** A deleted flag keeps its history, of which the question may have asked for a part that is empty. */
async function wasChanged(feature: Instance['feature'], name: string): Promise<boolean> {
  return feature.persisted(name) || (await feature.history({ feature: name, limit: 1 })).length > 0
}
