// JavaScript rounds numbers above 2^53 − 1 when it reads them: as an id, a rounded number names another record.
import { InvalidFeatureFlagError } from '../errors.js'

/** Whether a number may differ from the number that was written; false for a bigint, which keeps every digit. */
export function isRounded(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER
}

/** The error for a rounded id; `what` begins the sentence, as in `the id of this User`. */
export function roundedId(what: string, id: number): InvalidFeatureFlagError {
  return new InvalidFeatureFlagError('invalid_actor', {
    problem: `${what} is the number "${id}": beyond 2^53−1 numbers are rounded, so it may be another one's id`,
    remedy: 'send it as text, or as a bigint',
  })
}
