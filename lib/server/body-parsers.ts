// Reads two kinds of bodies: JSON and forms, whole and uncompressed. All others are refused as 415.
import formBody from '@fastify/formbody'
import type { FastifyInstance } from 'fastify'
import { FeatureError } from '../errors.js'

/** Makes the app read JSON and forms, and no other bodies. */
export async function readBodies(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers()
  const parseJson = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    // Clients that always send the header also send it with a DELETE that has no body.
    if (body.length === 0) done(null, undefined)
    else parseJson(request, body.toString(), done)
  })
  await app.register(formBody)
  app.addHook('preParsing', async (request) => {
    const encoding = request.headers['content-encoding']
    if (encoding === undefined || encoding === 'identity') return
    throw new FeatureError('unsupported_media_type', {
      problem: 'the body is compressed',
      remedy: 'send it without Content-Encoding',
    })
  })
}
