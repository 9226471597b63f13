// The errors of this package; their codes are in error-table.ts.
import { type ErrorCode, type ErrorCodeOf, errorTable } from './error-table.js'
import { oneLine, printableLines } from './text/printable.js'

export { type ErrorClass, type ErrorCode, type ErrorCodeOf, errorTable } from './error-table.js'

/** The text of an error, and its cause. */
export interface ErrorParts {
  /** Says what is wrong, with the value in quotes. */
  readonly problem: string
  /** Says what to do about it. */
  readonly remedy: string
  /** The cause of the error, such as the error of a driver. */
  readonly cause?: unknown
}

/**
 * The base of every error this package throws. `code` is stable and listed in docs/errors.md; the message is `problem` and
 * `remedy`, joined by a semicolon. A program that has a remedy of its own shows that one:
 *
 *     try {
 *       await Feature.enable('dark_mode', user)
 *     } catch (error) {
 *       if (!(error instanceof FeatureError && error.code === 'opted_out')) throw error
 *       form.show(`${error.problem}. Ask an administrator to remove the opt-out.`)
 *     }
 */
export class FeatureError extends Error {
  readonly code: ErrorCode
  // Not enumerable: what prints an error prints its message, which has both.
  readonly #problem: string
  readonly #remedy: string

  constructor(code: ErrorCode, parts: ErrorParts) {
    // Escaped here and not where each text is made: names, values and answers of servers in it come from outside.
    const [problem, remedy] = [printableLines(parts.problem), printableLines(parts.remedy)]
    super(`${problem}; ${remedy}`, 'cause' in parts ? { cause: parts.cause } : {})
    this.code = code
    this.#problem = problem
    this.#remedy = remedy
    this.name = new.target.name
  }

  /** Says what is wrong, such as `"dark_mode": "User:1" is opted out, which beats every enable`. */
  get problem(): string {
    return this.#problem
  }

  /** Says what to do about it, such as `remove its opt-out first`. */
  get remedy(): string {
    return this.#remedy
  }

  /** The HTTP status that this error becomes. */
  get status(): number {
    return errorTable[this.code].status
  }
}

/** A flag, definition or actor is used wrongly (GitLab: `Feature::InvalidFeatureFlagError`). */
export class InvalidFeatureFlagError extends FeatureError {
  // Two codes of the base class, too: for the type or the options of a check, and for the name of a flag.
  constructor(code: ErrorCodeOf<'InvalidFeatureFlagError'> | 'invalid_arguments' | 'invalid_name', parts: ErrorParts) {
    super(code, parts)
  }
}

/** A change that contradicts what is stored (GitLab: `Feature::InvalidOperation`). */
export class InvalidOperation extends FeatureError {
  // A code of the base class, too: for a group that is registered already.
  constructor(code: ErrorCodeOf<'InvalidOperation'> | 'invalid_arguments', parts: ErrorParts) {
    super(code, parts)
  }
}

/** The configuration (options, environment or file) is wrong. */
export class ConfigurationError extends FeatureError {
  constructor(parts: ErrorParts) {
    super('invalid_configuration', parts)
  }
}

/** The store could not be reached or used, and nothing was written. */
export class StoreUnavailable extends FeatureError {
  // A code of the base class, too: for a refresh after stop().
  constructor(code: ErrorCodeOf<'StoreUnavailable'> | 'not_started', parts: ErrorParts) {
    super(code, parts)
  }
}

/** The connection was lost during COMMIT, and its outcome could not be found out. */
export class OutcomeUnknown extends FeatureError {
  constructor(parts: ErrorParts) {
    super('outcome_unknown', parts)
  }
}

/** The text of any thrown value, safe to log: on one line, printable, passwords in connection URLs cut out. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error)
  return oneLine(text.replace(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, '$1[hidden]@'))
}
