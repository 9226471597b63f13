// The way of tests to expect an invalid use of a flag.
import { InvalidFeatureFlagError } from '../errors.js'
import { expectingInvalidUse } from '../feature/check/misuse.js'

/**
 * Runs `fn` and returns the InvalidFeatureFlagError that it throws (or rejects with). Tests must expect such an error in this
 * way, because it is otherwise rethrown past every `catch`. Throws an Error if `fn` throws nothing or another error.
 */
export function expectInvalidFlag(fn: () => Promise<unknown>): Promise<InvalidFeatureFlagError>
export function expectInvalidFlag(fn: () => unknown): InvalidFeatureFlagError
export function expectInvalidFlag(fn: () => unknown): InvalidFeatureFlagError | Promise<InvalidFeatureFlagError> {
  return expectingInvalidUse(() => {
    let result: unknown
    try {
      result = fn()
    } catch (error) {
      return invalidFlag(error)
    }
    if (result instanceof Promise) return result.then(noError, invalidFlag)
    return noError()
  })
}

function invalidFlag(error: unknown): InvalidFeatureFlagError {
  if (error instanceof InvalidFeatureFlagError) return error
  throw new Error('expected an InvalidFeatureFlagError, but another error was thrown', { cause: error })
}

function noError(): never {
  throw new Error('expected an InvalidFeatureFlagError, but nothing was thrown')
}
