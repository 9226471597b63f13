// The checks before every route: whether the request means this server, how often its client asks, who the client is, and its
// rights. They run before the body is read.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { FeatureError } from '../../errors.js'
import type { TokenRecord } from '../../store/store.js'
import { type Auth, readCredential, unauthorized } from './auth.js'
import type { HostCheck } from './hosts.js'
import type { RateGuard } from './rate-limits.js'
import { checkScope } from './route-scope.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Throws FeatureError (`misdirected_request`, `rate_limited`) for a request that must not be answered. */
    checkRequest(request: FastifyRequest, reply: FastifyReply): Promise<void>
  }
  interface FastifyRequest {
    /** The token of the request; null if it is not known, or was not looked up. */
    token: TokenRecord | null
    /** Whether the log already has a line like this request's. */
    quiet: boolean
  }
  interface FastifyContextConfig {
    /** Answered however often it is asked: an orchestrator ends a process whose probes fail. */
    readonly unlimited?: boolean
    /** Whether the route changes nothing, whatever its method is. Default: by the method. */
    readonly isReading?: boolean
  }
}

export interface RequestGuards {
  readonly auth: Auth
  readonly rates: RateGuard
  readonly checkHost: HostCheck
}

/** Guards all routes of the scope, addresses without a route, and (of the app) requests that reach no route at all. */
export function guardRequests(
  app: FastifyInstance,
  scope: FastifyInstance,
  { auth, rates, checkHost }: RequestGuards,
): void {
  const check = async (request: FastifyRequest, reply: FastifyReply) => {
    checkHost(request.raw)
    if (request.routeOptions.config?.unlimited === true) return
    request.token = knownToken(request, auth)
    await rates.request(request, reply)
  }
  app.decorate('checkRequest', check)
  scope.addHook('onRequest', check)
}

/** Guards the routes added to `scope` by tokens. Throws FeatureError (`unauthorized`, `forbidden`, `rate_limited`) there. */
export function guardAccess(scope: FastifyInstance, auth: Auth, rates: RateGuard): void {
  scope.addHook('onRequest', async (request, reply) => {
    const token = request.token ?? (await findToken(request, reply, auth, rates))
    const { scope = 'admin', isReading = isSafe(request.method) } = request.routeOptions.config ?? {}
    checkScope(token, request.method, scope)
    if (!isReading) await rates.write(request, reply)
  })
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** Also null for credentials that contradict each other: only a route that needs a token refuses those. */
function knownToken(request: FastifyRequest, auth: Auth): TokenRecord | null {
  try {
    return auth.known(readCredential(request.raw))
  } catch (error) {
    if (error instanceof FeatureError) return null
    throw error
  }
}

/**
 * After too many wrong tokens, an address is refused without asking the store; tokens that worked recently are still looked up.
 */
async function findToken(
  request: FastifyRequest,
  reply: FastifyReply,
  auth: Auth,
  rates: RateGuard,
): Promise<TokenRecord> {
  const credential = readCredential(request.raw)
  const lookUp = () => auth.find(credential)
  const found = auth.workedLately(credential) ? await lookUp() : await rates.guess(request, reply, lookUp)
  if (found === null) throw unauthorized()
  request.token = found
  await rates.request(request, reply)
  return found
}
