// What Unleash SDKs ask: the flags of a project in their environment. GitLab's addresses (lib/api/unleash.rb). An instance ID is
// their credential; no token of the HTTP API opens these routes, and no instance ID opens another one.
//
// Ten thousand SDKs ask every few seconds. So a poll that needs no question is answered before Node parses it or Fastify sees it
// (sdks/poll-front.ts), its answer is made of bytes and headers that were prepared, and it is counted in plain numbers. The routes
// here pass none of the hooks of other routes (they are in a scope of their own, app.ts).
import type { FastifyInstance } from 'fastify'
import type { Instance } from '../../instance/instance.js'
import type { Logger } from '../../log.js'
import type { Loaded } from '../../replica/projects/loaded-contents.js'
import type { ServedProjects } from '../../replica/projects/served-projects.js'
import { namedRevision } from '../../unleash/client-delta.js'
import type { Allowance } from '../access/sdk-limits.js'
import type { SdkRequest } from '../../unleash/credentials.js'
import { type Outlet, responseOutlet } from '../sdks/outlet.js'
import type { Polled, PollFront } from '../sdks/poll-front.js'
import { PreparedAnswers, sendDelta, tagsOf } from '../sdks/prepared-answers.js'
import { RecentPolls } from '../sdks/recent-polls.js'
import {
  askedCaller,
  knownCaller,
  type OfProject,
  type SdkCaller,
  sdkRequest,
  seenBy,
  wrongInstanceId,
} from '../sdks/sdk-access.js'
import { refuseSdk } from '../sdks/sdk-refusal.js'
import type { SdkServices } from '../sdks/sdk-services.js'
import { unleashReportRoutes } from './unleash-reports.js'
import { unleashStreamRoute } from './unleash-stream.js'

/** What counts the polls of SDKs, by the status of the answer. */
export interface PollCounts {
  polled(status: number): void
}

export interface UnleashOptions {
  readonly instance: Instance
  readonly logger: Logger
  readonly polls: PollCounts
  readonly services: SdkServices
  /** What gets the polls first. */
  readonly front: PollFront
}

/** The protocol is Unleash's, and its clients need no description of ours. */
const hidden = { config: { scope: 'instance_id' }, schema: { hide: true } } as const

/** Adds the routes, in a scope of their own. */
export async function unleashRoutes(app: FastifyInstance, options: UnleashOptions): Promise<void> {
  const { instance, logger, services, front } = options
  const served = await instance.servedProjects()
  app.addHook('onClose', () => services.reports.close())
  await app.register(
    async (scope) => {
      pollRoutes(scope, served, options)
      await scope.register(async (streams) => {
        unleashStreamRoute(streams, served, options)
      })
      await scope.register(async (reports) => {
        reports.setErrorHandler<Error>(async (error, _request, reply) => {
          refuseSdk(error, reply, logger)
          return reply
        })
        await unleashReportRoutes(reports, { directory: served.directory, limits: services.limits }, services, front)
      })
    },
    { prefix: '/api/v4/feature_flags/unleash' },
  )
}

function pollRoutes(scope: FastifyInstance, served: ServedProjects, options: UnleashOptions): void {
  const { polls, logger, services, front } = options
  const { limits, reports, elapsed } = services
  const { directory, contents } = served
  const prepared = new PreparedAnswers()
  const recent = new RecentPolls(elapsed)
  scope.setErrorHandler<Error>((error, request, reply) => {
    told(null, request.ip, refuseSdk(error, reply, logger))
  })
  const send: Readonly<Record<Polled, SendPoll>> = { features: sendFeatures, delta: sendChanges }
  for (const path of ['/:project', '/:project/features', '/:project/client/features']) poll(path, 'features')
  poll('/:project/client/delta', 'delta')
  front.use(({ project, polled, headers, out, ip }) => {
    const sdk = { headers, query: noQuery }
    const caller = knownCaller(directory, project, sdk)
    const loaded = caller === null ? null : contents.now(caller.project)
    if (caller === null || loaded === null) return false
    const allowance = limits.pollAllowed(ip, caller.project.id)
    if (allowance === null) return false
    answer({ caller, loaded, allowance, out, sdk, ip, polled })
    return true
  })

  /** Adds a poll whose caller or flags may have to be asked for. */
  function poll(path: string, polled: Polled): void {
    scope.get<{ Params: OfProject }>(path, hidden, async (request, reply) => {
      const sdk = sdkRequest(request)
      const caller = await askedCaller({ directory, limits }, request, sdk)
      const { ip } = request
      const allowance = limits.poll(ip, caller.project.id)
      const loaded = await contents.get(caller.project)
      if (loaded === null) throw wrongInstanceId()
      answer({ caller, loaded, allowance, out: responseOutlet(reply.raw), sdk, ip, polled })
      // Not before: where the answer cannot be made, the error handler gives another one.
      reply.hijack()
    })
  }

  function answer(poll: Poll): void {
    const { caller, sdk } = poll
    if (recent.isNew(caller.instanceId.id, sdk.headers)) reports.polled(seenBy(caller, sdk, []))
    told(caller, poll.ip, send[poll.polled](poll))
  }

  function sendFeatures({ caller: { project, environment }, loaded, allowance, sdk, out }: Poll): number {
    const { shapes } = loaded.answers
    const features = loaded.answers.in(environment)
    if (loaded.answers.shapes !== shapes) contents.grew(project)
    const offersStream = project.streaming && takesStreams(sdk.headers['unleash-sdk'])
    return prepared.send(features, { headers: sdk.headers, out, more: limits.headersOf(allowance) }, offersStream)
  }

  function sendChanges({ caller: { environment }, loaded, allowance, sdk, out }: Poll): number {
    const history = contents.history(loaded)
    const asking = { out, more: limits.headersOf(allowance) }
    const revision = namedRevision(tagsOf(sdk.headers))
    const since = revision === null ? undefined : history.since(environment, revision)
    if (since === null) return sendDelta(asking, revision ?? history.revision, null)
    return sendDelta(asking, history.revision, since ?? history.hydration(environment))
  }

  function told(caller: SdkCaller | null, ip: string, status: number): void {
    polls.polled(status)
    logger.debug({ project: caller?.project.id ?? null, status, ip }, 'http: an SDK asked')
  }
}

const noQuery = {}

/** Writes the answer to a poll, and gives its status. */
type SendPoll = (poll: Poll) => number

/** A poll that is answered with flags. */
interface Poll {
  readonly caller: SdkCaller
  readonly loaded: Loaded
  readonly allowance: Allowance
  readonly out: Outlet
  readonly sdk: SdkRequest
  /** Worked out once: behind a proxy it takes a look at each address on the way. */
  readonly ip: string
  readonly polled: Polled
}

/** Whether an SDK that polls goes to a stream when it is told to: Unleash's for Node from 6.7 on. */
function takesStreams(sdk: string | string[] | undefined): boolean {
  if (typeof sdk !== 'string') return false
  const [, major, minor] = /^unleash-node-sdk:(\d{1,4})\.(\d{1,4})\./.exec(sdk) ?? []
  return Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 7)
}
