// The stream of a project for SDKs (lib/server/sdks/sdk-streams.ts). 503 is no answer here: an SDK would try four times more before
// it polls. After 429 it polls at once, and is told there what is the matter.
import type { FastifyInstance } from 'fastify'
import { FeatureError } from '../../errors.js'
import type { Instance } from '../../instance/instance.js'
import type { Logger } from '../../log.js'
import type { ServedProjects } from '../../replica/projects/served-projects.js'
import { namedRevision } from '../../unleash/client-delta.js'
import { askedCaller, type OfProject, sdkRequest, seenBy, wrongInstanceId } from '../sdks/sdk-access.js'
import { refuseSdk } from '../sdks/sdk-refusal.js'
import type { SdkServices } from '../sdks/sdk-services.js'
import { SdkStreams } from '../sdks/sdk-streams.js'

export interface StreamRouteOptions {
  readonly logger: Logger
  readonly services: SdkServices
  readonly instance: Instance
}

/** Without HEAD, which would begin a stream that no client reads. */
const options = { config: { scope: 'instance_id' }, schema: { hide: true }, exposeHeadRoute: false } as const
const noteEveryMs = 60_000

/** Adds the route; its streams end before the server waits for its connections. */
export function unleashStreamRoute(
  scope: FastifyInstance,
  served: ServedProjects,
  { logger, services, instance }: StreamRouteOptions,
): void {
  const { directory, contents } = served
  const { limits, reports, places, elapsed } = services
  const streams = new SdkStreams({ served, logger, elapsed, mostStreams: instance.config.server.streams, places })
  scope.addHook('preClose', async () => streams.close())
  scope.setErrorHandler<Error>((error, _request, reply) => void refuseSdk(error, reply, logger, 429))
  scope.get<{ Params: OfProject }>('/:project/client/streaming', options, async (request, reply) => {
    const sdk = sdkRequest(request)
    const caller = await askedCaller({ directory, limits }, request, sdk)
    limits.poll(request.ip, caller.project.id)
    const loaded = await contents.get(caller.project)
    if (loaded === null) throw wrongInstanceId()
    const seen = seenBy(caller, sdk, [])
    reports.polled(seen)
    const { headers } = request
    const revision = namedRevision(textOf(headers['last-event-id']))
    const connectionId = textOf(headers['unleash-connection-id']) ?? ''
    if (!streams.takes(caller, connectionId)) {
      throw new FeatureError('rate_limited', {
        problem: 'the project has no streams, or there are as many as this server takes',
        remedy: 'poll',
      })
    }
    reply.hijack()
    // An SDK that reads a stream asks nothing, and is as much alive as one that polls.
    const noting = setInterval(() => reports.polled(seen), noteEveryMs).unref()
    reply.raw.once('close', () => clearInterval(noting))
    streams.open({ caller, loaded, revision, connectionId }, reply.raw)
  })
}

function textOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0]
}
