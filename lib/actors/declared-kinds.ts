// The kinds of actors that a definition names in its field `actor`: `project`, `request`, or a class as FeatureGate has it.
import type { ErrorParts } from '../errors.js'
import { suggestion } from '../text/suggest.js'
import type { ActorClasses } from './classes.js'

/** Actors that Sluice makes itself, and the endpoint: kind → the class in their ids. */
const ownKinds: ReadonlyMap<string, string> = new Map([
  ['request', 'FlipperRequest'],
  ['pod', 'FlipperPod'],
  ['instance', 'FlipperGitlabInstance'],
  ['endpoint', 'FlipperEndpoint'],
])

/** A kind or the name of a class, by its form: `billing_account`, `Ci::Runner`. */
export const declaredKindPattern = '^[A-Za-z_][A-Za-z0-9_]*(?:::[A-Za-z_][A-Za-z0-9_]*)*$'

/** The class that the kind stands for: `project` is `Project`. What is no kind is a class already. */
export function classOfKind(kind: string, classes: ActorClasses): string {
  return ownKinds.get(kind) ?? classes.kinds.get(kind) ?? kind
}

/** Why no actor can be of this kind, as the end of a sentence that starts with the kind; null if one can. */
export function declaredKindFault(kind: string, classes: ActorClasses): ErrorParts | null {
  if (ownKinds.has(kind)) return null
  const className = classOfKind(kind, classes)
  if (classes.isClosed) {
    if (classes.isRegistered(className)) return null
    const near = suggestion(kind, registeredWords(classes))
    const meant = near === null || near === kind ? '' : `did you mean ${near}? Otherwise `
    const remedy = `${meant}add ${className} to \`actors\` of the configuration`
    return { problem: 'is no class that the configuration registers', remedy }
  }
  // Any class is fine there, and a class has a capital letter: what has none is the slip of a kind.
  if (className !== kind || /^[A-Z]/.test(kind) || classes.isKnown(kind)) return null
  const known = [...classes.kinds.keys(), ...ownKinds.keys()]
  const near = suggestion(kind, known)
  const meant = near === null ? '' : `did you mean ${near}? `
  const remedy = `${meant}The kinds are ${known.join(', ')}; another class is written by its name, such as Account`
  return { problem: 'is no kind of actor', remedy }
}

/** A word for each class that the configuration registers: its kind, otherwise its name. */
export function registeredKinds(classes: ActorClasses): readonly string[] {
  const kinds = new Map([...classes.kinds].map(([kind, className]) => [className, kind]))
  return classes.names.filter((name) => classes.isRegistered(name)).map((name) => kinds.get(name) ?? name)
}

function registeredWords(classes: ActorClasses): readonly string[] {
  const names = classes.names.filter((name) => classes.isRegistered(name))
  return [...registeredKinds(classes), ...names, ...ownKinds.keys()]
}
