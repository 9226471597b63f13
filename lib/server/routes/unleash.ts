// What Unleash SDKs ask: the flags of a project in their environment. GitLab's addresses (lib/api/unleash.rb). An instance ID is
// their credential; no token of the HTTP API opens these routes, and no instance ID opens another one.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { FeatureError } from '../../errors.js'
import type { Instance } from '../../instance/instance.js'
import type { Logger } from '../../log.js'
import type { InstanceId, Project } from '../../project-flags/project.js'
import type { ProjectFlags } from '../../project-flags/project-flags.js'
import { programName } from '../../text/program-name.js'
import { ClientAnswers } from '../../unleash/client-features.js'
import { applicationName, credentialCandidates, type SdkRequest } from '../../unleash/credentials.js'
import { namesTag } from '../../unleash/etag.js'
import { sendGitLabError } from '../projects/gitlab-errors.js'
import { InstanceIdUses } from '../projects/instance-id-uses.js'

interface OfProject {
  readonly project: string
}

interface Caller {
  readonly projects: ProjectFlags
  readonly project: Project
  readonly environment: string
}

/** The protocol is Unleash's, and its clients need no description of ours. */
const hidden = { schema: { hide: true } }
const vary = 'Unleash-AppName, Unleash-InstanceID, Authorization, Accept-Encoding'
const longestEnvironment = 255

/** Adds the routes, in a scope of their own. */
export async function unleashRoutes(app: FastifyInstance, instance: Instance, logger: Logger): Promise<void> {
  const answers = new Map<number, { readonly nonce: string; readonly answers: ClientAnswers }>()
  const uses = new InstanceIdUses(logger)
  app.addHook('onClose', () => uses.close())
  await app.register(
    async (scope) => {
      // Each SDK asks every few seconds: a line for each would fill the log.
      scope.addHook('onRequest', async (request) => {
        request.quiet = true
      })
      scope.setErrorHandler<Error, { Params: OfProject }>(async (error, request, reply) => {
        const fault = isFaultOfBody(error, request) ? await refusalOf(accept(instance, uses, request, reply)) : error
        if (fault === null) return reply
        if (fault instanceof FeatureError && fault.status === 503) void reply.header('retry-after', '15')
        return sendGitLabError(fault, request, reply, { logger })
      })
      for (const path of ['/:project', '/:project/features', '/:project/client/features']) {
        scope.get<{ Params: OfProject }>(path, hidden, async (request, reply) => {
          const caller = await identify(instance, uses, request)
          const { body, etag } = (await answersOf(caller)).in(caller.environment)
          void reply.headers({ etag, 'cache-control': 'private, no-cache', vary })
          if (namesTag(request.headers['if-none-match'], etag)) return reply.code(304).send()
          return reply.type('application/json; charset=utf-8').send(body)
        })
      }
      for (const path of ['/:project/client/register', '/:project/client/metrics']) {
        scope.post<{ Params: OfProject }>(path, hidden, (request, reply) => accept(instance, uses, request, reply))
      }
    },
    { prefix: '/api/v4/feature_flags/unleash' },
  )

  /** Content under one nonce never changes, so neither does its answer. */
  async function answersOf({ projects, project }: Caller): Promise<ClientAnswers> {
    const kept = answers.get(project.id)
    if (kept?.nonce === project.nonce) return kept.answers
    const content = await projects.content(project.id)
    const made = new ClientAnswers(content)
    answers.set(project.id, { nonce: content.project.nonce, answers: made })
    return made
  }
}

/** Throws FeatureError (`unauthorized`): a project that is not there is answered as a wrong ID is. */
async function identify(
  instance: Instance,
  uses: InstanceIdUses,
  request: FastifyRequest<{ Params: OfProject }>,
): Promise<Caller> {
  const projects = await instance.projects()
  const project = await projects.find(request.params.project)
  const sdk = sdkRequest(request)
  const instanceId = project === null ? null : await firstLiving(projects, project, credentialCandidates(sdk))
  if (project === null || instanceId === null) {
    throw new FeatureError('unauthorized', {
      problem: 'no instance ID of this project came with the request',
      remedy: `${programName()} project configure PATH shows the values for an SDK`,
    })
  }
  uses.note(projects, instanceId)
  const environment = (instanceId.environment ?? applicationName(sdk)).slice(0, longestEnvironment)
  return { projects, project, environment }
}

async function firstLiving(
  projects: ProjectFlags,
  project: Project,
  candidates: readonly string[],
): Promise<InstanceId | null> {
  for (const candidate of candidates) {
    const found = await projects.findInstanceId(project.id, candidate)
    if (found !== null) return found
  }
  return null
}

/** Whether only the body of a report is wrong: not JSON, compressed, or too large. */
function isFaultOfBody(error: Error, { method }: FastifyRequest): boolean {
  if (method !== 'POST') return false
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

/** 202 whatever the body is: after a refusal a Node SDK never reports again. */
async function accept(
  instance: Instance,
  uses: InstanceIdUses,
  request: FastifyRequest<{ Params: OfProject }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  await identify(instance, uses, request)
  return reply.code(202).send()
}

function sdkRequest({ headers, query, body }: FastifyRequest): SdkRequest {
  const given = typeof query === 'object' && query !== null ? Object.fromEntries(Object.entries(query)) : {}
  return { headers, query: given, body }
}
