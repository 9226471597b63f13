// One flag as checks read it: its definition and its gates. Gates are compiled when they are first asked for: a process
// asks for some of the flags that are stored, and a boot has to take over all of them.
import type { Definition } from '../definition/definition.js'
import { type CompiledGates, compileGates } from '../gates/compile.js'
import type { StoredFeature } from '../state/state.js'

export class Flag {
  readonly name: string
  readonly definition: Definition | null
  readonly stored: StoredFeature | null
  /** Whether a check that names no type is right for this flag: a flag of the type `development` that has a definition. */
  readonly isDevelopment: boolean
  /** The part of `answer` that is known without compiling. */
  fixedAnswer: boolean | null
  /** The compiled part of `gates`. */
  compiled: CompiledGates | null = null
  // What the shortcut of a check reads, by mode: feature/check/fast-path.ts says when each may answer. They are fields of the flag
  // itself because an object around them is one load more in every check.
  fastAnswer: boolean | null = null
  fastAnswerStrict: boolean | null = null
  fastGates: CompiledGates | null = null
  fastGatesStrict: CompiledGates | null = null

  /** `name` is interned: a look-up by a literal then compares addresses. */
  constructor(name: string, definition: Definition | null, stored: StoredFeature | null) {
    this.name = name
    this.definition = definition
    this.stored = stored
    this.isDevelopment = definition?.type === 'development'
    // Default-on counts only while nothing is stored (GitLab: `Feature.enabled?`).
    this.fixedAnswer = stored === null ? (definition?.defaultEnabled ?? false) : null
    this.#prepareShortcut()
  }

  /** The compiled gates; null if nothing is stored. */
  get gates(): CompiledGates | null {
    if (this.compiled === null && this.stored !== null) this.#compile(this.stored)
    return this.compiled
  }

  /** The answer if it is the same for all actors, the default included; null if the gates must be asked. */
  get answer(): boolean | null {
    return this.gates === null || this.compiled === null ? this.fixedAnswer : answerOf(this.compiled)
  }

  /** The flag with another definition; its stored rows stay compiled. */
  redefined(definition: Definition | null): Flag {
    const flag = new Flag(this.name, definition, this.stored)
    if (this.compiled !== null) flag.#take(this.compiled)
    return flag
  }

  #compile(stored: StoredFeature): void {
    this.#take(compileGates(this.name, stored.gates))
  }

  #take(gates: CompiledGates): void {
    this.compiled = gates
    this.fixedAnswer = answerOf(gates)
    this.#prepareShortcut()
  }

  #prepareShortcut(): void {
    // A group's predicate gets the actor, and could ask for flags.
    const gates = this.compiled?.groups === null ? this.compiled : null
    if (this.definition !== null) {
      this.fastAnswer = this.fixedAnswer
      this.fastGates = gates
    }
    // Where the definition names kinds of actors, strict mode has to look at the actor.
    if (this.isDevelopment && this.definition?.actor === null) {
      this.fastAnswerStrict = this.fixedAnswer
      this.fastGatesStrict = gates
    }
  }
}

function answerOf(gates: CompiledGates): boolean | null {
  return gates.kind === 'conditional' ? null : gates.kind === 'on'
}
