// Strict mode's check of an actor's class, where the configuration registers classes.
import { namedFew } from '../../definition/named-few.js'
import type { ErrorParts } from '../../errors.js'
import { quoted } from '../../text/printable.js'

/** Classes of the actors that Sluice makes itself. */
const ownClasses = ['FlipperRequest', 'FlipperPod', 'FlipperGitlabInstance', 'FlipperEndpoint']
const colon = 0x3a

export class ClassCheck {
  readonly #classes: ReadonlySet<string>
  readonly #prefixes: readonly string[]

  constructor(classes: ReadonlySet<string>) {
    this.#classes = classes
    this.#prefixes = [...classes, ...ownClasses].map((name) => `${name}:`)
  }

  /** Says what is wrong with the class of this id, null where nothing is. An id that names no class is fine. */
  fault(id: string): ErrorParts | null {
    for (const prefix of this.#prefixes) {
      // `Ci:` is no prefix of `Ci::Runner:5`.
      if (id.startsWith(prefix) && id.charCodeAt(prefix.length) !== colon) return null
    }
    const className = classNameOf(id)
    if (className === null) return null
    const known = namedFew([...this.#classes])
    const problem = `the actor ${quoted(id)} is of the class ${quoted(className)}, which is not registered (registered: ${known})`
    return { problem, remedy: 'add it to `actors` of the configuration' }
  }
}

/** `Ci::Runner` of `Ci::Runner:5`: what stands before the first colon that is not doubled. */
function classNameOf(id: string): string | null {
  return /^(?:[^:]|::)+(?=:(?!:))/.exec(id)?.[0] ?? null
}
