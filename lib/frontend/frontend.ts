// The door of `sluice/frontend`: what a server uses to tell pages of flags. The functions are those of `Feature`.
import { Feature } from '../instance/create.js'
import type { Frontend } from './calls.js'
import { createFrontend } from './push.js'

export {
  type ExpressMiddleware,
  type ExpressResponse,
  expressFrontend,
  type FastifyLike,
  type FastifyReplyLike,
  fastifyFrontend,
  type FrontendOptions,
  type HonoContext,
  type HonoMiddleware,
  honoFrontend,
} from './adapters.js'
export type { Frontend, GonScriptOptions } from './calls.js'
export type { PushedExperiment, PushedFeatures } from './page-flags.js'
export { createFrontend } from './push.js'

const frontend = createFrontend(Feature)

/** Asks for a flag, and tells the page of the request under way the answer: its calls say how. */
export const pushFrontendFeatureFlag: Frontend['pushFrontendFeatureFlag'] = frontend.pushFrontendFeatureFlag

/**
 * Tells the page an answer that the caller has: no flag is asked. Throws in strict mode only, InvalidFeatureFlagError: as
 * `pushFrontendFeatureFlag`, `invalid_name` for a name that no flag can have, and `invalid_arguments` for a value that is not a
 * boolean, which in production counts as false.
 *
 * @example
 * import { pushForceFrontendFeatureFlag } from 'sluice/frontend'
 * pushForceFrontendFeatureFlag('dark_mode', Feature.enabled('dark_mode', user) && user.flipperId !== 'User:1')
 */
export const pushForceFrontendFeatureFlag: Frontend['pushForceFrontendFeatureFlag'] =
  frontend.pushForceFrontendFeatureFlag

/**
 * Tells the page which variant of an experiment it shows: `gon.experiment.checkout`, an object of these four fields. Throws in strict
 * mode only, as `pushForceFrontendFeatureFlag`.
 *
 * @example
 * import { pushExperiment } from 'sluice/frontend'
 * pushExperiment({ experiment: 'checkout', variant: 'candidate', key: 'f0c1', excluded: false })
 */
export const pushExperiment: Frontend['pushExperiment'] = frontend.pushExperiment

/**
 * What the request under way has pushed so far, as an object of its own that nothing changes: for what tells its pages by itself. Outside
 * of a request it is empty, which is reported once. Never throws.
 *
 * @example
 * import { pushedFeatures, pushFrontendFeatureFlag } from 'sluice/frontend'
 * const features = Feature.withRequest(() => {
 *   pushFrontendFeatureFlag('dark_mode', user)
 *   return pushedFeatures()
 * })
 */
export const pushedFeatures: Frontend['pushedFeatures'] = frontend.pushedFeatures

/**
 * The script element that tells a page all that the request under way has pushed so far, as HTML that needs no escaping. It belongs into
 * the head, before the scripts that ask. Outside of a request it tells of no flag, which is reported once. A nonce that is
 * not one is never written: in strict mode InvalidFeatureFlagError (`invalid_arguments`) is thrown, in production the element has none.
 *
 * @example
 * import { gonScript } from 'sluice/frontend'
 * const head = `<head><title>Shop</title>${gonScript({ nonce: 'AAECAwQFBgcICQoLDA0ODw==' })}</head>`
 */
export const gonScript: Frontend['gonScript'] = frontend.gonScript
