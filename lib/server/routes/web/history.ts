// The changes of all flags, for pages.
import type { FastifyInstance } from 'fastify'
import { changesPageToJson } from '../../../feature/history/changes-json.js'
import type { Instance } from '../../../instance/instance.js'
import { errorResponses } from '../../api-error.js'
import {
  changesQueryOf,
  type HistoryQuerystring,
  historySchema,
  webHistoryQuerySchema,
} from '../../web/history-schemas.js'

/** Adds the route below the prefix of its registration. */
export function webHistoryRoutes(app: FastifyInstance, { feature }: Instance): void {
  const schema = {
    operationId: 'listWebChanges',
    summary: 'Who changed flags, when, and why',
    description: 'For pages. One entry for each change, however many flags and rows it wrote.',
    querystring: webHistoryQuerySchema,
    response: { 200: historySchema, ...errorResponses },
  }
  app.get<{ Querystring: HistoryQuerystring }>('/history', { config: { scope: 'read' }, schema }, async ({ query }) =>
    changesPageToJson(await feature.changes(changesQueryOf(query))),
  )
}
