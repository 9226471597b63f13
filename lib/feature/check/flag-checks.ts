// What applications ask: is a flag on, for whom, and why. The public methods of a check, with what each does and throws; feature.ts
// has them.
import type { Actor } from '../../actors/actor.js'
import type { FeatureGroup } from '../../actors/groups.js'
import type { Decision } from '../../gates/decide.js'
import type { FlagName } from '../flag-name.js'
import type { CheckActor, CheckOptions } from './arguments.js'

export interface FlagChecks {
  /**
   * Whether the flag is on without an actor: on for everybody, or by its default. Answers from memory, and never throws in
   * production. In strict mode it throws InvalidFeatureFlagError (`unknown_flag`, `flag_type_mismatch`, `invalid_arguments`).
   *
   * @example
   * if (Feature.enabled('dark_mode')) renderDark()
   * Feature.enabled('rate_limit', { type: 'ops' })
   */
  enabled(name: FlagName, options?: CheckOptions): boolean
  /**
   * Whether the flag is on for the actor, or for any of several. An absent actor counts as none. Answers from memory, and never
   * throws in production. In strict mode it throws InvalidFeatureFlagError (`unknown_flag`, `flag_type_mismatch`,
   * `invalid_actor`, `invalid_arguments`).
   *
   * @example
   * if (Feature.enabled('dark_mode', project)) renderDark()
   * Feature.enabled('new_queue', [project, user], { type: 'ops' })
   */
  enabled(name: FlagName, actor: CheckActor | null | undefined, options?: CheckOptions): boolean

  /**
   * Whether the flag is off without an actor: the opposite of `enabled`, which says what it throws.
   *
   * @example
   * if (Feature.disabled('dark_mode')) renderLight()
   */
  disabled(name: FlagName, options?: CheckOptions): boolean
  /**
   * Whether the flag is off for the actor: the opposite of `enabled`, which says what it throws.
   *
   * @example
   * if (Feature.disabled('dark_mode', project)) renderLight()
   */
  disabled(name: FlagName, actor: CheckActor | null | undefined, options?: CheckOptions): boolean

  /**
   * The answer of `enabled` with its reason: which gate, the default, an opt-out. Throws as `enabled`.
   *
   * @example
   * const { value, reason } = Feature.decide('dark_mode')
   */
  decide(name: FlagName, options?: CheckOptions): Decision
  /**
   * The answer of `enabled` for the actor with its reason: which gate, the default, an opt-out. Throws as `enabled`.
   *
   * @example
   * const { value, reason } = Feature.decide('dark_mode', project) // { value: true, reason: 'percentage_of_actors' }
   */
  decide(name: FlagName, actor: CheckActor | null | undefined, options?: CheckOptions): Decision

  /**
   * Whether the actor has opted out of the flag. Never throws.
   *
   * @example
   * Feature.optedOut('dark_mode', project)
   */
  optedOut(name: FlagName, actor: Actor): boolean

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
