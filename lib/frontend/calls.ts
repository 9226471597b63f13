// How code of a server pushes: the functions with what each does and throws. push.ts has them.
import type { ActorArguments, CheckArguments, OtherCalls } from '../feature/check/check-call.js'
import type { FlagName } from '../feature/flag-name.js'
import type { PushedExperiment, PushedFeatures } from './page-flags.js'

export interface GonScriptOptions {
  /** The nonce of the answer's Content-Security-Policy; left out for a page without one. */
  readonly nonce?: string | undefined
}

/** The functions of one instance of flags; those of `Feature` are exported by their names. */
export interface Frontend {
  // A property for the same reason as the checks: no method could have the rarer calls of another interface.
  pushFrontendFeatureFlag: OtherCalls<void> & {
    /**
     * Asks for the flag, whose type has to be named, and tells the page the answer. Throws as without an actor.
     *
     * @example
     * import { pushFrontendFeatureFlag } from 'sluice/frontend'
     * pushFrontendFeatureFlag('new_queue', user, { type: 'ops' })
     */
    <Name extends FlagName>(name: Name, ...rest: ActorArguments<Name, false>): void
    /**
     * Asks for the flag as `Feature.enabled` does, and tells the page of the request under way the answer: `gon.features.darkMode`. Pushes
     * add up; of two pushes of a flag the later one counts. Never throws in production: a push that cannot arrive is reported once.
     * In strict mode it throws as `Feature.enabled`, and InvalidFeatureFlagError (`invalid_push`) outside of a request, after
     * the headers of the answer were sent, and for a second flag with the same name in pages.
     *
     * @example
     * import { pushFrontendFeatureFlag } from 'sluice/frontend'
     * pushFrontendFeatureFlag('dark_mode', user)
     */
    <Name extends FlagName>(name: Name, ...rest: CheckArguments<Name, false>): void
  }

  /** As the function of this name, for the flags of the instance. */
  pushForceFrontendFeatureFlag(name: FlagName, value: boolean): void

  /** As the function of this name, for the flags of the instance. */
  pushExperiment(result: PushedExperiment): void

  /** As the function of this name, for the flags of the instance. */
  pushedFeatures(): PushedFeatures

  /** As the function of this name, for the flags of the instance. */
  gonScript(options?: GonScriptOptions): string
}
