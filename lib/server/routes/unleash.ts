// What Unleash SDKs ask: the flags of a project in their environment. GitLab's addresses (lib/api/unleash.rb). An instance ID is
// their credential; no token of the HTTP API opens these routes, and no instance ID opens another one.
//
// Ten thousand SDKs ask every few seconds. So a poll passes none of the hooks of other routes (they are in a scope of their own,
// app.ts), its answer is made of bytes and headers that were prepared, and it is counted in plain numbers.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { errorTable, errorText, FeatureError } from '../../errors.js'
import type { Instance } from '../../instance/instance.js'
import type { Logger } from '../../log.js'
import type { ServedProjects } from '../../replica/projects/served-projects.js'
import type { ClientFeatures } from '../../unleash/client-features.js'
import { type Allowance, LimitReached } from '../access/sdk-limits.js'
import { PreparedAnswers } from '../projects/prepared-answers.js'
import { RecentPolls } from '../projects/recent-polls.js'
import {
  askedCaller,
  knownCaller,
  type OfProject,
  type SdkCaller,
  type SdkQuestion,
  sdkRequest,
  seenBy,
  wrongInstanceId,
} from '../projects/sdk-access.js'
import type { SdkServices } from '../projects/sdk-services.js'
import { securityHeaders } from '../security-headers.js'
import { unleashReportRoutes } from './unleash-reports.js'

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
/** For an answer that is given in vain until Postgres is back: SDKs of other makers read it. */
const retryAfterSeconds = '15'

/** Adds the routes, in a scope of their own. */
export async function unleashRoutes(app: FastifyInstance, options: UnleashOptions): Promise<void> {
  const { instance, logger, services } = options
  const served = await instance.servedProjects()
  app.addHook('onClose', () => services.reports.close())
  await app.register(
    async (scope) => {
      pollRoutes(scope, served, options)
      await scope.register(async (reports) => {
        reports.setErrorHandler<Error>(async (error, _request, reply) => {
          refuse(error, reply, logger)
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
    told(null, request, refuse(error, reply, logger))
  })
  for (const path of ['/:project', '/:project/features', '/:project/client/features']) {
    scope.get<{ Params: OfProject }>(path, hidden, (request, reply) => {
      const caller = knownCaller(directory, request.params.project, sdkRequest(request))
      if (caller === null) return later(request, reply)
      const allowance = limits.poll(request.ip, caller.project.id)
      if (answer(caller, allowance, request, reply)) return
      return read(caller, allowance, request, reply)
    })
  }

  /** False if the flags have to be read first. */
  function answer(caller: SdkCaller, allowance: Allowance, request: SdkQuestion, reply: FastifyReply): boolean {
    const loaded = contents.now(caller.project)
    if (loaded === null) return false
    const { shapes } = loaded.answers
    const features = loaded.answers.in(caller.environment)
    if (loaded.answers.shapes !== shapes) contents.grew(caller.project)
    send(caller, features, allowance, request, reply)
    return true
  }

  async function later(request: SdkQuestion, reply: FastifyReply): Promise<void> {
    const caller = await askedCaller({ directory, limits }, request, sdkRequest(request))
    await read(caller, limits.poll(request.ip, caller.project.id), request, reply)
  }

  async function read(
    caller: SdkCaller,
    allowance: Allowance,
    request: SdkQuestion,
    reply: FastifyReply,
  ): Promise<void> {
    const loaded = await contents.get(caller.project)
    if (loaded === null) throw wrongInstanceId()
    send(caller, loaded.answers.in(caller.environment), allowance, request, reply)
  }

  function send(
    caller: SdkCaller,
    features: ClientFeatures,
    allowance: Allowance,
    request: SdkQuestion,
    reply: FastifyReply,
  ): void {
    if (recent.isNew(caller.instanceId.id, request.headers)) reports.polled(seenBy(caller, sdkRequest(request), []))
    reply.hijack()
    told(caller, request, prepared.send(features, request.raw, reply.raw, limits.headersOf(allowance)))
  }

  function told(caller: SdkCaller | null, { ip }: FastifyRequest, status: number): void {
    polls.polled(status)
    logger.debug({ project: caller?.project.id ?? null, status, ip }, 'http: an SDK asked')
  }
}

/**
 * Sends 401 for a credential that the store has just not had, 429 beyond a limit, otherwise 503: whatever fails here is not the fault of the SDK, and one
 * that is told 401 may stop asking for good. An outage makes no line of log for each poll: the directory logs it once.
 */
function refuse(error: Error, reply: FastifyReply, logger: Logger): number {
  const code = error instanceof FeatureError ? error.code : 'internal'
  if (code === 'internal')
    logger.error({ error: errorText(error), stack: error.stack }, 'http: an SDK was not answered')
  const message = code === 'unauthorized' ? '401 Unauthorized' : errorTable[code].meaning
  const status = code === 'unauthorized' ? 401 : code === 'rate_limited' ? 429 : 503
  if (status === 503) void reply.header('retry-after', retryAfterSeconds)
  if (error instanceof LimitReached) void reply.headers(error.headers)
  const body = Buffer.from(JSON.stringify({ message, code }))
  void reply.code(status).headers(securityHeaders).type('application/json').send(body)
  return status
}
