// States of flags for one test, whatever is stored and whatever other tests have.
import type { ActorOfKind } from '../actors/actor.js'
import { ActorClasses } from '../actors/classes.js'
import { classOfKind } from '../actors/declared-kinds.js'
import { IdPattern } from '../actors/id-pattern.js'
import { FeatureError } from '../errors.js'
import { begun } from '../feature/begun.js'
import type { TargetOf } from '../feature/change/arguments.js'
import type { FlagName, KindOf } from '../feature/flag-name.js'
import { closeScope, inScope, scopeInForce } from '../feature/scope/scopes.js'
import { readStubs } from '../feature/scope/stub-reader.js'
import { rulesOfStubs } from '../feature/scope/stub-rules.js'
import { openInnerScope } from './test-scopes.js'

/** On or off for everybody; or on for these actors alone, whose kinds are those of the definition. */
export type FlagStub<Name extends FlagName> = boolean | TargetOf<KindOf<Name>> | readonly TargetOf<KindOf<Name>>[]

/** A stub for each of some flags. */
export type FlagStubs = { readonly [Name in FlagName]?: FlagStub<Name> }

/**
 * Lets flags answer so in the test under way, in place of all that is stored of them: for everybody, or for some actors alone. To be
 * called in a test or in a hook before each one; with the test the stubs are gone. A second stub of a flag replaces the first.
 * Throws InvalidFeatureFlagError (`unknown_flag`, `invalid_actor`, `actor_kind_mismatch`), and FeatureError: `no_test_scope` outside
 * of a test, `invalid_arguments`.
 *
 * @example
 * import { stubFeatureFlags } from 'sluice/testing'
 * stubFeatureFlags({ dark_mode: false, new_layout: project, new_search: [anna, ben] })
 */
export function stubFeatureFlags(stubs: FlagStubs): void {
  const features = readStubs('stubFeatureFlags', stubs)
  const scope = scopeInForce('stubFeatureFlags', () => false)
  if (scope?.isOpen !== true) throw outsideOfTests(scope !== null)
  scope.stub(features)
}

/**
 * Runs `fn` with flags that answer so in it and in all that it starts, and nowhere besides: in a test, and where there is no runner.
 * Returns the result of `fn`, and throws what it throws; otherwise as `stubFeatureFlags`.
 *
 * @example
 * import { withFeatureFlags } from 'sluice/testing'
 * const page = await withFeatureFlags({ dark_mode: project }, () => render(project))
 */
export function withFeatureFlags<Result>(stubs: FlagStubs, fn: () => Result): Result {
  const features = readStubs('withFeatureFlags', stubs)
  const scope = openInnerScope()
  let isWaiting = false
  try {
    scope.stub(features)
    const result = inScope(scope, () => begun(fn()))
    if (result instanceof Promise) {
      isWaiting = true
      const close = () => closeScope(scope)
      result.then(close, close)
    }
    return result
  } finally {
    if (!isWaiting) closeScope(scope)
  }
}

/**
 * Runs `fn` twice, first with the flag on and then with it off, each as `withFeatureFlags` does. An error that `fn` throws says in which
 * state.
 *
 * @example
 * import { bothStates } from 'sluice/testing'
 * await bothStates('dark_mode', async (isOn) => {
 *   expect((await render(project)).theme).toBe(isOn ? 'dark' : 'light')
 * })
 */
export function bothStates(flag: FlagName, fn: (isOn: boolean) => Promise<unknown>): Promise<void>
export function bothStates(flag: FlagName, fn: (isOn: boolean) => unknown): void
export function bothStates(flag: FlagName, fn: (isOn: boolean) => unknown): void | Promise<void> {
  const first = inState(flag, true, fn)
  if (!(first instanceof Promise)) {
    inState(flag, false, fn)
    return undefined
  }
  return first.then(async () => {
    await inState(flag, false, fn)
  })
}

function inState(flag: FlagName, isOn: boolean, fn: (isOn: boolean) => unknown): unknown {
  const told = (error: unknown): never => {
    if (error instanceof Error) tellState(error, `with the flag "${flag}" ${isOn ? 'on' : 'off'}: `)
    throw error
  }
  try {
    const result = withFeatureFlags({ [flag]: isOn }, () => fn(isOn))
    return result instanceof Promise ? result.catch(told) : result
  } catch (error) {
    return told(error)
  }
}

/** The same error, because runners show what its class has, such as the two sides of a comparison. */
function tellState(error: Error, state: string): void {
  const { message, stack } = error
  error.message = state + message
  if (stack !== undefined) error.stack = stack.replace(message, () => state + message)
}

let lastId = 1_000_000

/**
 * An actor of a class, without an object of the application; each call makes another one. The class is given by its name, or by the
 * form of its ids where the types name that: `User;{id}`.
 *
 * @example
 * import { stubFeatureFlagGate, stubFeatureFlags } from 'sluice/testing'
 * const project = stubFeatureFlagGate('Project')
 * stubFeatureFlags({ dark_mode: project })
 */
export function stubFeatureFlagGate<Kind extends string>(kind: Kind): ActorOfKind<Kind> {
  lastId += 1
  const pattern = kind.includes('{id}') ? new IdPattern(kind) : patternOf(kind)
  // The pattern writes ids of this form, which the compiler cannot see.
  return Object.freeze({ flipperId: pattern.write(String(lastId)) }) as ActorOfKind<Kind>
}

function patternOf(kind: string): IdPattern {
  for (const { config } of rulesOfStubs()) {
    const classes = new ActorClasses(config.actors)
    const className = classOfKind(kind, classes)
    if (classes.isRegistered(className)) return classes.pattern(className)
  }
  const classes = new ActorClasses()
  return classes.pattern(classOfKind(kind, classes))
}

function outsideOfTests(wasTest: boolean): FeatureError {
  const problem = wasTest
    ? 'stubFeatureFlags was called by code of a test that has ended'
    : 'stubFeatureFlags was called outside of a test'
  const remedy = wasTest
    ? 'await in the test what calls it'
    : 'load the setup file of the runner (sluice/testing/vitest or sluice/testing/jest; for node:test import test and the hooks from sluice/testing/node) ' +
      'and call it in a test or in beforeEach; withFeatureFlags(stubs, fn) works everywhere'
  return new FeatureError('no_test_scope', { problem, remedy })
}
