// What people ask of a flag: why is it on or off. The public method, with what it does and throws; feature.ts has it.
import type { ActorArguments, CheckArguments, OtherCalls } from '../check/check-call.js'
import type { FlagName } from '../flag-name.js'
import type { Explanation } from './explanation.js'

/** What `explain` takes beside the options of a check. */
export interface ExplainMore {
  /**
   * An earlier time: a Date, a text with an offset (`2026-11-20T10:00Z`), how long ago (`2h`, `3d`), the id of a change, a position or a
   * revision. Default: now.
   */
  readonly at?: string | Date | undefined
}

export interface FlagExplanations {
  // A property, as `decide`.
  explain: OtherCalls<Promise<Explanation>, ExplainMore> & {
    /**
     * Why the flag is on or off for the actor, where its type has to be named. Rejects as without an actor.
     *
     * @example
     * const { reason, by } = await Feature.explain('new_queue', project, { type: 'ops' })
     */
    <Name extends FlagName>(name: Name, ...rest: ActorArguments<Name, false, ExplainMore>): Promise<Explanation>
    /**
     * Why the flag is on or off: the answer of a check of what is stored now, or was at an earlier time, with each gate and the change
     * that decided. It takes what `decide` takes. Rejects with InvalidFeatureFlagError (`invalid_actor`; in strict mode as `decide`
     * throws), FeatureError (`invalid_arguments`, `not_started`) and, for an earlier time, StoreUnavailable.
     *
     * @example
     * const { value, steps, by } = await Feature.explain('dark_mode', project)
     * const then = await Feature.explain('dark_mode', project, { at: '2h' })
     */
    <Name extends FlagName>(name: Name, ...rest: CheckArguments<Name, false, ExplainMore>): Promise<Explanation>
  }
}
