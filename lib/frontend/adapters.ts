// Express, Fastify and Hono: each request begins, and its page knows when the answer is on its way. None of the three is imported; what is
// needed of them is written down here.
import type { FeatureFlags } from '../feature/feature.js'
import { Feature } from '../instance/create.js'
import { pageOf } from './page.js'
import { lifecycleOf } from './push.js'

export interface FrontendOptions {
  /** The flags that are pushed; those of `Feature` if it is left out. */
  readonly feature?: FeatureFlags | undefined
}

/** What is needed of an answer of Express. */
export interface ExpressResponse {
  readonly headersSent: boolean
}

/** A middleware of Express. */
export type ExpressMiddleware = (request: unknown, response: ExpressResponse, next: () => void) => void

/**
 * A middleware of Express that makes each request one of `withRequest`, with a page to push to. It belongs after the parsers of bodies.
 * Throws FeatureError (`invalid_arguments`) for an option that is not an instance of flags.
 *
 * @example
 * import { expressFrontend } from 'sluice/frontend'
 * app.use(expressFrontend())
 */
export function expressFrontend({ feature = Feature }: FrontendOptions = {}): ExpressMiddleware {
  lifecycleOf(feature)
  return (_request, response, next) => inPage(feature, () => response.headersSent, next)
}

/** What is needed of an answer of Fastify. */
export interface FastifyReplyLike {
  readonly sent: boolean
  readonly raw: { readonly headersSent: boolean }
}

/** What is needed of Fastify. */
export interface FastifyLike {
  addHook(
    name: 'preHandler',
    hook: (request: unknown, reply: FastifyReplyLike, done: (error?: Error) => void) => void,
  ): unknown
}

/**
 * A plugin of Fastify that makes each request one of `withRequest`, with a page to push to, from the hook `preHandler` on. Register it
 * before the plugins that push in that hook. It holds for the whole application, and for the plugins in it. Throws as
 * `expressFrontend`.
 *
 * @example
 * import { fastifyFrontend } from 'sluice/frontend'
 * await server.register(fastifyFrontend)
 */
export function fastifyFrontend(app: FastifyLike, options: FrontendOptions, done: (error?: Error) => void): void {
  const { feature = Feature } = options
  lifecycleOf(feature)
  app.addHook('preHandler', (_request, reply, next) =>
    inPage(
      feature,
      () => reply.sent || reply.raw.headersSent,
      () => next(),
    ),
  )
  done()
}

// Fastify keeps the hooks of a plugin to the plugin; with this mark they are the application's. It is what fastify-plugin sets.
Object.assign(fastifyFrontend, { [Symbol.for('skip-override')]: true, [Symbol.for('fastify.display-name')]: 'sluice' })

/** What is needed of a context of Hono. */
export interface HonoContext {
  readonly finalized: boolean
}

/** A middleware of Hono. */
export type HonoMiddleware = (context: HonoContext, next: () => Promise<void>) => Promise<void>

/**
 * A middleware of Hono, on Node.js, that makes each request one of `withRequest`, with a page to push to. Throws as
 * `expressFrontend`.
 *
 * @example
 * import { honoFrontend } from 'sluice/frontend'
 * hono.use(honoFrontend())
 */
export function honoFrontend({ feature = Feature }: FrontendOptions = {}): HonoMiddleware {
  lifecycleOf(feature)
  return (context, next) => inPage(feature, () => context.finalized, next)
}

function inPage<T>(feature: FeatureFlags, isSent: () => boolean, fn: () => T): T {
  return feature.withRequest(() => {
    const page = pageOf(lifecycleOf(feature).runtime.requests)
    if (page !== null) page.isSent = isSent
    return fn()
  })
}
