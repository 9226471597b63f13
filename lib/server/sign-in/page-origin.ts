// What shows that a request came from a page of this server, and not from one of another site that the same browser has open.
import type { FastifyRequest } from 'fastify'
import { FeatureError } from '../../errors.js'
import type { Arrivals } from './arrival.js'
import type { Signatures } from './signatures.js'
import type { SignIn } from './sign-ins.js'

/** What a page has to send back with each change; the same for a sign-in as long as its key is good. Throws StoreUnavailable. */
export function csrfToken(signatures: Signatures, { idHash }: SignIn): Promise<string> {
  return signatures.sign('csrf', idHash.toString('hex'))
}

/**
 * Checks a request that may change something and came with a cookie: it must say that it comes from the same origin, which a browser says
 * for every page and no page can say for itself, bring the token, and be JSON, which no form can send. Throws FeatureError (`csrf`,
 * `unsupported_media_type`) and StoreUnavailable.
 */
export async function checkPage(
  request: FastifyRequest,
  signIn: SignIn,
  { arrivals, signatures }: { readonly arrivals: Arrivals; readonly signatures: Signatures },
): Promise<void> {
  const { headers } = request.raw
  const says = headers['sec-fetch-site'] !== undefined || headers.origin !== undefined
  if (!says || !isOwnPage(request, arrivals)) throw foreignPage()
  const token = headers['x-csrf-token']
  const isRight = typeof token === 'string' && (await signatures.verify('csrf', signIn.idHash.toString('hex'), token))
  if (!isRight) {
    throw new FeatureError('csrf', {
      problem: 'a change by a person who is signed in needs the header X-CSRF-Token, and it is missing or wrong',
      remedy: 'send the csrf of GET /api/web/session, or a token (PRIVATE-TOKEN) instead of the cookie',
    })
  }
  assertJson(request)
}

/** The same for signing in, before there is a cookie. A program says nothing of an origin and may sign in. Throws FeatureError (`csrf`). */
export function checkSignInPage(request: FastifyRequest, arrivals: Arrivals): void {
  if (!isOwnPage(request, arrivals)) throw foreignPage()
  assertJson(request)
}

function isOwnPage(request: FastifyRequest, arrivals: Arrivals): boolean {
  const { 'sec-fetch-site': site, origin } = request.raw.headers
  if (site !== undefined && site !== 'same-origin') return false
  return origin === undefined || origin.toLowerCase() === arrivals.originOf(request)
}

function foreignPage(): FeatureError {
  return new FeatureError('csrf', {
    problem:
      'a change by a person who is signed in must come from a page of this server, and this request does not say so',
    remedy: 'programs send a token (PRIVATE-TOKEN) instead of the cookie',
  })
}

function assertJson({ raw: { headers } }: FastifyRequest): void {
  const type = headers['content-type']
  if (type === undefined || /^application\/json *(?:;|$)/i.test(type)) return
  throw new FeatureError('unsupported_media_type', {
    problem: 'a person who is signed in can send JSON only',
    remedy: 'send the body as application/json',
  })
}
