// Strict mode's check of an actor's class, where the configuration registers classes.
import { namedActor } from '../../actors/actor-text.js'
import { ActorClasses, ownClasses, type RegisteredClass } from '../../actors/classes.js'
import { type IdPattern, usualPattern } from '../../actors/id-pattern.js'
import { namedFew } from '../../definition/named-few.js'
import type { ErrorParts } from '../../errors.js'
import { quoted } from '../../text/printable.js'

export class ClassCheck {
  readonly #names: readonly string[]
  readonly #classes: ActorClasses
  readonly #patterns: readonly IdPattern[]

  constructor(registered: ReadonlyMap<string, RegisteredClass>) {
    this.#names = [...registered.keys()]
    this.#classes = new ActorClasses(registered)
    this.#patterns = [...this.#names.map((name) => this.#classes.pattern(name)), ...ownClasses.map(usualPattern)]
  }

  /** Whether the id has the form of a registered class; then nothing is wrong with it. */
  knows(id: string): boolean {
    for (const pattern of this.#patterns) if (pattern.fits(id)) return true
    return false
  }

  /**
   * Says what is wrong with the class of this id, null where nothing is. An id that names no class is fine, unless it comes
   * from an object of a registered class.
   */
  fault(id: string, actor: object | null = null): ErrorParts | null {
    if (this.knows(id)) return null
    const misfit = this.misfit(id, actor)
    if (misfit !== null) return misfit
    const className = classIn(id)
    // `Experiment;1`: a semicolon is no sign of a class, as long as no registered class has the name.
    if (className === null || id.startsWith(`${className};`)) return null
    const known = namedFew(this.#names)
    const problem = `the actor ${quoted(id)} is of the class ${quoted(className)}, which is not registered (registered: ${known})`
    return { problem, remedy: 'add it to `actors` of the configuration' }
  }

  /** Says that an id of a registered class is written in another way than that of the class; null where it is not. */
  misfit(id: string, actor: object | null = null): ErrorParts | null {
    if (this.knows(id)) return null
    const named = classIn(id)
    const className = named !== null && this.#classes.isRegistered(named) ? named : classNameOf(actor)
    if (className === null || !this.#classes.isRegistered(className)) return null
    const { text } = this.#classes.pattern(className)
    const problem = `the actor ${quoted(id)} is of the class ${quoted(className)}, whose ids are written ${quoted(text)}`
    const remedy = `give FeatureGate and actors.${className} of the configuration the same \`id\``
    return { problem, remedy }
  }
}

/** The class that an id names, in whichever form. */
function classIn(id: string): string | null {
  const named = namedActor(id)
  if (named !== null && named.form !== ':') return named.className
  // `Ci::Runner` of `Ci::Runner:5`: what stands before the first colon that is not doubled.
  return /^(?:[^:]|::)+(?=:(?!:))/.exec(id)?.[0] ?? null
}

/** The name of a class that FeatureGate made. */
export function classNameOf(actor: object | null): string | null {
  if (actor === null) return null
  try {
    const made: unknown = Reflect.get(actor, 'constructor')
    const name: unknown = typeof made === 'function' ? Reflect.get(made, 'className') : null
    return typeof name === 'string' ? name : null
  } catch {
    // A getter that throws says nothing about the class; the id has been read already.
    return null
  }
}
