// Where an invalid use is reported that code under test may catch: with the test that did it, otherwise past every `catch`.
import { FeatureError } from '../../errors.js'
import { innermostScopes, leftScope, nameOf, ownScope } from './scopes.js'

/** Leaves the error with the test under way, whose runner reports it; where no test is known, throws it in a microtask. */
export function reportInvalidUse(error: FeatureError): void {
  const own = ownScope()
  const left = own === null ? leftScope() : null
  const running = own === null && left === null ? innermostScopes() : []
  const scope = own ?? (running.length === 1 ? running[0] : undefined)
  if (scope?.faults) {
    scope.faults.add(error)
    return
  }
  const when = left !== null ? `${nameOf(left)} had ended, and its code` : running.slice(0, 3).map(nameOf).join(' or ')
  const told = when === '' ? error : withTests(error, when)
  queueMicrotask(() => {
    throw told
  })
}

function withTests(error: FeatureError, tests: string): FeatureError {
  const problem = `${tests} used a feature flag in an invalid way: ${error.problem}`
  return new FeatureError(error.code, { problem, remedy: error.remedy, cause: error })
}
