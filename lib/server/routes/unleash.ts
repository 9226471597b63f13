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
import type { SdkRequest } from '../../unleash/credentials.js'
import { readBodies } from '../body-parsers.js'
import { InstanceIdUses } from '../projects/instance-id-uses.js'
import { PreparedAnswers } from '../projects/prepared-answers.js'
import { askedCaller, knownCaller, type SdkCaller, wrongInstanceId } from '../projects/sdk-access.js'
import { securityHeaders } from '../security-headers.js'

interface OfProject {
  readonly project: string
}

type SdkQuestion = FastifyRequest<{ Params: OfProject }>

/** What counts the polls of SDKs, by the status of the answer. */
export interface PollCounts {
  polled(status: number): void
}

export interface UnleashOptions {
  readonly instance: Instance
  readonly logger: Logger
  readonly polls: PollCounts
}

/** The protocol is Unleash's, and its clients need no description of ours. */
const hidden = { schema: { hide: true } }
/** For an answer that is given in vain until Postgres is back: SDKs of other makers read it. */
const retryAfterSeconds = '15'

/** Adds the routes, in a scope of their own. */
export async function unleashRoutes(app: FastifyInstance, options: UnleashOptions): Promise<void> {
  const { instance, logger, polls } = options
  const served = await instance.servedProjects()
  const uses = new InstanceIdUses(logger)
  app.addHook('onClose', () => uses.close())
  const projects = await instance.projects()
  const note = ({ instanceId }: SdkCaller) => uses.note(projects, instanceId)
  await app.register(
    async (scope) => {
      pollRoutes(scope, { served, note, polls, logger })
      await scope.register(async (reports) => reportRoutes(reports, { served, note, polls, logger }))
    },
    { prefix: '/api/v4/feature_flags/unleash' },
  )
}

interface Serving {
  readonly served: ServedProjects
  readonly note: (caller: SdkCaller) => void
  readonly polls: PollCounts
  readonly logger: Logger
}

function pollRoutes(scope: FastifyInstance, { served, note, polls, logger }: Serving): void {
  const { directory, contents } = served
  const prepared = new PreparedAnswers()
  scope.setErrorHandler<Error>((error, request, reply) => {
    told(null, request, refuse(error, reply, logger))
  })
  for (const path of ['/:project', '/:project/features', '/:project/client/features']) {
    scope.get<{ Params: OfProject }>(path, hidden, (request, reply) => {
      const caller = knownCaller(directory, request.params.project, sdkRequest(request))
      if (caller !== null && answer(caller, request, reply)) return
      return later(request, reply)
    })
  }

  /** False if the flags have to be read first. */
  function answer(caller: SdkCaller, request: SdkQuestion, reply: FastifyReply): boolean {
    const loaded = contents.now(caller.project)
    if (loaded === null) return false
    const { shapes } = loaded.answers
    const features = loaded.answers.in(caller.environment)
    if (loaded.answers.shapes !== shapes) contents.grew(caller.project)
    note(caller)
    reply.hijack()
    told(caller, request, prepared.send(features, request.raw, reply.raw))
    return true
  }

  async function later(request: SdkQuestion, reply: FastifyReply): Promise<void> {
    const caller = await askedCaller(directory, request.params.project, sdkRequest(request))
    const loaded = await contents.get(caller.project)
    if (loaded === null) throw wrongInstanceId()
    note(caller)
    reply.hijack()
    told(caller, request, prepared.send(loaded.answers.in(caller.environment), request.raw, reply.raw))
  }

  function told(caller: SdkCaller | null, { ip }: FastifyRequest, status: number): void {
    polls.polled(status)
    logger.debug({ project: caller?.project.id ?? null, status, ip }, 'http: an SDK asked')
  }
}

function reportRoutes(scope: FastifyInstance, serving: Serving): Promise<void> {
  scope.setErrorHandler<Error, { Params: OfProject }>(async (error, request, reply) => {
    const fault = isFaultOfBody(error) ? await refusalOf(accept(request, reply)) : error
    if (fault !== null) refuse(fault, reply, serving.logger)
    return reply
  })
  for (const path of ['/:project/client/register', '/:project/client/metrics']) {
    scope.post<{ Params: OfProject }>(path, hidden, accept)
  }
  return readBodies(scope)

  /** 202 whatever the body is: after a refusal a Node SDK never reports again. */
  async function accept(request: SdkQuestion, reply: FastifyReply): Promise<FastifyReply> {
    const caller = await askedCaller(serving.served.directory, request.params.project, sdkRequest(request))
    serving.note(caller)
    return reply.code(202).headers(securityHeaders).send()
  }
}

/** Whether only the body of a report is wrong: not JSON, compressed, or too large. */
function isFaultOfBody(error: Error): boolean {
  if (error instanceof FeatureError) return error.code === 'unsupported_media_type'
  return 'statusCode' in error && [400, 413, 415].includes(Number(error.statusCode))
}

async function refusalOf(answering: Promise<unknown>): Promise<Error | null> {
  try {
    await answering
    return null
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/**
 * Sends 401 for a credential that the store has just not had, otherwise 503: whatever fails here is not the fault of the SDK, and one
 * that is told 401 may stop asking for good. An outage makes no line of log for each poll: the directory logs it once.
 */
function refuse(error: Error, reply: FastifyReply, logger: Logger): number {
  const code = error instanceof FeatureError ? error.code : 'internal'
  if (code === 'internal')
    logger.error({ error: errorText(error), stack: error.stack }, 'http: an SDK was not answered')
  const isWrong = code === 'unauthorized'
  const message = isWrong ? '401 Unauthorized' : errorTable[code].meaning
  if (!isWrong) void reply.header('retry-after', retryAfterSeconds)
  const status = isWrong ? 401 : 503
  const body = Buffer.from(JSON.stringify({ message, code }))
  void reply.code(status).headers(securityHeaders).type('application/json').send(body)
  return status
}

function sdkRequest({ headers, query, body }: FastifyRequest): SdkRequest {
  const given = typeof query === 'object' && query !== null ? Object.fromEntries(Object.entries(query)) : {}
  return { headers, query: given, body }
}
