// What Unleash SDKs report: `client/register` and `client/metrics`. The answer is 202 whatever the body is, and otherwise only 401,
// 429 or 503: after a 400, 413 or 415 a Node SDK never reports again.
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Seen } from '../../project-flags/reports/report.js'
import { credentialCandidates } from '../../unleash/credentials.js'
import { countsIn } from '../../unleash/metrics.js'
import { headersIn } from '../access/sdk-limits.js'
import { headOf } from '../sdks/outlet.js'
import type { PollFront, Reported } from '../sdks/poll-front.js'
import { type BodyBounds, readReportBody, reportIn, type ReportBody } from '../sdks/report-body.js'
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

const options = { config: { scope: 'instance_id' }, schema: { hide: true } } as const
const known = { keptBytes: 1_048_576, readBytes: 33_554_432 }
/** Older SDKs name their instance ID in the body alone. A sender whose ID is not known yet gets no more than this read. */
const unknown = { keptBytes: 262_144, readBytes: 262_144 }

/** Adds the routes to a scope of their own, and takes at the front what needs none of them. */
export async function unleashReportRoutes(
  scope: FastifyInstance,
  access: SdkAccess,
  services: SdkServices,
  front: PollFront,
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
  front.useForReports(({ project, reported, headers, body, out, ip }) => {
    const head = { headers, query: noQuery }
    const caller = knownCaller(access.directory, project, head)
    const allowance = caller === null ? null : services.limits.reportAllowed(ip, caller.project.id)
    if (caller === null || allowance === null) return false
    const read = reportIn(body)
    const seen = seenBy(caller, { ...head, body: read.value }, credentialCandidates(head))
    note(reported, seen, read, services)
    out.send(202, limited, services.limits.headersOf(allowance).concat(accepted), null)
    return true
  })
}

const noQuery = {}
/** Those of limits come first, as in the route. */
const limited = headOf([])
const accepted = Object.entries({ ...securityHeaders, 'content-length': '0' }).flat()

/** Throws FeatureError (`unauthorized`), LimitReached, StoreUnavailable. */
async function take(
  kind: Reported,
  request: SdkQuestion,
  reply: FastifyReply,
  access: SdkAccess,
  services: SdkServices,
): Promise<void> {
  const { limits } = services
  const head = sdkRequest(request)
  const early = knownCaller(access.directory, request.params.project, head)
  const allow = ({ project }: SdkCaller) =>
    reply.headers(headersIn(limits.headersOf(limits.report(request.ip, project.id))))
  if (early !== null) void allow(early)
  const body = await read(request, reply, early === null ? unknown : known)
  const sdk = sdkRequest(request, body.value)
  const caller = early ?? (await askedCaller(access, request, sdk))
  if (early === null) void allow(caller)
  // A text in the body that is not the credential of the head may be the id of the process.
  note(kind, seenBy(caller, sdk, credentialCandidates(early === null ? sdk : head)), body, services)
}

function note(kind: Reported, seen: Seen, { fate, value }: ReportBody, { reports, traffic, now }: SdkServices): void {
  traffic.reported(fate)
  if (kind === 'register') reports.registered(seen)
  else reports.counted(seen, countsIn(value, now()))
}

async function read(request: SdkQuestion, reply: FastifyReply, bounds: BodyBounds): Promise<ReportBody> {
  if (!(request.body instanceof Readable)) return { fate: 'not_json', isCut: false }
  const body = await readReportBody(request.body, request.headers['content-encoding'], bounds)
  if (body.isCut) void reply.header('connection', 'close')
  return body
}
