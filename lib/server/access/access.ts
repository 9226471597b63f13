// The checks before every route: whether the request means this server, how often its client asks, who the client is (by a token, or
// by the cookie of a person who is signed in), and its rights. They run before the body is read.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { FeatureError } from '../../errors.js'
import type { TokenRecord } from '../../store/store.js'
import type { Confirmations } from '../sign-in/confirmations.js'
import type { Door } from '../sign-in/door.js'
import type { SignIn } from '../sign-in/sign-ins.js'
import { type Auth, hasCredential, readCredential, unauthorized } from './auth.js'
import type { HostCheck } from './hosts.js'
import type { RateGuard } from './rate-limits.js'
import { checkScope } from './route-scope.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Throws FeatureError (`misdirected_request`, `rate_limited`) for a request that must not be answered. */
    checkRequest(request: FastifyRequest, reply: FastifyReply): Promise<void>
  }
  interface FastifyRequest {
    /** The token of the request, or of the person who is signed in; null if it is not known, or was not looked up. */
    token: TokenRecord | null
    /** The person who is signed in by the request's cookie; null for a caller with a token in a header. */
    signIn: SignIn | null
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
  readonly door: Door
  readonly confirmations: Confirmations
}

/** Guards all routes of the scope, addresses without a route, and (of the app) requests that reach no route at all. */
export function guardRequests(
  app: FastifyInstance,
  scope: FastifyInstance,
  { auth, rates, checkHost, door }: RequestGuards,
): void {
  const check = async (request: FastifyRequest, reply: FastifyReply) => {
    checkHost(request.raw)
    if (request.routeOptions.config?.unlimited === true) return
    if (hasCredential(request.raw)) request.token = knownToken(request, auth)
    else enter(request, door.known(request))
    await rates.request(request, reply)
  }
  app.decorate('checkRequest', check)
  scope.addHook('onRequest', check)
}

/**
 * Guards the routes added to `scope`, but for public ones: by tokens, and by the cookies of people who are signed in. Throws FeatureError
 * (`unauthorized`, `forbidden`, `csrf`, `rate_limited`) there.
 */
export function guardAccess(scope: FastifyInstance, guards: RequestGuards): void {
  const { rates, door, confirmations } = guards
  scope.addHook('onRequest', async (request, reply) => {
    const { scope = 'admin', isReading = isSafe(request.method) } = request.routeOptions.config ?? {}
    if (scope === 'public') return
    const token = request.token ?? (await findCaller(request, reply, guards))
    checkScope(token, request.method, scope)
    const { signIn } = request
    if (signIn !== null && !isSafe(request.method)) await door.checkPage(request, signIn)
    if (isReading) return
    // A route with a preview declares that it only reads, and asks for the confirmation itself (guard-change.ts).
    if (signIn !== null) confirmations.refuse()
    await rates.write(request, reply)
  })
}

function isSafe(method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

function enter(request: FastifyRequest, signIn: SignIn | null): void {
  request.signIn = signIn
  request.token = signIn?.token ?? null
}

async function findCaller(request: FastifyRequest, reply: FastifyReply, guards: RequestGuards): Promise<TokenRecord> {
  const { auth, rates, door } = guards
  if (hasCredential(request.raw) || !door.hasCookie(request)) return findToken(request, reply, auth, rates)
  const signIn = await door.find(request, (lookUp) => rates.guess(request, reply, lookUp))
  enter(request, signIn)
  await rates.request(request, reply)
  return signIn.token
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
