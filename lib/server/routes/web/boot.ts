// The start of a page: what it may know before anyone has signed in.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isProduction, isStaging } from '../../../config/environment-name.js'
import { FeatureError } from '../../../errors.js'
import type { Instance } from '../../../instance/instance.js'
import { ownVersion } from '../../../text/own-version.js'
import { hasCredential } from '../../access/auth.js'
import type { RateGuard } from '../../access/rate-limits.js'
import { errorResponses } from '../../api-error.js'
import type { Door } from '../../sign-in/door.js'
import type { BuiltPage } from '../../web/built-files.js'

export interface BootRouteOptions {
  readonly instance: Instance
  readonly door: Door
  readonly rates: RateGuard
  /** Null where the server has no page. */
  readonly page: BuiltPage | null
}

interface BootWarning {
  readonly code: 'tls_needed' | 'store_unavailable'
  readonly message: string
}

const bootSchema = {
  description: 'The start',
  type: 'object',
  required: ['version', 'environment', 'band', 'signed_in', 'database', 'resources', 'warnings'],
  properties: {
    version: {
      type: 'string',
      description: 'Of the server and its page; another one than before means: load the page anew',
    },
    environment: { type: 'string' },
    band: {
      type: 'string',
      enum: ['production', 'staging', 'other'],
      description: 'How much care the environment asks for',
    },
    signed_in: {
      type: ['boolean', 'null'],
      description: 'Whether the cookie of the request is a sign-in; null where that cannot be told now',
    },
    database: {
      type: ['string', 'null'],
      description:
        'The first 8 digits of the id of the database, on the machine of the server itself; otherwise, and while it cannot be asked, null',
    },
    resources: {
      type: 'array',
      items: { type: 'string' },
      description: 'What this server has below /api/web, such as flags, sorted: a page offers nothing else',
    },
    warnings: {
      type: 'array',
      description: 'What keeps people from signing in',
      items: {
        type: 'object',
        required: ['code', 'message'],
        properties: {
          code: { type: 'string', enum: ['tls_needed', 'store_unavailable'] },
          message: { type: 'string' },
        },
      },
    },
  },
} as const

/** Adds the route below the prefix of its registration. Call it before the other routes there: it lists them. */
export function bootRoute(app: FastifyInstance, options: BootRouteOptions): void {
  const { instance, page } = options
  const { env } = instance.config
  const resources = new Set<string>()
  app.addHook('onRoute', ({ url }) => {
    const [resource = ''] = url.slice(app.prefix.length + 1).split('/', 1)
    resources.add(resource)
  })
  const version = versionOf(page)
  const band = isProduction(env) ? 'production' : isStaging(env) ? 'staging' : 'other'
  const schema = {
    operationId: 'getWebBoot',
    summary: 'What a page needs to know before anyone has signed in',
    response: { 200: bootSchema, ...errorResponses },
  }
  app.get('/boot', { config: { scope: 'public' }, schema }, async (request, reply) => ({
    version,
    environment: env,
    band,
    signed_in: await isSignedIn(request, reply, options),
    database: await databaseFor(request, options.door),
    resources: [...resources].sort(),
    warnings: warningsFor(request, options),
  }))
}

/** Two builds of one version are two pages. */
function versionOf(page: BuiltPage | null): string {
  return page === null ? ownVersion() : `${ownVersion()}+${page.index.etag.replaceAll('"', '').slice(0, 8)}`
}

async function isSignedIn(
  request: FastifyRequest,
  reply: FastifyReply,
  { door, rates }: BootRouteOptions,
): Promise<boolean | null> {
  if (request.signIn !== null) return true
  // Beside a token no cookie counts.
  if (hasCredential(request.raw) || !door.hasCookie(request)) return false
  try {
    await door.find(request, (lookUp) => rates.guess(request, reply, lookUp))
    return true
  } catch (error) {
    if (!(error instanceof FeatureError)) throw error
    return error.code === 'unauthorized' ? false : null
  }
}

/** The same digits are in the name of the cookie there. By them the command `open` finds the server of its database. */
async function databaseFor(request: FastifyRequest, door: Door): Promise<string | null> {
  if (door.arrivals.of(request) !== 'loopback') return null
  try {
    return (await door.identity()).slice(0, 8)
  } catch (error) {
    if (error instanceof FeatureError) return null
    throw error
  }
}

function warningsFor(request: FastifyRequest, { instance, door }: BootRouteOptions): readonly BootWarning[] {
  const warnings: BootWarning[] = []
  if (door.arrivals.of(request) === 'plain') {
    const message =
      'This page came over plain HTTP from another machine, where signing in would show the token to everyone on the way: put TLS in front.'
    warnings.push({ code: 'tls_needed', message })
  }
  if (instance.feature.status().degraded) {
    const message =
      'The database cannot be reached at the moment, so that signing in has to wait. Flags go on answering.'
    warnings.push({ code: 'store_unavailable', message })
  }
  return warnings
}
