// Gives a class of the application its `flipperId` (GitLab: the FeatureGate concern).
import { ConfigurationError, InvalidFeatureFlagError } from '../errors.js'
import { quoted } from '../text/printable.js'
import { suggestion } from '../text/suggest.js'
import type { Actor, FlipperIdOf } from './actor.js'
import { IdPattern, idPatternFault, usualPattern } from './id-pattern.js'
import { isRounded, roundedId } from './rounded.js'

export type ActorId = string | number | bigint

/** The members that `FeatureGate` adds to a class. */
export interface GatedActor<Kind extends string = string> extends Actor {
  readonly flipperId: FlipperIdOf<Kind>
  /** Absent until the object is saved; a class may override it, by a field or by a getter. */
  id: ActorId | null | undefined
}

export interface GatedActorClass<Name extends string, Kind extends string = string> {
  readonly className: Name
  new (id?: ActorId | null): GatedActor<Kind>
}

/** How the ids of a class are written. */
export interface FeatureGateOptions<Pattern extends string = string> {
  /**
   * Where ids are stored in another form, as by a Rails application: that form, with `{id}` where the id stands, such as
   * `User;{id}`. The same text belongs into `actors` of the configuration. Default: the name, a colon and the id.
   */
  readonly id?: Pattern
}

/** `Project`, `Ci::Runner`, `Organizations::Organization`: words joined by `::`. */
const classNamePattern = /^[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*$/

/**
 * A class to extend: its `flipperId` is `Name:<id>`, built once per object. The name is given as a text, because minifiers
 * rename classes. Throws ConfigurationError for a name that is not a class name and for a pattern of ids that cannot be one;
 * `flipperId` throws InvalidFeatureFlagError (`invalid_actor`) while the object has no id, or has an id that names nothing.
 *
 * @example
 * import { FeatureGate } from 'sluice'
 *
 * class User extends FeatureGate('User', { id: 'User;{id}' }) {}
 */
export function FeatureGate<const Name extends string, const Pattern extends string = Name>(
  name: Name,
  options: FeatureGateOptions<Pattern> = {},
): GatedActorClass<Name, Pattern> {
  if (!classNamePattern.test(name)) {
    throw new ConfigurationError({
      problem: `FeatureGate("${String(name)}"): this cannot be the name of a class`,
      remedy: 'give words joined by "::", such as "Ci::Runner"',
    })
  }
  const pattern = patternOf(name, options)
  return class implements GatedActor<Pattern> {
    static readonly className = name
    #id: ActorId | null | undefined
    #builtFrom: ActorId | null | undefined
    #flipperId: FlipperIdOf<Pattern> | null = null

    constructor(id?: ActorId | null) {
      this.#id = id
    }

    // Accessors and not a field: a field of the object would hide the getter by which a class overrides it.
    get id(): ActorId | null | undefined {
      return this.#id
    }

    set id(id: ActorId | null | undefined) {
      this.#id = id
    }

    get flipperId(): FlipperIdOf<Pattern> {
      const { id } = this
      if (this.#flipperId !== null && this.#builtFrom === id) return this.#flipperId
      // The pattern writes ids of this form, which the compiler cannot see.
      this.#flipperId = pattern.write(idText(name, id)) as FlipperIdOf<Pattern>
      this.#builtFrom = id
      return this.#flipperId
    }
  }
}

function patternOf(name: string, options: unknown): IdPattern {
  const wanted = `give { id: '${name};{id}' }, or leave it out`
  if (typeof options !== 'object' || options === null) {
    const problem = `FeatureGate("${name}"): its options are ${quoted(options)}`
    throw new ConfigurationError({ problem, remedy: wanted })
  }
  for (const key of Object.keys(options)) {
    if (key === 'id') continue
    const remedy = suggestion(key, ['id']) === null ? wanted : 'did you mean "id"?'
    throw new ConfigurationError({ problem: `FeatureGate("${name}"): there is no option ${quoted(key)}`, remedy })
  }
  const text: unknown = Reflect.get(options, 'id')
  if (text === undefined || text === null) return usualPattern(name)
  const fault = idPatternFault(text)
  if (fault === null && typeof text === 'string') return new IdPattern(text)
  const { problem, remedy } = fault ?? { problem: 'the pattern is not a text', remedy: wanted }
  throw new ConfigurationError({ problem: `FeatureGate("${name}"): ${problem}`, remedy })
}

function idText(name: string, id: unknown): string {
  if (typeof id === 'string' || typeof id === 'bigint') return String(id)
  if (isRounded(id)) throw roundedId(`the id of this ${name}`, id)
  // NaN comes from parsing a text that is not a number.
  if (typeof id === 'number' && Number.isSafeInteger(id)) return String(id)
  if (id === null || id === undefined) {
    throw new InvalidFeatureFlagError('invalid_actor', {
      problem: `this ${name} has no id yet`,
      remedy: 'save it before asking for flags',
    })
  }
  const shown = typeof id === 'number' ? String(id) : typeof id
  throw new InvalidFeatureFlagError('invalid_actor', {
    problem: `the id of this ${name} is "${shown}"`,
    remedy: 'give a whole number, a bigint or a text',
  })
}
