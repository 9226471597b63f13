// What a check was given, told apart. Callers may be untyped, so anything can stand in any place: nothing here throws.
import type { Actor, SpecialActor } from '../../actors/actor.js'
import { quoted } from '../../text/printable.js'
import { suggestion } from '../../text/suggest.js'
import { type ErrorParts, errorText } from '../../errors.js'

export interface CheckOptions {
  /** The flag's type; left out it means `development`. */
  readonly type?: string | undefined
  /** The answer for a flag without a definition that is not stored; default false. */
  readonly defaultEnabledIfUndefined?: boolean | undefined
}

/** Whom a check is about: an actor, GitLab's special actors by name, or several at once (absent ones do not count). */
export type CheckActor = Actor | SpecialActor | readonly (Actor | SpecialActor | null | undefined)[]

/** The id of an actor; null for any other value, and for a getter that throws. */
export function idOf(thing: unknown): string | null {
  if (!isReadable(thing)) return null
  let id: unknown
  try {
    id = thing.flipperId
  } catch {
    // An unsaved record, a revoked proxy or a broken getter has no id. Strict mode says so to the caller.
  }
  return typeof id === 'string' ? id : null
}

/** Tells the type checker what `idOf` found, without reading the id again. */
export function hasId(_thing: unknown, id: string | null): _thing is Actor {
  return id !== null
}

/** Whether there is nothing to report of what was given beside the name. */
export function isActorOrNothing(thing: unknown, options: CheckOptions | undefined): boolean {
  return options === undefined && (thing === undefined || idOf(thing) !== null)
}

export function isSpecial(thing: unknown): thing is SpecialActor {
  return thing === 'request' || thing === 'pod' || thing === 'instance'
}

/** Whether this is a plain object with no key but those of options; `{}` is one. */
export function isOptions(thing: unknown): thing is CheckOptions {
  if (typeof thing !== 'object' || thing === null) return false
  try {
    for (const key in thing) if (key !== 'type' && key !== 'defaultEnabledIfUndefined') return false
    const prototype: unknown = Object.getPrototypeOf(thing)
    // Not `=== Object.prototype`: the console evaluates its lines in a realm of its own.
    return prototype === null || Object.getPrototypeOf(prototype) === null
  } catch {
    // A revoked proxy, say: no options, and no actor either, which is said where the actor is read.
    return false
  }
}

/** The members of an array; null for anything else. */
export function listOf(thing: unknown): readonly unknown[] | null {
  try {
    return Array.isArray(thing) ? [...thing] : null
  } catch {
    // A proxy around an array that cannot be read is no list of actors.
    return null
  }
}

/** Says what was given where an actor was wanted, and what to give instead. */
export function describeThing(thing: unknown): ErrorParts {
  if (!isReadable(thing)) return withoutId(typeof thing === 'symbol' ? 'a symbol' : quoted(thing))
  try {
    if ('then' in thing && typeof thing.then === 'function')
      return { problem: 'a Promise was given as the actor', remedy: 'await it first' }
    const id = thing.flipperId
    return withoutId('an object', id === undefined ? 'without a flipperId' : `whose flipperId is ${quoted(id)}`)
  } catch (error) {
    return withoutId('an object', `whose flipperId cannot be read (${errorText(error)})`)
  }
}

const optionKeys = ['type', 'defaultEnabledIfUndefined']

/** Says what was given where options were wanted. */
export function describeOptions(options: unknown): ErrorParts {
  const unknown = unknownKey(options)
  if (unknown !== null) {
    const near = suggestion(unknown, optionKeys)
    const remedy = near === null ? `the keys are ${optionKeys.join(' and ')}` : `did you mean "${near}"?`
    return { problem: `the options have no key ${quoted(unknown)}`, remedy }
  }
  const what = typeof options === 'object' ? 'an object of another shape' : quoted(options)
  return {
    problem: `${what} was given as the options`,
    remedy: 'give an object with type, defaultEnabledIfUndefined or both, or leave it out',
  }
}

/** The first key of a plain object that is no option. An actor is none: it would be named by its fields. */
function unknownKey(options: unknown): string | null {
  try {
    if (typeof options !== 'object' || options === null || Array.isArray(options) || idOf(options) !== null) return null
    const prototype: unknown = Object.getPrototypeOf(options)
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return null
    return Object.keys(options).find((key) => !optionKeys.includes(key)) ?? null
  } catch {
    // A revoked proxy, say: it is described as an object.
    return null
  }
}

function withoutId(what: string, fault = 'without a flipperId'): ErrorParts {
  return {
    problem: `${what} ${fault} was given as the actor`,
    remedy: 'give an object whose flipperId is a text like "Project:42", or nothing',
  }
}

/** Any object may be asked for a `flipperId`; reading it so is much faster than through `Reflect.get`. */
function isReadable(thing: unknown): thing is { readonly flipperId?: unknown } {
  return (typeof thing === 'object' && thing !== null) || typeof thing === 'function'
}
