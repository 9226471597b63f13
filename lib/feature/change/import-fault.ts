// The errors of data that cannot be imported.
import { FeatureError } from '../../errors.js'

export const again = 'export again, or correct that part'

/** `what` goes on after `this is not an export of feature flags:`. */
export function invalidImport(what: string, remedy = again): FeatureError {
  return new FeatureError('invalid_import', {
    problem: `this is not an export of feature flags: ${what}, so nothing was written`,
    remedy,
  })
}

/** A number in JSON is rounded beyond 2^53−1 when it is read, so no number is taken for an id. */
export function textRemedy(value: unknown): string {
  return typeof value === 'number' || typeof value === 'bigint' ? 'send it as text, in quotes' : again
}
