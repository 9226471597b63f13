// What production makes of flags without a definition: one report each, and no more work at the next check.
import type { InvalidFeatureFlagError } from '../errors.js'
import type { Reporter } from './report.js'

/** What is remembered is bounded, in number and length: names may come from outside. */
const mostNames = 10_000
const longestName = 255

export type UsageFault = (name: string, type: string | undefined) => InvalidFeatureFlagError | null

export class UndefinedFlags {
  readonly #usageFault: UsageFault
  readonly #reporter: Reporter
  /** True for a name that was reported, else the type that excuses the missing definition. */
  readonly #known = new Map<string, string | true>()

  constructor(usageFault: UsageFault, reporter: Reporter) {
    this.#usageFault = usageFault
    this.#reporter = reporter
  }

  /** Whether there is nothing left to say of this name. */
  isReported(name: string): boolean {
    return this.#known.get(name) === true
  }

  /** Reports the name once, unless the type excuses it. Beyond the bounds it does nothing, so that it costs nothing. */
  report(name: string, type: string | undefined): void {
    const known = this.#known.get(name)
    if (known === true || (known !== undefined && known === type)) return
    if (this.#known.size >= mostNames) return
    // Untyped callers may pass what is no text.
    if (typeof name === 'string' && name.length > longestName) return
    const fault = this.#usageFault(name, type)
    this.#known.set(name, fault === null && type !== undefined ? type : true)
    if (fault !== null) this.#reporter.once(fault.code, name, () => fault.message)
  }

  /** The definitions have changed. */
  clear(): void {
    this.#known.clear()
  }
}
