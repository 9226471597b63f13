// The HTTP server as one value: built from its parts, and tested without a port.
import { randomUUID } from 'node:crypto'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import { ActorClasses } from '../actors/classes.js'
import { FeatureError } from '../errors.js'
import type { ServerLimits } from '../config/options.js'
import type { Instance } from '../instance/instance.js'
import type { Logger } from '../log.js'
import type { TokenStore } from '../store/store.js'
import { systemClock } from '../time/clock.js'
import { guardAccess, guardRequests } from './access/access.js'
import { proxyTest } from './access/addresses.js'
import { refuseConnection, sendError } from './api-error.js'
import { Auth } from './access/auth.js'
import { readBodies } from './body-parsers.js'
import { hostCheck } from './access/hosts.js'
import { serverFactory } from './connections/http-server.js'
import { makeMetrics, type Metrics } from './metrics.js'
import { faultsWith } from './parameter-fault.js'
import { makeRateGuard, type RateLimits } from './access/rate-limits.js'
import { demandScopes } from './access/route-scope.js'
import { PollFront } from './sdks/poll-front.js'
import { makeSdkServices } from './sdks/sdk-services.js'
import { featureChangeRoutes } from './routes/feature-changes.js'
import { featureRestoreRoutes } from './routes/feature-restores.js'
import { featureExplainRoutes } from './routes/feature-explain.js'
import { featureHistoryRoutes } from './routes/feature-history.js'
import { featureRoutes } from './routes/features.js'
import { healthRoutes } from './routes/health.js'
import { metricsRoutes } from './routes/metrics.js'
import { collectOpenApi, openApiRoutes } from './routes/openapi.js'
import { projectRoutes } from './routes/projects.js'
import { pageRoutes, sendPage } from './routes/web/page.js'
import { unleashRoutes } from './routes/unleash.js'
import { bootRoute } from './routes/web/boot.js'
import { webChangeRoutes } from './routes/web/changes.js'
import { sessionRoutes } from './routes/web/session.js'
import { webExplainRoutes } from './routes/web/explain.js'
import { webReadingRoutes } from './routes/web/web.js'
import { addSdkMetrics } from './sdks/sdk-metrics.js'
import { useSharedCompilers } from './schema-compilers.js'
import { securityHeaders } from './security-headers.js'
import { headBrowsers } from './sign-in/browser-headers.js'
import { countChanges } from './sign-in/door-metrics.js'
import { Pruning } from './sign-in/pruning.js'
import { makeConfirmations, makeDoor } from './sign-in/make-door.js'
import { withSingleSlashes } from './slashes.js'
import { isAskedByBrowser, isPageAddress } from './web/addresses.js'
import type { BuiltPage } from './web/built-files.js'
import type { WebStreamLimits } from './web/stream/web-streams.js'
import { hideTokens } from '../tokens/tokens.js'

export interface AppOptions {
  /** Started; the app neither starts nor stops it. */
  readonly instance: Instance
  /** Default: those of the instance. */
  readonly tokens?: TokenStore
  readonly logger: Logger
  /** The page in the browser; default: none. */
  readonly page?: BuiltPage | null
  readonly rateLimits?: Partial<RateLimits>
  /** How many streams pages may hold; default: 500, and 20 of one token. */
  readonly streamLimits?: Partial<WebStreamLimits>
  /** Milliseconds since 1970; default: the system's clock. */
  readonly now?: () => number
  /** Milliseconds of a clock that is never set; default: `now` if it is given, otherwise the system's. */
  readonly elapsed?: () => number
}

const bodyLimit = 1_048_576

/** Builds the server, ready to listen or to be called in process. Its `close()` leaves the instance running. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { instance, tokens = instance.tokens, logger, page = null, now = Date.now } = options
  const elapsed = options.elapsed ?? options.now ?? (() => performance.now())
  const limits = instance.config.server
  const { ownKinds } = new ActorClasses(instance.config.actors)
  const front = new PollFront(proxyTest(limits.trustedProxies))
  const app = makeFastify({ logger, limits, elapsed, ownKinds, front, page })
  const metrics = makeMetrics(instance)
  await useSharedCompilers(app)
  demandScopes(app)
  await collectOpenApi(app)
  const services = makeSdkServices({ instance, logger, now, elapsed })
  addSdkMetrics(metrics.registry, services)
  await unleashRoutes(app, { instance, logger, polls: metrics, services, front })
  // A scope around all other routes: the polls of SDKs, which are the most by far, do not pass its hooks.
  await app.register(async (scope) => {
    answerMissing(scope, page)
    watchRequests(scope, metrics, logger)
    countChanges(scope, metrics.registry)
    await readBodies(scope)
    const rates = await makeRateGuard(scope, { ...ratesOf(limits), ...options.rateLimits }, elapsed)
    const auth = new Auth({ tokens, logger, now, elapsed })
    scope.addHook('onClose', () => auth.close())
    const door = makeDoor({ instance, auth, logger, elapsed, isProxy: front.isProxy })
    const pruning = new Pruning({ store: instance.signIns, logger, clock: systemClock })
    scope.addHook('onClose', async () => {
      await Promise.all([door.signIns.close(), pruning.close()])
    })
    const confirmations = makeConfirmations({ instance, door, now })
    const { publicUrl } = instance.config
    const names = publicUrl === null ? limits.hosts : [...limits.hosts, publicUrl.hostname]
    const guards = { auth, rates, checkHost: hostCheck(app.server, names), door, confirmations }
    headBrowsers(scope, door.arrivals)
    guardRequests(app, scope, guards)
    await scope.register(
      async (api) => {
        guardAccess(api, guards)
        featureRoutes(api, instance, guards)
        featureChangeRoutes(api, instance, guards)
        featureRestoreRoutes(api, instance, guards)
        featureExplainRoutes(api, instance)
        featureHistoryRoutes(api, instance)
        await api.register((projects) => projectRoutes(projects, instance, { logger, reports: services.reports }))
      },
      { prefix: '/api/v4' },
    )
    await scope.register(
      async (web) => {
        web.addHook('onRequest', async (request) => door.arrivals.checkHost(request))
        guardAccess(web, guards)
        bootRoute(web, { instance, door, rates, page })
        sessionRoutes(web, guards)
        webChangeRoutes(web, instance, guards)
        const { streamLimits = {} } = options
        webReadingRoutes(web, { instance, logger, metrics, places: services.places, now, elapsed, streamLimits })
        webExplainRoutes(web, instance)
      },
      { prefix: '/api/web' },
    )
    if (page !== null) pageRoutes(scope, page, door)
    openApiRoutes(scope)
    healthRoutes(scope, instance.feature)
    metricsRoutes(scope, metrics, elapsed)
  })
  return app
}

function ratesOf({ requestsPerMinute, changesPerMinute, wrongTokensPerMinute }: ServerLimits): RateLimits {
  return { requests: requestsPerMinute, writes: changesPerMinute, failures: wrongTokensPerMinute }
}

interface Making {
  readonly logger: Logger
  readonly limits: ServerLimits
  readonly elapsed: () => number
  readonly ownKinds: readonly string[]
  readonly front: PollFront
  readonly page: BuiltPage | null
}

function makeFastify({ logger, limits, elapsed, ownKinds, front, page }: Making): FastifyInstance {
  const { isProxy } = front
  const app = Fastify({
    bodyLimit,
    serverFactory: serverFactory(front, { limits, isProxy, logger, elapsed }),
    trustProxy: isProxy,
    // Before the route is found, so that every check of a route holds for each of its spellings.
    rewriteUrl: ({ url = '/' }) => withSingleSlashes(url),
    // A longer name than any header can hold: FeatureFlags decides which names are too long.
    routerOptions: { maxParamLength: 16_384 },
    // A request under way while the server closes is finished, not refused.
    return503OnClosing: false,
    genReqId: () => randomUUID(),
    schemaErrorFormatter: faultsWith(ownKinds),
    clientErrorHandler: refuseConnection,
    // Hooks do not run for these: even the path cannot be read.
    frameworkErrors: (error, request, reply) => {
      const answered = request.server.checkRequest(request, reply).then(() => {
        // Wrong escapes, such as "/flags/%zz": a person gets the page, which says what is wrong with the address.
        if (page !== null && isLook(request) && isPageAddress(request.url))
          return sendPage(request, reply, { page, isSignedIn: false })
        throw error
      })
      void answered.catch((fault: unknown) => sendError(fault, request, reply, logger))
    },
  })
  app.decorateRequest('token', null)
  app.decorateRequest('signIn', null)
  app.decorateRequest('quiet', false)
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply, logger))
  return app
}

function answerMissing(scope: FastifyInstance, page: BuiltPage | null): void {
  scope.setNotFoundHandler((request, reply) => {
    if (page !== null && isLook(request) && isAskedByBrowser(request.url, request.headers.accept)) {
      return sendPage(request, reply.code(404), { page, isSignedIn: false })
    }
    const path = pathOf(request.url)
    const problem = `there is nothing at ${request.method} "${path}"`
    throw new FeatureError('not_found', { problem, remedy: 'see /api/v4/openapi.json' })
  })
}

function isLook({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** Headers on the way in, metrics and a line of log on the way out. */
function watchRequests(scope: FastifyInstance, metrics: Metrics, logger: Logger): void {
  scope.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...securityHeaders, 'x-request-id': request.id })
  })
  // GitLab's, to the byte: python-gitlab compares the header and takes no other answer for JSON. JSON is UTF-8 without saying so.
  scope.addHook('onSend', async (_request, reply) => {
    if (reply.getHeader('content-type') === 'application/json; charset=utf-8') void reply.type('application/json')
  })
  scope.addHook('onResponse', async (request, reply) => {
    const { method } = request
    const status = reply.statusCode
    const route = request.routeOptions.url ?? 'none'
    metrics.observe({ method, route, status }, reply.elapsedTime / 1_000)
    const line = {
      method,
      path: pathOf(request.url),
      status,
      durationMs: Math.round(reply.elapsedTime),
      requestId: request.id,
      ip: request.ip,
      ...(request.token === null ? {} : { token: request.token.name }),
    }
    // Probes come every few seconds and mean nothing, and neither does one more refusal of a flood.
    if (route.startsWith('/-/') || request.quiet) logger.debug(line, 'http')
    else logger.info(line, 'http')
  })
}

/** Without the query, which may hold secrets; of limited length. */
function pathOf(url: string): string {
  return hideTokens(url.split('?', 1)[0] ?? '').slice(0, 300)
}
