// Gives a class of the application its `flipperId` (GitLab: the FeatureGate concern).
import { ConfigurationError, InvalidFeatureFlagError } from '../errors.js'
import type { Actor } from './actor.js'

export type ActorId = string | number | bigint

/** What `FeatureGate` adds to a class. */
export interface GatedActor extends Actor {
  readonly id: ActorId | null | undefined
}

export interface GatedActorClass<Name extends string> {
  readonly className: Name
  new (id?: ActorId | null): GatedActor
}

/** `Project`, `Ci::Runner`, `Organizations::Organization`: words joined by `::`. */
const classNamePattern = /^[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*$/

/**
 * A class to extend: its `flipperId` is `Name:<id>`, built once per object. The name is given as a text, because
 * minifiers rename classes. Throws ConfigurationError for a name that is none; `flipperId` throws
 * InvalidFeatureFlagError (`invalid_actor`) while the object has no id.
 */
export function FeatureGate<const Name extends string>(name: Name): GatedActorClass<Name> {
  if (!classNamePattern.test(name)) {
    throw new ConfigurationError(`FeatureGate("${name}"): a class name is words joined by "::", such as "Ci::Runner"`)
  }
  return class implements GatedActor {
    static readonly className = name
    readonly id: ActorId | null | undefined
    #flipperId: string | null = null

    constructor(id?: ActorId | null) {
      this.id = id
    }

    get flipperId(): string {
      if (this.#flipperId !== null) return this.#flipperId
      const { id } = this
      if (id === null || id === undefined) {
        throw new InvalidFeatureFlagError(
          'invalid_actor',
          `this ${name} has no id yet; save it before asking for flags`,
        )
      }
      this.#flipperId = `${name}:${id}`
      return this.#flipperId
    }
  }
}
