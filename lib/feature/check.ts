// The check: synchronous, memory only. What the fast path of `FeatureFlags.enabled` does not answer comes here.
import type { Actor, SpecialActor } from '../actors/actor.js'
import { InvalidFeatureFlagError } from '../errors.js'
import { type Decision, type DecideScope, decide, decideMany, decisions } from '../gates/decide.js'
import type { CompiledGates } from '../gates/compile.js'
import type { Flag } from '../replica/snapshot.js'
import type { Reporter } from './report.js'

export interface CheckOptions {
  /** The flag's type; left out it means `development`. */
  readonly type?: string | undefined
  /** The answer for a flag without a definition that is not stored; default false. */
  readonly defaultEnabledIfUndefined?: boolean | undefined
}

/** Whom a check is about: an actor, GitLab's special actors by name, or several at once. */
export type CheckActor = Actor | SpecialActor | readonly Actor[]

export interface CheckerOptions {
  readonly strict: boolean
  readonly reporter: Reporter
  readonly scope: DecideScope
  /** What strict mode says of this name and type; null where the use is right. */
  readonly usageFault: (name: string, type: string | undefined) => InvalidFeatureFlagError | null
  readonly special: (kind: SpecialActor) => Actor
  /** Registered classes of actors; null: every class is fine. */
  readonly classes: ReadonlySet<string> | null
}

/** Deeper nesting of checks inside group predicates is taken for recursion (GitLab: `Feature::MAX_STACK_SIZE`). */
const deepest = 10

export class Checker {
  readonly #options: CheckerOptions
  /** Flags being decided whose groups may ask for flags themselves; outermost first. */
  readonly #stack: string[] = []
  readonly #usage = new Map<string, InvalidFeatureFlagError | null>()

  constructor(options: CheckerOptions) {
    this.#options = options
  }

  /** Forgets what was said of names and types: the definitions have changed. */
  definitionsChanged(): void {
    this.#usage.clear()
  }

  /** Decides and says why. Throws InvalidFeatureFlagError in strict mode only. */
  decide(flag: Flag | undefined, name: string, thing: unknown, options: CheckOptions | undefined): Decision {
    if (options === undefined && isOptions(thing)) return this.decide(flag, name, undefined, thing)
    this.#checkUse(flag, name, options)
    if (typeof thing === 'object' && thing !== null && !Array.isArray(thing))
      return this.#decideOne(flag, name, thing, options)
    if (thing === undefined || thing === null) return this.#answer(flag, name, null, null, options)
    if (Array.isArray(thing)) return this.#decideSeveral(flag, name, thing, options)
    if (isSpecial(thing)) return this.#decideOne(flag, name, this.#options.special(thing), options)
    return this.#decideOne(flag, name, thing, options)
  }

  #decideOne(flag: Flag | undefined, name: string, thing: unknown, options: CheckOptions | undefined): Decision {
    const id = idOf(thing)
    if (id === null || !hasId(thing, id)) {
      this.#refuseActor(name, thing)
      return this.#answer(flag, name, null, null, options)
    }
    if (this.#options.strict) this.#checkClass(name, id)
    return this.#answer(flag, name, id, thing, options)
  }

  #decideSeveral(flag: Flag | undefined, name: string, things: readonly unknown[], options?: CheckOptions): Decision {
    const actors: Actor[] = []
    const ids: string[] = []
    for (const thing of things) {
      const resolved = isSpecial(thing) ? this.#options.special(thing) : thing
      const id = idOf(resolved)
      if (id === null || !hasId(resolved, id)) {
        this.#refuseActor(name, resolved)
        continue
      }
      if (this.#options.strict) this.#checkClass(name, id)
      actors.push(resolved)
      ids.push(id)
    }
    const gates = flag?.gates
    if (!gates || gates.groups !== null || ids.length === 0)
      return this.#answerSeveral(flag, name, ids, actors, options)
    return decideMany(gates, ids, actors, this.#options.scope)
  }

  #answerSeveral(
    flag: Flag | undefined,
    name: string,
    ids: string[],
    actors: Actor[],
    options?: CheckOptions,
  ): Decision {
    if (ids.length === 0 || !flag?.gates) return this.#answer(flag, name, null, null, options)
    return this.#guarded(flag, flag.gates, options, (gates) => decideMany(gates, ids, actors, this.#options.scope))
  }

  #answer(
    flag: Flag | undefined,
    name: string,
    id: string | null,
    actor: Actor | null,
    options: CheckOptions | undefined,
  ): Decision {
    if (flag === undefined) return defaultOf(options?.defaultEnabledIfUndefined, decisions.unknown)
    const { gates } = flag
    if (gates === null) return flag.answer ? decisions.defaultOn : decisions.defaultOff
    if (gates.groups === null) return decide(gates, id, actor, this.#options.scope)
    return this.#guarded(flag, gates, options, (own) => decide(own, id, actor, this.#options.scope), name)
  }

  /** Only a group's predicate can ask for flags in the middle of a check, so only there the stack is kept. */
  #guarded(
    flag: Flag,
    gates: CompiledGates,
    options: CheckOptions | undefined,
    decideNow: (gates: CompiledGates) => Decision,
    name = flag.name,
  ): Decision {
    const stack = this.#stack
    if (stack.length >= deepest || stack.includes(name)) {
      const path = [...stack, name].join(' → ')
      this.#options.reporter.once(
        'recursion',
        name,
        () => `feature flag "${name}" was asked while deciding it (${path}); its default is answered`,
      )
      return (flag.definition?.defaultEnabled ?? options?.defaultEnabledIfUndefined)
        ? decisions.recursionOn
        : decisions.recursionOff
    }
    stack.push(name)
    try {
      return decideNow(gates)
    } finally {
      stack.pop()
    }
  }

  #checkUse(flag: Flag | undefined, name: string, options: CheckOptions | undefined): void {
    const { strict, reporter } = this.#options
    const type = options?.type
    if (flag?.plain && (type === undefined || type === 'development')) return
    // In production a wrong type is ignored, and an undefined flag is reported once.
    if (!strict && flag?.definition) return
    const fault = this.#usageFault(name, type)
    if (fault === null) return
    if (strict) reporter.refuse(fault)
    reporter.once(fault.code, name, () => fault.message)
  }

  #usageFault(name: string, type: string | undefined): InvalidFeatureFlagError | null {
    const mark = type === undefined ? name : `${name}\0${type}`
    const known = this.#usage.get(mark)
    if (known !== undefined) return known
    const fault = this.#options.usageFault(name, type)
    // Names may come from outside: what is remembered is bounded.
    if (this.#usage.size < 10_000) this.#usage.set(mark, fault)
    return fault
  }

  #refuseActor(name: string, thing: unknown): void {
    const message = () => `feature flag "${name}": ${describeThing(thing)}`
    if (this.#options.strict) this.#options.reporter.refuse(new InvalidFeatureFlagError('invalid_actor', message()))
    this.#options.reporter.once('invalid_actor', name, message)
  }

  #checkClass(name: string, id: string): void {
    const { classes, reporter } = this.#options
    if (classes === null) return
    const className = classNameOf(id)
    if (className === null || classes.has(className) || className.startsWith('Flipper')) return
    const known = [...classes].join(', ')
    const message =
      `feature flag "${name}": the actor "${id}" is of the class "${className}", which is not registered ` +
      `(registered: ${known}); add it to \`actors\` of the configuration`
    reporter.refuse(new InvalidFeatureFlagError('invalid_actor', message))
  }
}

/** `Ci::Runner` of `Ci::Runner:5`: what stands before the first colon that is not doubled. */
export function classNameOf(id: string): string | null {
  const match = /^(?:[^:]|::)+(?=:(?!:))/.exec(id)
  return match === null ? null : match[0]
}

function defaultOf(given: boolean | undefined, otherwise: Decision): Decision {
  return given === true ? decisions.defaultOn : otherwise
}

/** The id of an actor; null for what is none, a getter that throws included. */
function idOf(thing: unknown): string | null {
  if ((typeof thing !== 'object' && typeof thing !== 'function') || thing === null) return null
  try {
    const id: unknown = Reflect.get(thing, 'flipperId')
    return typeof id === 'string' ? id : null
  } catch {
    // An unsaved record, a revoked proxy or a broken getter: no actor. Strict mode says so to the caller.
    return null
  }
}

/** Tells the type checker what `idOf` found, without reading the id again. */
function hasId(_thing: unknown, id: string | null): _thing is Actor {
  return id !== null
}

function isSpecial(thing: unknown): thing is SpecialActor {
  return thing === 'request' || thing === 'pod' || thing === 'instance'
}

/** Options given in the actor's place: a plain object with no key but those of options. */
function isOptions(thing: unknown): thing is CheckOptions {
  if (typeof thing !== 'object' || thing === null) return false
  try {
    for (const key in thing) if (key !== 'type' && key !== 'defaultEnabledIfUndefined') return false
    const prototype: unknown = Object.getPrototypeOf(thing)
    return prototype === Object.prototype || prototype === null
  } catch {
    // A revoked proxy, say: no options, and no actor either, which is said where the actor is read.
    return false
  }
}

function describeThing(thing: unknown): string {
  if (thing instanceof Promise) return 'a Promise was given as the actor; await it first'
  const what = typeof thing === 'object' || typeof thing === 'function' ? 'an object' : `"${String(thing)}"`
  const remedy = 'give an object whose flipperId is a text like "Project:42", or nothing'
  return `${what} without a flipperId was given as the actor; ${remedy}`
}
