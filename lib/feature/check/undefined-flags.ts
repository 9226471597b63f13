// What production makes of flags without a definition: one report each, and no more work at the next check.
import type { InvalidFeatureFlagError } from '../../errors.js'
import type { Misuse } from './misuse.js'

/** What is remembered is bounded, in number and length: names may come from outside. */
const mostNames = 10_000
const longestName = 255

export type UsageFault = (name: string, type: string | undefined) => InvalidFeatureFlagError | null

export class UndefinedFlags {
  readonly #usageFault: UsageFault
  readonly #misuse: Misuse
  /** The names of which there is nothing left to say. Those of them that are not stored either are off. */
  readonly reported = new Set<string>()
  /** The type that excuses the missing definition of a flag. */
  readonly #excused = new Map<string, string>()

  constructor(usageFault: UsageFault, misuse: Misuse) {
    this.#usageFault = usageFault
    this.#misuse = misuse
  }

  /** Reports the name once, unless the type excuses it. Beyond the bounds it does nothing, so that it costs nothing. */
  report(name: string, type: string | undefined): void {
    if (this.reported.has(name) || (type !== undefined && this.#excused.get(name) === type)) return
    if (this.reported.size + this.#excused.size >= mostNames) return
    // Untyped callers may pass what is no text.
    if (typeof name === 'string' && name.length > longestName) return
    const fault = this.#usageFault(name, type)
    if (fault === null && type !== undefined) this.#excused.set(name, type)
    else this.reported.add(name)
    if (fault !== null) this.#misuse.once(fault.code, name, () => fault.message)
  }

  /** The definitions have changed. */
  clear(): void {
    this.reported.clear()
    this.#excused.clear()
  }
}
