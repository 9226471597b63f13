// What a page reads of internal flags: the list of all.
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Instance } from '../../../instance/instance.js'
import { namesTag } from '../../../unleash/etag.js'
import { takesEncoding } from '../../accepted-encoding.js'
import { errorResponses } from '../../api-error.js'
import type { FlagList, ListAnswer } from '../../web/flag-list.js'
import { listSchema } from '../../web/flag-schemas.js'

const reading = { scope: 'read' } as const

/** Adds the routes below the prefix of its registration. */
export function webFlagRoutes(app: FastifyInstance, { feature }: Instance, list: FlagList): void {
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

async function sendList(answer: ListAnswer, accepted: string | string[] | undefined, reply: FastifyReply) {
  void reply.type('application/json')
  const encoding = (['br', 'gzip'] as const).find((one) => takesEncoding(accepted, one))
  if (encoding === undefined) return reply.send(answer.body)
  return reply.header('content-encoding', encoding).send(await answer.compressed(encoding))
}
