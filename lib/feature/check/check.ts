// The check: synchronous, memory only. In strict mode wrong use throws; in production it is reported once and answered.
import type { Actor, SpecialActor } from '../../actors/actor.js'
import type { RegisteredClass } from '../../actors/classes.js'
import { quoted } from '../../text/printable.js'
import type { Catalog } from '../../definition/catalog.js'
import { defaultTypeName } from '../../definition/types.js'
import { type ErrorParts, errorText, InvalidFeatureFlagError } from '../../errors.js'
import { type Decision, type DecideScope, decide, decideMany, decisions } from '../../gates/decide.js'
import type { CurrentSnapshot } from '../../replica/current-snapshot.js'
import type { Flag } from '../../replica/flag.js'
import type { FlagSnapshot } from '../../replica/flag-content.js'
import { asyncContext, type Requests } from '../request-scope.js'
import type { Scope } from '../scope/scope.js'
import { agreeOnAll, agreeOnFlag } from '../scope/agreement.js'
import { hasScopes, scopeInForce, scopeOfCheck } from '../scope/scopes.js'
import {
  type CheckOptions,
  describeOptions,
  describeThing,
  hasId,
  idOf,
  isActorOrNothing,
  isOptions,
  isSpecial,
  listOf,
} from './arguments.js'
import { type FastPathRules, fastAnswer } from './fast-path.js'
import { CheckStack, recursionAnswer } from './recursion-guard.js'
import { ClassCheck } from './actor-classes.js'
import { KindCheck, kindMismatch } from './actor-kinds.js'
import type { Misuse } from './misuse.js'
import { UndefinedFlags } from './undefined-flags.js'

export interface CheckerOptions {
  readonly strict: boolean
  readonly current: CurrentSnapshot<Flag>
  readonly requests: Pick<Requests, 'pinned'>
  readonly catalog: Pick<Catalog, 'usageFault'>
  readonly misuse: Misuse
  readonly scope: DecideScope
  readonly special: (kind: SpecialActor) => Actor
  /** Registered classes of actors; null: every class is fine. */
  readonly classes: ReadonlyMap<string, RegisteredClass> | null
}

export class Checker implements FastPathRules {
  readonly #options: CheckerOptions
  readonly strict: boolean
  readonly scope: DecideScope
  readonly #requests: CheckerOptions['requests']
  readonly #current: CurrentSnapshot<Flag>
  /** Null where every class is fine. */
  readonly classes: ClassCheck | null
  /** Null where any kind is fine, as always in production. */
  readonly kinds: KindCheck | null
  readonly #stack: CheckStack
  readonly #undefined: UndefinedFlags
  /**
   * What was found in the newest snapshot: the flag, or null for a name that no flag has and that was reported. It belongs to
   * this checker alone and begins anew with each snapshot. With it any name takes one look-up, an unknown one too, and that
   * without an object on the way: after a miss in the snapshot a second look-up would cost half as much again.
   */
  #found = new Map<string, Flag | null>()

  constructor(options: CheckerOptions) {
    this.#options = options
    this.strict = options.strict
    this.scope = options.scope
    this.#requests = options.requests
    this.#current = options.current
    this.#stack = new CheckStack(options.misuse)
    this.#undefined = new UndefinedFlags((name, type) => options.catalog.usageFault(name, type), options.misuse)
    this.classes = options.strict && options.classes !== null ? new ClassCheck(options.classes) : null
    this.kinds = options.strict ? new KindCheck(options.classes) : null
    options.current.subscribe(() => {
      this.#found = new Map()
    })
  }

  /** Forgets what was said of names and types: the definitions have changed. */
  definitionsChanged(): void {
    this.#undefined.clear()
    this.#found = new Map()
  }

  /** The newest snapshot, or inside `withRequest` the pinned one; in a test with its stubs. */
  get snapshot(): FlagSnapshot {
    const base = this.#base
    if (!hasScopes()) return base
    const scope = scopeInForce('the list of flags', (one, other) => agreeOnAll(one, other, base))
    return scope === null ? base : scope.over(base)
  }

  /** The flag as checks see it; undefined for a name that no flag has. */
  flag(name: string): Flag | undefined {
    const scope = this.scopeAround(name)
    return scope === null ? this.#base.entries.get(name) : scope.flag(name, this.#base)
  }

  /** Runs `decide` as the check of a flag runs its groups: a predicate that asks for the flag again gets the default. */
  whileDeciding<T>(name: string, decide: () => T): T {
    return this.#stack.whileIn(name, decide)
  }

  /** Runs code of the application that may be ended in the middle of a check, which then cannot leave the stack itself. */
  keepingStack<T>(run: () => T): T {
    return this.#stack.keeping(run)
  }

  /** The boolean of `decide`. */
  enabled(name: string, thing: unknown, options: CheckOptions | undefined): boolean {
    if (asyncContext.used) {
      const scope = hasScopes() ? (scopeOfCheck() ?? this.scopeAround(name)) : null
      if (scope !== null) return this.#enabledInScope(scope, name, thing, options)
      const pinned = this.#requests.pinned()
      if (pinned !== null && pinned !== this.#current.value) return this.#enabledIn(pinned, name, thing, options)
    }
    const found = this.#found.get(name)
    if (found) {
      const answer = fastAnswer(found, thing, options, this)
      return answer === undefined ? this.#decideSafely(found, name, thing, options).value : answer
    }
    if (found === null && isActorOrNothing(thing, options)) return false
    if (found === undefined) this.#look(name)
    return this.#enabledIn(this.#current.value, name, thing, options)
  }

  /** Decides and says why. Throws InvalidFeatureFlagError in strict mode only. */
  decide(name: string, thing: unknown, options: CheckOptions | undefined): Decision {
    const scope = this.scopeAround(name)
    if (scope === null) return this.#decideSafely(this.#base.entries.get(name), name, thing, options)
    const decision = this.#decideSafely(scope.flag(name, this.#base), name, thing, options)
    scope.reads?.read(name, decision.value)
    return decision
  }

  /** Below the scopes of tests. */
  get #base(): FlagSnapshot {
    return (asyncContext.used ? this.#requests.pinned() : null) ?? this.#current.value
  }

  /** The scope in force for a flag; makes nothing in a process without tests. Throws FeatureError (`tests_disagree`). */
  scopeAround(name: string): Scope | null {
    if (!hasScopes()) return null
    return scopeInForce(`the flag ${quoted(name)}`, (one, other) => agreeOnFlag(one, other, name, this.#base))
  }

  #enabledInScope(scope: Scope, name: string, thing: unknown, options: CheckOptions | undefined): boolean {
    const flag = scope.flag(name, this.#requests.pinned() ?? this.#current.value)
    let answer = flag === undefined ? undefined : fastAnswer(flag, thing, options, this)
    if (answer === undefined) answer = this.#decideSafely(flag, name, thing, options).value
    if (scope.reads !== null) scope.reads.read(name, answer)
    return answer
  }

  /** The same where the name has to be looked up: in an older snapshot, pinned by `withRequest`, and for the first check of a name. */
  #enabledIn({ entries }: FlagSnapshot, name: string, thing: unknown, options: CheckOptions | undefined): boolean {
    const flag = entries.get(name)
    if (flag !== undefined) {
      const answer = fastAnswer(flag, thing, options, this)
      if (answer !== undefined) return answer
    } else if (isActorOrNothing(thing, options) && this.#undefined.reported.has(name)) return false
    return this.#decideSafely(flag, name, thing, options).value
  }

  /** Notes what the newest snapshot has of the name, for the next check. */
  #look(name: string): void {
    const flag = this.#current.value.entries.get(name)
    // The flag's own name is interned: a look-up by a literal then compares addresses.
    if (flag !== undefined) this.#found.set(flag.name, flag)
    else if (this.#undefined.reported.has(name)) this.#found.set(name, null)
  }

  #decideSafely(flag: Flag | undefined, name: string, thing: unknown, options: CheckOptions | undefined): Decision {
    if (this.strict) return this.#decide(flag, name, thing, options)
    try {
      return this.#decide(flag, name, thing, options)
    } catch (error) {
      // What is left is an argument that throws when it is read, such as options behind a revoked proxy.
      this.#options.misuse.once('invalid_arguments', name, () => `feature flag ${quoted(name)}: ${errorText(error)}`)
      return this.#answer(flag, name, null, null, undefined)
    }
  }

  #decide(flag: Flag | undefined, name: string, thing: unknown, options: CheckOptions | undefined): Decision {
    const id = idOf(thing)
    if (id === null || !hasId(thing, id)) {
      if (thing !== undefined && thing !== null) return this.#decideOther(flag, name, thing, options)
      this.#checkUse(flag, name, options)
      return this.#answer(flag, name, null, null, options)
    }
    this.#checkUse(flag, name, options)
    if (this.kinds !== null) this.#checkActor(this.kinds, flag, name, id, thing)
    return this.#answer(flag, name, id, thing, options)
  }

  /** For what is no actor itself: options in the actor's place, a special actor's name, several actors, or a mistake. */
  #decideOther(flag: Flag | undefined, name: string, thing: unknown, options: CheckOptions | undefined): Decision {
    if (options === undefined && isOptions(thing)) return this.#decide(flag, name, undefined, thing)
    if (isSpecial(thing)) return this.#decide(flag, name, this.#options.special(thing), options)
    this.#checkUse(flag, name, options)
    const list = listOf(thing)
    if (list !== null) return this.#decideSeveral(flag, name, list, options)
    this.#refuseActor(name, thing)
    return this.#answer(flag, name, null, null, options)
  }

  #decideSeveral(
    flag: Flag | undefined,
    name: string,
    things: readonly unknown[],
    options: CheckOptions | undefined,
  ): Decision {
    const actors: Actor[] = []
    const ids: string[] = []
    for (const thing of things) {
      if (thing === undefined || thing === null) continue
      const resolved = isSpecial(thing) ? this.#options.special(thing) : thing
      const id = idOf(resolved)
      if (id === null || !hasId(resolved, id)) {
        this.#refuseActor(name, resolved)
        continue
      }
      if (this.kinds !== null) this.#checkActor(this.kinds, flag, name, id, resolved)
      actors.push(resolved)
      ids.push(id)
    }
    const gates = flag?.gates
    if (!gates || ids.length === 0) return this.#answer(flag, name, null, null, options)
    const scope = this.scope
    if (gates.groups === null) return decideMany(gates, ids, actors, scope)
    if (!this.#stack.enter(name)) return recursionAnswer(flag, options)
    try {
      return decideMany(gates, ids, actors, scope)
    } finally {
      this.#stack.leave()
    }
  }

  #answer(
    flag: Flag | undefined,
    name: string,
    id: string | null,
    actor: Actor | null,
    options: CheckOptions | undefined,
  ): Decision {
    if (flag === undefined) return options?.defaultEnabledIfUndefined === true ? decisions.defaultOn : decisions.unknown
    const { gates } = flag
    if (gates === null) return flag.answer ? decisions.defaultOn : decisions.defaultOff
    const scope = this.scope
    // Only a group's predicate can ask for flags in the middle of a check, so only there the stack is kept.
    if (gates.groups === null || actor === null) return decide(gates, id, actor, scope)
    if (!this.#stack.enter(name)) return recursionAnswer(flag, options)
    try {
      return decide(gates, id, actor, scope)
    } finally {
      this.#stack.leave()
    }
  }

  #checkUse(flag: Flag | undefined, name: string, options: CheckOptions | undefined): void {
    const definition = flag?.definition ?? null
    if (!this.strict) {
      // A wrong type is ignored, and a flag without a definition is reported once.
      if (definition === null) this.#undefined.report(name, options?.type)
      return
    }
    if (options !== undefined && options !== null && !isOptions(options))
      this.#refuse('invalid_arguments', name, describeOptions(options))
    const type = options?.type
    if (definition !== null && definition.type === (type ?? defaultTypeName)) return
    const fault = this.#options.catalog.usageFault(name, type)
    if (fault !== null) this.#options.misuse.throw(fault)
  }

  #refuseActor(name: string, thing: unknown): void {
    if (this.strict) this.#refuse('invalid_actor', name, describeThing(thing))
    this.#options.misuse.once('invalid_actor', name, () => {
      const { problem, remedy } = describeThing(thing)
      return `feature flag ${quoted(name)}: ${problem}; ${remedy}`
    })
  }

  /** In strict mode only. */
  #checkActor(kinds: KindCheck, flag: Flag | undefined, name: string, id: string, actor: Actor): void {
    const classFault = this.classes?.fault(id, actor) ?? null
    if (classFault !== null) this.#refuse('invalid_actor', name, classFault)
    const kindFault = kinds.fault(flag?.definition ?? null, id, actor)
    if (kindFault !== null) this.#options.misuse.throw(kindMismatch(name, kindFault))
  }

  #refuse(code: 'invalid_actor' | 'invalid_arguments', name: string, { problem, remedy }: ErrorParts): never {
    const parts = { problem: `feature flag ${quoted(name)}: ${problem}`, remedy }
    return this.#options.misuse.throw(new InvalidFeatureFlagError(code, parts))
  }
}
