// One actor as people write it: `Customer:5`, or its id as it is stored, such as `User;5`. Its class is read from the text, so a text
// without a class is refused: it was probably meant in another way, and a flag would be on for an actor that does not exist.
import { type ErrorParts, FeatureError, InvalidFeatureFlagError } from '../errors.js'
import { quoted } from '../text/printable.js'
import { suggestion } from '../text/suggest.js'
import type { Actor } from './actor.js'
import { type ActorClasses, ownClasses } from './classes.js'
import { optOutSuffix } from './stored-id.js'

/** A class and an id, in whichever form they are written. */
export interface NamedActor {
  readonly className: string
  readonly form: ':' | ';' | 'gid'
  readonly id: string
}

/** What `Customer:5`, `Customer;5` and `gid://shop/Customer/5` name; null for a text of another form. */
export function namedActor(text: string): NamedActor | null {
  const global = /^gid:\/\/[^/\s]+\/([A-Za-z_][\w:]*)\/(.*)$/su.exec(text)
  if (global !== null) return { className: global[1] ?? '', form: 'gid', id: global[2] ?? '' }
  // What stands before the first colon that is not doubled, or before a semicolon.
  const named = /^([A-Za-z_](?:[^:;/\s]|::)*)(:(?!:)|;)(.*)$/su.exec(text)
  if (named === null) return null
  return { className: named[1] ?? '', form: named[2] === ';' ? ';' : ':', id: named[3] ?? '' }
}

/**
 * Whether the text is an actor rather than the name of a group or an endpoint; then how to write the actor. `Class#method`,
 * `GET /path/:id` and `graphql:query` are none.
 */
export function actorLike(text: string, classes: ActorClasses): string | null {
  const className = classes.classOf(text)
  if (className !== null && classes.pattern(className).isTold(text)) return text
  const named = namedActor(text)
  if (named === null || named.id === '' || /^\/|\s/.test(named.id)) return null
  if (named.form !== ':' || /^[A-Z]/.test(named.className)) return text
  const known = sameButCase(named.className, classes)
  return known === null ? null : classes.pattern(known).write(named.id)
}

/**
 * The actor of a text. `removing`: what is stored may have any form, so that only what cannot be stored is refused.
 * Throws FeatureError (`invalid_arguments`) for a text without a class or an id, of a class that is not registered, or of
 * another form than its class; and InvalidFeatureFlagError (`invalid_actor`) for one that cannot be stored.
 */
export function parseActor(text: string, classes: ActorClasses, removing: boolean): Actor {
  if (text.endsWith(optOutSuffix) || /\p{Cc}/u.test(text)) throw notStorable(text)
  if (classes.classOf(text) !== null) return checkedBlanks(text, text, classes)
  const named = namedActor(text)
  if (named === null || named.id.trim() === '') {
    if (removing && !/^\d+$/.test(text)) return { flipperId: text }
    throw withoutClass(text, named)
  }
  const { className, form, id } = named
  const pattern = classes.pattern(className)
  if (classes.isKnown(className)) {
    // `Class:id` is how people write an actor, whatever its ids look like; other forms are ids.
    if (form === ':') return checkedBlanks(pattern.write(id), text, classes)
    if (removing || !classes.isRegistered(className)) return { flipperId: text }
    throw misfit(text, className, pattern.text, pattern.write(id))
  }
  if (removing || ownClasses.includes(className)) return { flipperId: text }
  const known = sameButCase(className, classes)
  if (known !== null) throw otherCase(text, className, classes.pattern(known).write(id))
  const near = suggestion(className, classes.names)
  // A semicolon is no sign of a class, as in `Experiment;1`, unless it looks like a typing error.
  if (classes.isClosed && (form !== ';' || near !== null)) {
    throw notRegistered(text, className, near === null ? null : classes.pattern(near).write(id))
  }
  return checkedBlanks(text, text, classes)
}

/** The known class that differs in its capitals alone. */
function sameButCase(className: string, classes: ActorClasses): string | null {
  const lower = className.toLowerCase()
  return classes.names.find((name) => name !== className && name.toLowerCase() === lower) ?? null
}

function checkedBlanks(flipperId: string, text: string, classes: ActorClasses): Actor {
  const named = namedActor(text)
  const id = named?.id ?? ''
  if (named === null || id === id.trim()) return { flipperId }
  throw new FeatureError('invalid_arguments', {
    problem: `the actor ${quoted(text)} has a blank beside its id`,
    remedy: `did you mean "${classes.pattern(named.className).write(id.trim())}"?`,
  })
}

function withoutClass(text: string, named: NamedActor | null): FeatureError {
  const problem =
    named === null ? `the actor ${quoted(text)} names no class` : `the actor ${quoted(text)} has a class and no id`
  const remedy =
    named === null
      ? 'write class and id, such as "User:5"; a class whose ids name none is registered with actors.CLASS.id "{id}"'
      : `write class and id, such as "${named.className}:5"`
  return new FeatureError('invalid_arguments', { problem, remedy })
}

function notStorable(text: string): FeatureError {
  const parts: ErrorParts = text.endsWith(optOutSuffix)
    ? {
        problem: `the actor ${quoted(text)} ends in "${optOutSuffix}", which marks an opt-out`,
        remedy: 'leave the ending out, and opt the actor out',
      }
    : { problem: `the actor ${quoted(text)} holds a control character`, remedy: 'leave it out' }
  return new InvalidFeatureFlagError('invalid_actor', parts)
}

function misfit(text: string, className: string, pattern: string, meant: string): FeatureError {
  return new FeatureError('invalid_arguments', {
    problem: `the actor ${quoted(text)} is of the class "${className}", whose ids are written "${pattern}"`,
    remedy: `did you mean "${meant}"? Otherwise set actors.${className}.id of the configuration`,
  })
}

function otherCase(text: string, className: string, meant: string): FeatureError {
  return new FeatureError('invalid_arguments', {
    problem: `the actor ${quoted(text)} is of the class ${quoted(className)}, which differs from a known one in its capitals`,
    remedy: `did you mean "${meant}"? Otherwise add the class to \`actors\` of the configuration`,
  })
}

function notRegistered(text: string, className: string, near: string | null): FeatureError {
  const meant = near === null ? '' : `did you mean "${near}"? Otherwise `
  return new FeatureError('invalid_arguments', {
    problem: `the actor ${quoted(text)} is of the class ${quoted(className)}, which is not registered`,
    remedy: `${meant}add it to \`actors\` of the configuration`,
  })
}
