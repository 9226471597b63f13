// The errors that are wrong usage, and so exit code 2: the command line's own, and some codes of the library.
import type { ErrorCode, ErrorParts } from '../errors.js'

/** The command line itself is wrong, regardless of the stored content: exit code 2. */
export class UsageError extends Error {
  constructor({ problem, remedy }: ErrorParts) {
    super(`${problem}; ${remedy}`)
  }
}

/** Codes of errors that the command line alone shows. */
const usageCodes: ReadonlySet<ErrorCode> = new Set([
  'invalid_arguments',
  'invalid_name',
  'invalid_percentage',
  'invalid_point',
  'invalid_value',
  'percentage_with_target',
  'percentage_without_key',
])

/** Whether an error with this code is wrong usage. */
export function isUsageCode(code: ErrorCode): boolean {
  return usageCodes.has(code)
}
