// Strict mode's check of an actor's kind, where the definition of the flag names kinds.
import { ActorClasses, type RegisteredClass } from '../../actors/classes.js'
import { classOfKind } from '../../actors/declared-kinds.js'
import type { IdPattern } from '../../actors/id-pattern.js'
import type { Definition } from '../../definition/definition.js'
import { type ErrorParts, InvalidFeatureFlagError } from '../../errors.js'
import { printable, quoted } from '../../text/printable.js'
import { classNameOf } from './actor-classes.js'

export class KindCheck {
  readonly #classes: ActorClasses
  readonly #patterns = new Map<string, IdPattern>()

  /** `registered`: the classes of the configuration; null where it registers none. */
  constructor(registered: ReadonlyMap<string, RegisteredClass> | null) {
    this.#classes = new ActorClasses(registered)
  }

  /** Says that the actor is of none of the kinds that the definition names; null where it is, and where any actor is fine. */
  fault(definition: Definition | null, id: string, actor: object): ErrorParts | null {
    const kinds = definition?.actor ?? null
    if (definition === null || kinds === null || this.#fits(kinds, id, actor)) return null
    const problem = `${quoted(id)} was given as the actor, but ${printable(definition.path)} says "actor: ${kinds.join(', ')}"`
    const wanted = kinds.map((kind) => classOfKind(kind, this.#classes))
    return { problem, remedy: `give an actor of ${wanted.join(' or ')}, or add the other kind to the file` }
  }

  #fits(kinds: readonly string[], id: string, actor: object): boolean {
    if (kinds.some((kind) => this.#pattern(kind).fits(id))) return true
    // Without a registration the program cannot know that the ids of a class are written in another way, but the class can.
    const className = classNameOf(actor)
    return (
      className !== null &&
      !this.#classes.isRegistered(className) &&
      kinds.some((kind) => classOfKind(kind, this.#classes) === className)
    )
  }

  #pattern(kind: string): IdPattern {
    const known = this.#patterns.get(kind)
    if (known !== undefined) return known
    const pattern = this.#classes.pattern(classOfKind(kind, this.#classes))
    this.#patterns.set(kind, pattern)
    return pattern
  }
}

/** The error of a flag that is asked or changed for an actor of another kind. */
export function kindMismatch(flag: string, { problem, remedy }: ErrorParts): InvalidFeatureFlagError {
  return new InvalidFeatureFlagError('actor_kind_mismatch', {
    problem: `feature flag ${quoted(flag)}: ${problem}`,
    remedy,
  })
}
