// What Unleash SDKs ask: the flags of a project in their environment. GitLab's addresses (lib/api/unleash.rb). An instance ID is
// their credential; no token of the HTTP API opens these routes, and no instance ID opens another one.
//
// Ten thousand SDKs ask every few seconds. So a poll passes none of the hooks of other routes (they are in a scope of their own,
// app.ts), its answer is made of bytes and headers that were prepared, and it is counted in plain numbers.
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Instance } from '../../instance/instance.js'
import type { Logger } from '../../log.js'
import type { Loaded } from '../../replica/projects/loaded-contents.js'
import type { ServedProjects } from '../../replica/projects/served-projects.js'
import { namedRevision } from '../../unleash/client-delta.js'
import type { Allowance } from '../access/sdk-limits.js'
import { type Asking, PreparedAnswers, sendDelta } from '../sdks/prepared-answers.js'
import { RecentPolls } from '../sdks/recent-polls.js'
import {
  askedCaller,
  knownCaller,
  type OfProject,
  type SdkCaller,
  type SdkQuestion,
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
}

/** The protocol is Unleash's, and its clients need no description of ours. */
const hidden = { schema: { hide: true } }

/** Adds the routes, in a scope of their own. */
export async function unleashRoutes(app: FastifyInstance, options: UnleashOptions): Promise<void> {
  const { instance, logger, services } = options
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
        await unleashReportRoutes(reports, { directory: served.directory, limits: services.limits }, services)
      })
    },
    { prefix: '/api/v4/feature_flags/unleash' },
  )
}

function pollRoutes(scope: FastifyInstance, served: ServedProjects, options: UnleashOptions): void {
  const { polls, logger, services } = options
  const { limits, reports, elapsed } = services
  const { directory, contents } = served
  const prepared = new PreparedAnswers()
  const recent = new RecentPolls(elapsed)
  scope.setErrorHandler<Error>((error, request, reply) => {
    told(null, request.ip, refuseSdk(error, reply, logger))
  })
  for (const path of ['/:project', '/:project/features', '/:project/client/features']) {
    poll(path, ({ project, environment }, loaded, asking) => {
      const { shapes } = loaded.answers
      const features = loaded.answers.in(environment)
      if (loaded.answers.shapes !== shapes) contents.grew(project)
      const offersStream = project.streaming && takesStreams(asking.request.headers['unleash-sdk'])
      return prepared.send(features, asking, offersStream)
    })
  }
  poll('/:project/client/delta', ({ environment }, loaded, asking) => {
    const history = contents.history(loaded)
    const revision = namedRevision(asking.request.headers['if-none-match'])
    const since = revision === null ? undefined : history.since(environment, revision)
    if (since === null) return sendDelta(asking, revision ?? history.revision, null)
    return sendDelta(asking, history.revision, since ?? history.hydration(environment))
  })

  /** Adds a poll: what is known and in memory is answered at once, and anything else after a question to the store. */
  function poll(path: string, send: SendPoll): void {
    scope.get<{ Params: OfProject }>(path, hidden, (request, reply) => {
      const caller = knownCaller(directory, request.params.project, sdkRequest(request))
      if (caller === null) return later(request, reply, send)
      const { ip } = request
      const allowance = limits.poll(ip, caller.project.id)
      const loaded = contents.now(caller.project)
      if (loaded === null) return read(caller, allowance, { request, reply, ip, send })
      return answer(caller, loaded, allowance, { request, reply, ip, send })
    })
  }

  async function later(request: SdkQuestion, reply: FastifyReply, send: SendPoll): Promise<void> {
    const caller = await askedCaller({ directory, limits }, request, sdkRequest(request))
    const { ip } = request
    await read(caller, limits.poll(ip, caller.project.id), { request, reply, ip, send })
  }

  async function read(caller: SdkCaller, allowance: Allowance, poll: Poll): Promise<void> {
    const loaded = await contents.get(caller.project)
    if (loaded === null) throw wrongInstanceId()
    answer(caller, loaded, allowance, poll)
  }

  function answer(caller: SdkCaller, loaded: Loaded, allowance: Allowance, { request, reply, ip, send }: Poll): void {
    if (recent.isNew(caller.instanceId.id, request.headers)) reports.polled(seenBy(caller, sdkRequest(request), []))
    reply.hijack()
    const asking = { request: request.raw, response: reply.raw, more: limits.headersOf(allowance) }
    told(caller, ip, send(caller, loaded, asking))
  }

  function told(caller: SdkCaller | null, ip: string, status: number): void {
    polls.polled(status)
    logger.debug({ project: caller?.project.id ?? null, status, ip }, 'http: an SDK asked')
  }
}

/** Writes the answer to a poll, and gives its status. */
type SendPoll = (caller: SdkCaller, loaded: Loaded, asking: Asking) => number

interface Poll {
  readonly request: SdkQuestion
  readonly reply: FastifyReply
  /** Worked out once: behind a proxy it takes a look at each address on the way. */
  readonly ip: string
  readonly send: SendPoll
}

/** Whether an SDK that polls goes to a stream when it is told to: Unleash's for Node from 6.7 on. */
function takesStreams(sdk: string | string[] | undefined): boolean {
  if (typeof sdk !== 'string') return false
  const [, major, minor] = /^unleash-node-sdk:(\d{1,4})\.(\d{1,4})\./.exec(sdk) ?? []
  return Number(major) > 6 || (Number(major) === 6 && Number(minor) >= 7)
}
