// What Unleash SDKs report: `client/register` and `client/metrics`. The answer is 202 whatever the body is, and otherwise only 401,
// 429 or 503: after a 400, 413 or 415 a Node SDK never reports again.
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { credentialCandidates } from '../../unleash/credentials.js'
import { countsIn } from '../../unleash/metrics.js'
import { headersIn } from '../access/sdk-limits.js'
import { type BodyBounds, readReportBody, type ReportBody } from '../sdks/report-body.js'
import {
  askedCaller,
  knownCaller,
  type OfProject,
  type SdkAccess,
  type SdkCaller,
  type SdkQuestion,
  sdkRequest,
  seenBy,
} from '../sdks/sdk-access.js'
import type { SdkServices } from '../sdks/sdk-services.js'
import { securityHeaders } from '../security-headers.js'

type Kind = 'register' | 'metrics'

const options = { config: { scope: 'instance_id' }, schema: { hide: true } } as const
const known = { keptBytes: 1_048_576, readBytes: 33_554_432 }
/** Older SDKs name their instance ID in the body alone. A sender whose ID is not known yet gets no more than this read. */
const unknown = { keptBytes: 262_144, readBytes: 262_144 }

/** Adds the routes to a scope of their own. */
export async function unleashReportRoutes(
  scope: FastifyInstance,
  access: SdkAccess,
  services: SdkServices,
): Promise<void> {
  // The handler reads the body itself, when it knows whose it is. Without a type of ours Fastify would refuse one that is none.
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
  scope.addHook('onRequest', async ({ raw }) => {
    raw.headers['content-type'] = 'application/octet-stream'
  })
  for (const kind of ['register', 'metrics'] as const) {
    scope.post<{ Params: OfProject }>(`/:project/client/${kind}`, options, async (request, reply) => {
      await take(kind, request, reply, access, services)
      return reply.code(202).headers(securityHeaders).send()
    })
  }
}

/** Throws FeatureError (`unauthorized`), LimitReached, StoreUnavailable. */
async function take(
  kind: Kind,
  request: SdkQuestion,
  reply: FastifyReply,
  access: SdkAccess,
  { limits, reports, traffic, now }: SdkServices,
): Promise<void> {
  const head = sdkRequest(request)
  const early = knownCaller(access.directory, request.params.project, head)
  const allow = ({ project }: SdkCaller) =>
    reply.headers(headersIn(limits.headersOf(limits.report(request.ip, project.id))))
  if (early !== null) void allow(early)
  const body = await read(request, reply, early === null ? unknown : known)
  const sdk = sdkRequest(request, body.value)
  const caller = early ?? (await askedCaller(access, request, sdk))
  if (early === null) void allow(caller)
  traffic.reported(body.fate)
  // A text in the body that is not the credential of the head may be the id of the process.
  const seen = seenBy(caller, sdk, credentialCandidates(early === null ? sdk : head))
  if (kind === 'register') reports.registered(seen)
  else reports.counted(seen, countsIn(body.value, now()))
}

async function read(request: SdkQuestion, reply: FastifyReply, bounds: BodyBounds): Promise<ReportBody> {
  if (!(request.body instanceof Readable)) return { fate: 'not_json', isCut: false }
  const body = await readReportBody(request.body, request.headers['content-encoding'], bounds)
  if (body.isCut) void reply.header('connection', 'close')
  return body
}
