// What a page reads of internal flags: the list of all, and one flag.
import type { FastifyInstance, FastifyReply } from 'fastify'
import { ActorClasses } from '../../../actors/classes.js'
import { describeRows, groupedEntries } from '../../../feature/change-sentences.js'
import type { Instance } from '../../../instance/instance.js'
import type { Logger } from '../../../log.js'
import { namesTag } from '../../../unleash/etag.js'
import { takesEncoding } from '../../accepted-encoding.js'
import { actorClassSchema, checkActorClass } from '../../changes/actor-class.js'
import { errorResponses } from '../../api-error.js'
import type { FlagList, ListAnswer } from '../../web/flag-list.js'
import { flagNow } from '../../web/flag-now.js'
import { flagPage } from '../../web/flag-page.js'
import { flagNameSchema, flagPageSchema, listSchema } from '../../web/flag-schemas.js'
import { positionText } from '../../web/position-text.js'
import { noSuchFlag } from '../features.js'

const reading = { scope: 'read' } as const

export interface WebFlagOptions {
  readonly instance: Instance
  readonly list: FlagList
  readonly logger: Logger
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Adds the routes below the prefix of its registration. */
export function webFlagRoutes(app: FastifyInstance, options: WebFlagOptions): void {
  addList(app, options)
  addFlag(app, options)
}

function addList(app: FastifyInstance, { instance: { feature }, list }: WebFlagOptions): void {
  const schema = {
    operationId: 'listWebFlags',
    summary: 'All flags as rows, with counts and without ids',
    description: 'For pages. Flags that are stored or defined, and those of which there is a broken definition alone.',
    response: {
      200: listSchema,
      304: { description: 'The reader has this list already (If-None-Match)', type: 'null' },
      ...errorResponses,
    },
  }
  app.get('/flags', { config: reading, schema }, async (request, reply) => {
    // Before anything stored is known, all flags would look as if nothing were stored of them.
    if (feature.status().source === 'definitions') await feature.refresh()
    const answer = await list.answer()
    void reply.headers({ etag: answer.etag, 'cache-control': 'private, no-cache', vary: 'Accept-Encoding' })
    if (namesTag(request.headers['if-none-match'], answer.etag)) return reply.code(304).send()
    return sendList(answer, request.headers['accept-encoding'], reply)
  })
}

interface FlagRoute {
  readonly Params: { readonly name: string }
  readonly Querystring: { readonly actor_class?: string }
}

function addFlag(app: FastifyInstance, { instance, logger, now }: WebFlagOptions): void {
  const schema = {
    operationId: 'getWebFlag',
    summary: 'One flag with its gates, definition, known actors and newest changes',
    description:
      'For pages. Read from the database, because a change is made on condition of what is shown; from memory while the database does not answer.',
    params: flagNameSchema,
    querystring: { type: 'object', properties: { actor_class: actorClassSchema } },
    response: { 200: flagPageSchema, ...errorResponses },
  }
  const classes = new ActorClasses(instance.config.actors)
  app.get<FlagRoute>('/flags/:name', { config: reading, schema }, async (request, reply) => {
    const { name } = request.params
    const { actor_class: actorClass } = request.query
    checkActorClass(actorClass, classes)
    const found = await flagNow(instance, name, logger)
    const page = await flagPage(instance, { name, now: found, at: new Date(now()), actorClass })
    if (page === null) throw noSuchFlag(instance.catalog, name)
    if (found.revision !== null) void reply.header('etag', `"${found.revision}"`)
    return { ...page, history: found.revision === null ? [] : await newestChanges(instance, name) }
  })
}

const mostChanges = 20
const mostRows = 500

async function newestChanges({ feature }: Instance, name: string): Promise<object[]> {
  const entries = await feature.history({ feature: name, limit: mostRows })
  const groups = groupedEntries(entries).slice(0, mostChanges)
  return groups.map((group) => {
    const [{ changeId, position, at, author, source, reason }] = group
    const flags = [{ name, sentence: describeRows(group) }]
    return {
      change_id: changeId,
      position: positionText(position),
      at: at.toISOString(),
      author,
      source,
      reason,
      flags,
    }
  })
}

async function sendList(answer: ListAnswer, accepted: string | string[] | undefined, reply: FastifyReply) {
  void reply.type('application/json')
  const encoding = (['br', 'gzip'] as const).find((one) => takesEncoding(accepted, one))
  if (encoding === undefined) return reply.send(answer.body)
  return reply.header('content-encoding', encoding).send(await answer.compressed(encoding))
}
