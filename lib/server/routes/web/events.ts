// The stream of events for pages: server-sent events, as `EventSource` reads them.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { FeatureError } from '../../../errors.js'
import type { Instance } from '../../../instance/instance.js'
import { quoted } from '../../../text/printable.js'
import { errorResponses } from '../../api-error.js'
import { unauthorized } from '../../access/auth.js'
import { type Topic, topics } from '../../web/stream/stream-events.js'
import { holderOf } from '../../web/stream/stream-holder.js'
import type { WebStreams } from '../../web/stream/web-streams.js'

interface EventsQuery {
  readonly topics?: string
  readonly since?: string
}

const querySchema = {
  type: 'object',
  properties: {
    topics: { type: 'string', description: `Which events, of ${topics.join(', ')}, separated by commas. Default: all` },
    since: {
      type: 'string',
      maxLength: 64,
      description: 'The id of the last event that the client has, where it cannot send Last-Event-ID',
    },
  },
} as const

const description =
  'Each event has one line of JSON. hello comes first. flags and resync have an id: a client that comes back sends the last one as ' +
  'Last-Event-ID, and is told what it missed, or (resync) to read the list again. Above the limits of streams the answer is 429: then poll ' +
  'GET /api/web/flags with If-None-Match.'

export interface EventRouteOptions {
  readonly instance: Instance
  readonly streams: WebStreams
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Adds the route below the prefix of its registration; its streams end before the server waits for its connections. */
export function webEventRoutes(app: FastifyInstance, { instance, streams, now }: EventRouteOptions): void {
  app.addHook('preClose', async () => streams.close())
  const schema = {
    operationId: 'streamWebEvents',
    summary: 'What changes, as it changes',
    description,
    querystring: querySchema,
    response: {
      200: {
        description: 'Events until either side ends it',
        content: { 'text/event-stream': { schema: { type: 'string' } } },
      },
      ...errorResponses,
    },
  }
  // Without HEAD, which would begin a stream that no client reads.
  const options = { config: { scope: 'read' }, schema, exposeHeadRoute: false } as const
  app.get<{ Querystring: EventsQuery }>('/events', options, async (request, reply) => {
    const asked = topicsIn(request.query.topics)
    const holder = holderOf(request, instance, now)
    if (holder === null) throw unauthorized()
    if (!streams.takes(holder)) {
      throw new FeatureError('rate_limited', {
        problem: 'there are as many streams as this server takes, or as one token may have',
        remedy: 'poll /api/web/flags with If-None-Match, or close other pages',
      })
    }
    const since = lastEventId(request) ?? request.query.since ?? null
    // What hooks have put into the reply is not sent with an answer that it does not make.
    const headers = Object.fromEntries(Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)]))
    reply.hijack()
    streams.open({ topics: asked, since, holder, headers }, reply.raw)
  })
}

function lastEventId({ headers }: FastifyRequest): string | null {
  const given = headers['last-event-id']
  return typeof given === 'string' && given !== '' ? given : null
}

/** Throws FeatureError (`invalid_request`) for a topic that there is not. */
function topicsIn(text: string | undefined): ReadonlySet<Topic> {
  if (text === undefined || text === '') return new Set(topics)
  return new Set(
    text.split(',').map((name) => {
      const topic = topics.find((one) => one === name.trim())
      if (topic !== undefined) return topic
      throw new FeatureError('invalid_request', {
        problem: `there is no topic ${quoted(name)}`,
        remedy: `the topics are ${topics.join(', ')}`,
      })
    }),
  )
}
