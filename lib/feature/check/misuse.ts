// Wrong use and faults met by checks: an error in strict mode, otherwise one line in the log for each kind and flag.
import { AsyncLocalStorage } from 'node:async_hooks'
import { type ErrorCode, errorText, type FeatureError } from '../../errors.js'
import type { Logger } from '../../log.js'
import { reportInvalidUse } from '../scope/faults.js'

/** Beyond this many different reports the next ones stay silent: names may come from outside. */
const mostReports = 10_000
const longestMark = 255

// The one exception to "no module-level state": a test's expectation must reach every instance, and an error thrown
// inside an async function is rethrown before its caller can catch the rejection.
let expectation: AsyncLocalStorage<true> | null = null

/** Runs `fn` such that invalid use inside it is thrown, but not rethrown in a microtask. */
export function expectingInvalidUse<T>(fn: () => T): T {
  expectation ??= new AsyncLocalStorage()
  return expectation.run(true, fn)
}

export class Misuse {
  readonly #logger: Logger
  readonly #reported = new Set<string>()
  readonly #rethrow: boolean

  /** `rethrow`: an error thrown in strict mode is also reported with its test or rethrown in a microtask, so that no `catch` can hide it. */
  constructor(logger: Logger, rethrow: boolean) {
    this.#logger = logger
    this.#rethrow = rethrow
  }

  /** Logs once for each code and flag. Marks before it logs: a logger may ask for flags itself. Never throws. */
  once(code: ErrorCode, flag: string, message: () => string): void {
    try {
      // Untyped callers may pass what is no text, and names of any length.
      const mark = `${code}\0${String(flag).slice(0, longestMark)}`
      if (this.#reported.has(mark) || this.#reported.size >= mostReports) return
      this.#reported.add(mark)
      this.#logger.error({ code, flag }, message())
    } catch {
      // A check never fails in production, whatever the application's logger (or a flag's name that is no text) does.
    }
  }

  /** Logs once that a group's predicate failed. Never throws. */
  reportGroup(name: string, error: unknown): void {
    this.once('unknown_group', name, () => `the predicate of the group "${name}" failed: ${errorText(error)}`)
  }

  /** Throws the error; in tests a `catch` in the code under test cannot hide it. */
  throw(error: FeatureError): never {
    if (this.#rethrow && expectation?.getStore() !== true) reportInvalidUse(error)
    throw error
  }
}
