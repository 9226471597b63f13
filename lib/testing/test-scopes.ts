// The scope of each test, for the entries of the runners: opened before its hooks, closed after them, and what it has to say then.
import { FeatureError } from '../errors.js'
import { begun } from '../feature/begun.js'
import type { Scope, ScopeDefaults, ScopedTest } from '../feature/scope/scope.js'
import { closeScope, inScope, nameOf, openScope } from '../feature/scope/scopes.js'
import { readsOf } from './flag-report.js'

/** How flags answer in tests. */
export interface FeatureFlagTestOptions {
  /**
   * The answer of a flag that no stub names and of which nothing is stored: `on`, as in GitLab's tests, or what its `definitions` say,
   * as in production, which end-to-end tests want. With the setup file of a runner: `on`; without one: `definitions`.
   */
  readonly defaults: 'on' | 'definitions'
}

/** Of scopes that are opened from now on. Without a setup file nothing changes. */
let defaultsNow: ScopeDefaults = 'definitions'

/**
 * Says how flags answer in the tests that begin after this call. It belongs into a setup file, after the one of the runner, or at the
 * top of a file with end-to-end tests. Throws FeatureError (`invalid_arguments`) for other options.
 *
 * @example
 * import 'sluice/testing/vitest'
 * import { setUpFeatureFlags } from 'sluice/testing'
 *
 * setUpFeatureFlags({ defaults: 'definitions' })
 */
export function setUpFeatureFlags({ defaults }: FeatureFlagTestOptions): void {
  if (defaults !== 'on' && defaults !== 'definitions') {
    const problem = `setUpFeatureFlags was given the defaults ${JSON.stringify(defaults)}`
    throw new FeatureError('invalid_arguments', {
      problem,
      remedy: "give { defaults: 'on' } or { defaults: 'definitions' }",
    })
  }
  defaultsNow = defaults
}

/** What every setup file does: all defined flags are on, and only what is wrong is logged, also by processes that tests start. */
export function beginTests(): void {
  defaultsNow = 'on'
  process.env['FEATURE_LOG_LEVEL'] ??= 'warn'
}

/** Opens the scope of a test. */
export function openTestScope(test: ScopedTest, parent: Scope | null = null): Scope {
  return openScope({ test, parent, defaults: defaultsNow, reads: readsOf(test) })
}

/** Opens a scope inside the one of the context, if there is one. */
export function openInnerScope(): Scope {
  return openScope({ test: null, defaults: defaultsNow, reads: null })
}

/** Closes it, and adds its reads to the report. Safe to call twice. */
export function closeTestScope(scope: Scope): void {
  if (!scope.isOpen) return
  closeScope(scope)
  scope.reads?.end()
}

/** Runs a function of the test. An error that leaves it is not reported again: the runner reports it. */
export function runInTest<Result>(scope: Scope, fn: () => Result): Result {
  const failed = (error: unknown): never => {
    letThrough(scope, error)
    throw error
  }
  try {
    const result = inScope(scope, () => begun(fn()))
    // For the caller it is the same promise: only its error is looked at on the way.
    return result instanceof Promise ? (result.catch(failed) as Result) : result
  } catch (error) {
    return failed(error)
  }
}

/** The same where a runner only tells the messages of the errors that it reports. */
export function letThroughMessages(scope: Scope, errors: readonly { readonly message: string }[]): void {
  for (const fault of scope.faults ?? []) {
    if (errors.some(({ message }) => message.includes(fault.message))) scope.faults?.delete(fault)
  }
}

function letThrough(scope: Scope, thrown: unknown): void {
  for (let error = thrown, depth = 0; error instanceof Error && depth < 10; error = error.cause, depth++) {
    if (error instanceof FeatureError) scope.faults?.delete(error)
  }
}

/** Throws for the invalid uses of flags that the test's code has caught. They count once. */
export function throwCaughtUses(scope: Scope): void {
  const caught = [...(scope.faults ?? [])]
  scope.faults?.clear()
  const errors = caught.map((error) => caughtUse(scope, error))
  if (errors.length > 1) throw new AggregateError(errors, errors.map(({ message }) => message).join('\n'))
  if (errors[0] !== undefined) throw errors[0]
}

function caughtUse(scope: Scope, cause: FeatureError): FeatureError {
  if (cause.code === 'tests_disagree') return cause
  const problem = `${nameOf(scope)} used a feature flag in an invalid way, and the error was caught: ${cause.problem}`
  const remedy = `${cause.remedy}. A test that expects the error calls expectInvalidFlag(() => …) of sluice/testing in place of toThrow()`
  const error = new FeatureError(cause.code, { problem, remedy })
  // The runner shows the line of the check, and not the one of this function.
  const frames = cause.stack?.split('\n').filter((line) => line.trimStart().startsWith('at ')) ?? []
  error.stack = [`${error.name}: ${error.message}`, ...frames].join('\n')
  return error
}
