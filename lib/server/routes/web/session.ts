// Signing in and out, and who is signed in. `POST` works with a token or with a one-time code, and gives the cookie.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { FeatureError } from '../../../errors.js'
import { projectOfScope, type TokenScope } from '../../../store/token-scope.js'
import type { TokenRecord } from '../../../store/store.js'
import { programName } from '../../../text/program-name.js'
import { isOwner } from '../../../tokens/project-roles.js'
import { hasRight, type Right } from '../../../tokens/rights.js'
import type { Auth } from '../../access/auth.js'
import type { RateGuard } from '../../access/rate-limits.js'
import { errorResponses } from '../../api-error.js'
import type { Door } from '../../sign-in/door.js'
import { checkSignInPage, csrfToken } from '../../sign-in/page-origin.js'
import type { NewlySignedIn } from '../../sign-in/sign-ins.js'

export interface SessionRoutesOptions {
  readonly door: Door
  readonly auth: Pick<Auth, 'workedLately'>
  readonly rates: RateGuard
}

interface SignInBody {
  readonly token?: string
  readonly code?: string
  readonly stay?: boolean
}

const sessionSchema = {
  description: 'Who is signed in',
  type: 'object',
  required: ['csrf', 'name', 'role', 'scopes', 'projects', 'expires_at'],
  properties: {
    csrf: {
      type: ['string', 'null'],
      description:
        'To be sent as X-CSRF-Token with each request but GET; null for a caller with a token, who needs none',
    },
    name: { type: 'string', description: 'Of the token, or the author of one who came by a link' },
    role: {
      type: 'string',
      enum: ['admin', 'write', 'approve', 'read', 'projects'],
      description: 'The most that it may',
    },
    scopes: { type: 'array', items: { type: 'string' } },
    projects: {
      description: 'The projects it may see, with its right in each; or "all"',
      anyOf: [
        { type: 'string', enum: ['all'] },
        {
          type: 'array',
          items: {
            type: 'object',
            required: ['id', 'right'],
            properties: { id: { type: 'integer' }, right: { type: 'string', enum: ['read', 'write', 'maintain'] } },
          },
        },
      ],
    },
    expires_at: { type: ['string', 'null'], description: 'When the sign-in ends at the latest' },
  },
} as const

const signInBodySchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    token: { type: 'string', description: 'A token of the API' },
    code: { type: 'string', description: 'The code of a link, good for ten minutes and once' },
    stay: { type: 'boolean', description: 'Whether the sign-in outlasts the browser; default true' },
  },
  oneOf: [{ required: ['token'] }, { required: ['code'] }],
} as const

/** Adds the routes below the prefix of its registration. */
export function sessionRoutes(app: FastifyInstance, options: SessionRoutesOptions): void {
  addSignIn(app, options)
  addSession(app, options)
  addSignOut(app, options)
}

function addSignIn(app: FastifyInstance, options: SessionRoutesOptions): void {
  const { door } = options
  const schema = {
    operationId: 'signIn',
    summary: 'Signs a person in with a token or a one-time code, and gives a cookie',
    body: signInBodySchema,
    response: { 200: sessionSchema, ...errorResponses },
  }
  // Before the body is read: what came in clear, or from a page of another site, is not looked at.
  const onRequest = async (request: FastifyRequest) => {
    if (door.arrivals.of(request) === 'plain') throw tlsNeeded()
    checkSignInPage(request, door.arrivals)
  }
  const route = { config: { scope: 'public' }, schema, onRequest } as const
  app.post<{ Body: SignInBody }>('/session', route, async (request, reply) => {
    const made = await signIn(request, reply, options)
    if (made === null) throw wrongSecret()
    request.token = made.signIn.token
    request.signIn = made.signIn
    await door.giveCookie(request, reply, made.secret, { lasts: request.body.stay !== false })
    return sessionOf(request, door)
  })
}

/** Wrong ones count as wrong tokens of the address. */
async function signIn(
  request: FastifyRequest<{ Body: SignInBody }>,
  reply: FastifyReply,
  { door: { signIns }, auth, rates }: SessionRoutesOptions,
): Promise<NewlySignedIn | null> {
  const { token, code = '' } = request.body
  if (token === undefined) return rates.guess(request, reply, () => signIns.withCode(code))
  if (auth.workedLately(token)) return signIns.withToken(token)
  return rates.guess(request, reply, () => signIns.withToken(token))
}

function addSession(app: FastifyInstance, { door }: SessionRoutesOptions): void {
  const schema = {
    operationId: 'getSession',
    summary: 'Who is signed in, and what they may do',
    response: { 200: sessionSchema, ...errorResponses },
  }
  app.get('/session', { config: { scope: 'any' }, schema }, (request) => sessionOf(request, door))
}

function addSignOut(app: FastifyInstance, { door }: SessionRoutesOptions): void {
  const schema = {
    operationId: 'signOut',
    summary: 'Ends the sign-in, or all sign-ins with the same token',
    querystring: {
      type: 'object',
      properties: { everywhere: { type: 'string', enum: ['true', 'false'], description: 'true: in all browsers' } },
    },
    response: { 204: { description: 'Done', type: 'null' }, ...errorResponses },
  }
  const config = { scope: 'any', isReading: true } as const
  app.delete<{ Querystring: { everywhere?: string } }>('/session', { config, schema }, async (request, reply) => {
    const { token, signIn } = request
    if (request.query.everywhere === 'true' && token !== null) await door.signIns.endAll(token, signIn)
    if (signIn !== null) {
      await door.signIns.end(signIn)
      await door.takeCookie(request, reply)
    }
    return reply.code(204).send()
  })
}

async function sessionOf({ token, signIn }: FastifyRequest, door: Door): Promise<object> {
  if (token === null) throw wrongSecret()
  const { name, scopes, expiresAt } = token
  return {
    csrf: signIn === null ? null : await csrfToken(door.signatures, signIn),
    name,
    role: roleOf(scopes),
    scopes,
    projects: isOwner(scopes) ? 'all' : projectsOf({ scopes }),
    expires_at: expiresAt?.toISOString() ?? null,
  }
}

const rights: readonly Right[] = ['admin', 'write', 'approve', 'read']

function roleOf(scopes: readonly TokenScope[]): Right | 'projects' {
  return rights.find((right) => hasRight(scopes, right)) ?? 'projects'
}

function projectsOf({ scopes }: Pick<TokenRecord, 'scopes'>): readonly object[] {
  return scopes.flatMap((scope) => {
    const found = projectOfScope(scope)
    return found === null ? [] : [{ id: found.project, right: found.right }]
  })
}

/** One answer for every reason: unknown, expired, revoked or used. */
function wrongSecret(): FeatureError {
  return new FeatureError('unauthorized', {
    problem: 'the token or the code is wrong, has ended, or was used',
    remedy: `ask for another one: ${programName()} token create, or ${programName()} open`,
  })
}

function tlsNeeded(): FeatureError {
  return new FeatureError('tls_needed', {
    problem: 'signing in over plain HTTP from another machine would show the token to everyone on the way',
    remedy:
      'put TLS in front, set publicUrl of the configuration to the https:// address, and name the proxy in server.trustedProxies',
  })
}
