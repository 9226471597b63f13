// What applications ask: is a flag on, for whom, and why. The public methods of a check, with what each does and throws; feature.ts
// has them.
import type { Actor } from '../../actors/actor.js'
import type { FeatureGroup } from '../../actors/groups.js'
import type { Decision } from '../../gates/decide.js'
import type { TargetOf } from '../change/arguments.js'
import type { FlagName, KindOf } from '../flag-name.js'
import type { ActorArguments, CheckArguments, OtherCalls } from './check-call.js'

export interface FlagChecks {
  // Properties, because no method of an interface could have the rarer calls of another one. What an editor shows stands at the calls.
  enabled: OtherCalls<boolean> & {
    /**
     * Whether the flag is on for the actor, or for any of several, where its type has to be named. Throws as without an actor.
     *
     * @example
     * Feature.enabled('new_queue', [project, user], { type: 'ops' })
     */
    <Name extends FlagName>(name: Name, ...rest: ActorArguments<Name, false>): boolean
    /**
     * Whether the flag is on for the actor, for any of several, or without one: for everybody, or by its default. An absent actor
     * counts as none. Answers from memory, and never throws in production. In strict mode it throws InvalidFeatureFlagError
     * (`unknown_flag`, `flag_type_mismatch`, `invalid_actor`, `actor_kind_mismatch`, `invalid_arguments`).
     *
     * @example
     * if (Feature.enabled('dark_mode', project)) renderDark()
     * Feature.enabled('rate_limit', { type: 'ops' })
     */
    <Name extends FlagName>(name: Name, ...rest: CheckArguments<Name, false>): boolean
  }

  disabled: OtherCalls<boolean> & {
    /**
     * Whether the flag is off for the actor, where its type has to be named: the opposite of `enabled`, which says what it throws.
     *
     * @example
     * if (Feature.disabled('new_queue', project, { type: 'ops' })) renderLight()
     */
    <Name extends FlagName>(name: Name, ...rest: ActorArguments<Name, false>): boolean
    /**
     * Whether the flag is off: the opposite of `enabled`, which says what it throws.
     *
     * @example
     * if (Feature.disabled('dark_mode', project)) renderLight()
     */
    <Name extends FlagName>(name: Name, ...rest: CheckArguments<Name, false>): boolean
  }

  decide: OtherCalls<Decision> & {
    /**
     * The answer of `enabled` for the actor with its reason, where the flag's type has to be named. Throws as `enabled`.
     *
     * @example
     * const { reason } = Feature.decide('new_queue', project, { type: 'ops' })
     */
    <Name extends FlagName>(name: Name, ...rest: ActorArguments<Name, false>): Decision
    /**
     * The answer of `enabled` with its reason: which gate, the default, an opt-out. Throws as `enabled`.
     *
     * @example
     * const { value, reason } = Feature.decide('dark_mode', project) // { value: true, reason: 'percentage_of_actors' }
     */
    <Name extends FlagName>(name: Name, ...rest: CheckArguments<Name, false>): Decision
  }

  /**
   * Whether the actor has opted out of the flag. Never throws.
   *
   * @example
   * Feature.optedOut('dark_mode', project)
   */
  optedOut<Name extends FlagName>(name: Name, actor: TargetOf<KindOf<Name>>): boolean

  /**
   * Names a predicate over actors, which `Feature.group(name)` then stands for. A predicate is synchronous; one that throws counts
   * as false and is reported once. Throws FeatureError: `invalid_name` for a name that cannot be one, `invalid_arguments` for a
   * predicate that is not a function, and InvalidOperation (`invalid_arguments`) for a name that is taken.
   *
   * @example
   * Feature.registerGroup('staff', (actor) => staffIds.has(actor.flipperId))
   */
  registerGroup(name: string, predicate: (actor: Actor) => boolean): void

  /**
   * A group, as the target of `enable` and `disable`. Throws FeatureError (`invalid_name`) for a name that cannot be one.
   *
   * @example
   * await Feature.enable('dark_mode', Feature.group('staff'))
   */
  group(name: string): FeatureGroup

  /**
   * Runs `fn` with one request id and one pinned snapshot: for a minute, all checks in it and in the work that it starts read the
   * same state, and beside it only changes that it makes itself. A percentage of time is still drawn at each check. Returns the
   * result of `fn`, and throws what it throws.
   *
   * @example
   * app.use((request, response, next) => Feature.withRequest(next))
   */
  withRequest<T>(fn: () => T): T
}
