// Which flags are being decided: a group's predicate may ask for flags, and must not ask for the one it decides.
import { type Decision, decisions } from '../../gates/decide.js'
import type { Flag } from '../../replica/flag.js'
import { printable, quoted } from '../../text/printable.js'
import type { CheckOptions } from './arguments.js'
import type { Misuse } from './misuse.js'

/** More flags than this, one asked inside the other, are taken for recursion (GitLab: `Feature.unsafe_get`). */
const deepest = 10

/** Outermost first. Predicates are synchronous: a check that enters leaves before any other check begins. */
export class CheckStack {
  readonly #flags: string[] = []
  readonly #misuse: Misuse

  constructor(misuse: Misuse) {
    this.#misuse = misuse
  }

  /** Whether the flag may be decided now, and then `leave` must follow. Reports recursion once. Never throws. */
  enter(name: string): boolean {
    const flags = this.#flags
    if (flags.length > deepest || flags.includes(name)) {
      const path = [...flags, name].map(printable).join(' → ')
      const message = () =>
        `feature flag ${quoted(name)} was asked while deciding it (${path}); its default is answered`
      this.#misuse.once('recursion', name, message)
      return false
    }
    flags.push(name)
    return true
  }

  leave(): void {
    this.#flags.pop()
  }

  /** Runs it while the flag is being decided. */
  whileIn<T>(name: string, decide: () => T): T {
    const mayLeave = this.enter(name)
    try {
      return decide()
    } finally {
      if (mayLeave) this.leave()
    }
  }

  /** Runs it, and leaves afterwards what it has entered and not left. */
  keeping<T>(run: () => T): T {
    const depth = this.#flags.length
    try {
      return run()
    } finally {
      this.#flags.length = Math.min(this.#flags.length, depth)
    }
  }
}

/** What is answered for a flag that is asked while it is decided: its default. */
export function recursionAnswer(flag: Flag | undefined, options: CheckOptions | undefined): Decision {
  const byDefault = flag?.definition?.defaultEnabled ?? options?.defaultEnabledIfUndefined ?? false
  return byDefault ? decisions.recursionOn : decisions.recursionOff
}
