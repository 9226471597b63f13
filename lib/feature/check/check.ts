// The check: synchronous, memory only. In strict mode wrong use throws; in production it is reported once and answered.
import type { Actor, SpecialActor } from '../../actors/actor.js'
import { quoted } from '../../text/printable.js'
import { defaultTypeName } from '../../definition/types.js'
import { type ErrorCode, errorText, InvalidFeatureFlagError } from '../../errors.js'
import { type Decision, type DecideScope, decide, decideMany, isOpenForActor, decisions } from '../../gates/decide.js'
import type { Flag } from '../../replica/flag.js'
import {
  type CheckOptions,
  describeOptions,
  describeThing,
  hasId,
  idOf,
  isOptions,
  isSpecial,
  listOf,
} from './arguments.js'
import { CheckStack } from './recursion-guard.js'
import { ClassCheck } from './actor-classes.js'
import type { Misuse } from './misuse.js'
import { UndefinedFlags, type UsageFault } from './undefined-flags.js'

export interface CheckerOptions {
  readonly strict: boolean
  readonly misuse: Misuse
  readonly scope: DecideScope
  /** What strict mode says of this name and type; null where the use is right. */
  readonly usageFault: UsageFault
  readonly special: (kind: SpecialActor) => Actor
  /** Registered classes of actors; null: every class is fine. */
  readonly classes: ReadonlySet<string> | null
}

export class Checker {
  readonly #options: CheckerOptions
  readonly #strict: boolean
  readonly #scope: DecideScope
  /** Null where every class is fine. */
  readonly #classes: ClassCheck | null
  readonly #stack: CheckStack
  readonly #undefined: UndefinedFlags

  constructor(options: CheckerOptions) {
    this.#options = options
    this.#strict = options.strict
    this.#scope = options.scope
    this.#stack = new CheckStack(options.misuse)
    this.#undefined = new UndefinedFlags(options.usageFault, options.misuse)
    this.#classes = options.strict && options.classes !== null ? new ClassCheck(options.classes) : null
  }

  /** Forgets what was said of names and types: the definitions have changed. */
  definitionsChanged(): void {
    this.#undefined.clear()
  }

  /** Names without a definition that were reported. Those of them that are not stored either are off: nothing is left to say. */
  get reported(): ReadonlySet<string> {
    return this.#undefined.reported
  }

  /**
   * The boolean of `decide`, by a shorter way where there is nothing to refuse or to report, and no group whose predicate could
   * ask for flags. `Prepared.enabled` has an even shorter one; here come checks in strict mode that give an actor, checks
   * inside `withRequest`, those with options, and a flag's first.
   */
  enabled(flag: Flag | undefined, name: string, thing: unknown, options: CheckOptions | undefined): boolean {
    const strict = this.#strict
    if (flag === undefined) {
      const plain = options === undefined && (thing === undefined || idOf(thing) !== null)
      if (plain && this.#undefined.reported.has(name)) return false
    } else if (strict ? flag.isDevelopment && options === undefined : flag.definition !== null) {
      const { fixedAnswer: settled, compiled } = flag
      if (settled !== null && (!strict || thing === undefined)) return settled
      const id = idOf(thing)
      if (id !== null && (this.#classes === null || this.#classes.fault(id) === null)) {
        if (settled !== null) return settled
        if (compiled !== null) {
          if (compiled.onlyActorsAndPercentage) return isOpenForActor(compiled, id)
          if (compiled.groups === null) return decide(compiled, id, null, this.#scope).value
        }
      }
    }
    return this.decide(flag, name, thing, options).value
  }

  /** Decides and says why. Throws InvalidFeatureFlagError in strict mode only. */
  decide(flag: Flag | undefined, name: string, thing: unknown, options: CheckOptions | undefined): Decision {
    if (this.#strict) return this.#decide(flag, name, thing, options)
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
    if (this.#classes !== null) this.#checkClass(this.#classes, name, id)
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
      if (this.#classes !== null) this.#checkClass(this.#classes, name, id)
      actors.push(resolved)
      ids.push(id)
    }
    const gates = flag?.gates
    if (!gates || ids.length === 0) return this.#answer(flag, name, null, null, options)
    const scope = this.#scope
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
    const scope = this.#scope
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
    if (!this.#strict) {
      // A wrong type is ignored, and a flag without a definition is reported once.
      if (definition === null) this.#undefined.report(name, options?.type)
      return
    }
    if (options !== undefined && options !== null && !isOptions(options))
      this.#refuse('invalid_arguments', name, describeOptions(options))
    const type = options?.type
    if (definition !== null && definition.type === (type ?? defaultTypeName)) return
    const fault = this.#options.usageFault(name, type)
    if (fault !== null) this.#options.misuse.throw(fault)
  }

  #refuseActor(name: string, thing: unknown): void {
    if (this.#strict) this.#refuse('invalid_actor', name, describeThing(thing))
    this.#options.misuse.once('invalid_actor', name, () => `feature flag ${quoted(name)}: ${describeThing(thing)}`)
  }

  #checkClass(classes: ClassCheck, name: string, id: string): void {
    const fault = classes.fault(id)
    if (fault !== null) this.#refuse('invalid_actor', name, fault)
  }

  #refuse(code: ErrorCode, name: string, what: string): never {
    return this.#options.misuse.throw(new InvalidFeatureFlagError(code, `feature flag ${quoted(name)}: ${what}`))
  }
}

function recursionAnswer(flag: Flag | undefined, options: CheckOptions | undefined): Decision {
  const byDefault = flag?.definition?.defaultEnabled ?? options?.defaultEnabledIfUndefined ?? false
  return byDefault ? decisions.recursionOn : decisions.recursionOff
}
