// The setup file for Jest: `setupFilesAfterEnv: ['sluice/testing/jest']`. Jest runs the tests of a file one after the other, in no context
// of their own, so that the scope of the test under way is opened by a hook; what it registers runs inside of that scope. Tests
// that are `concurrent` have no hooks, and each has a scope of its own.
//
// What is imported from @jest/globals are Jest's own functions, and not those that stand here in the place of the global ones. A test that
// is registered with them runs in no scope: that of its file is the only one then, and so it is in force. `concurrent` is replaced in
// Jest's own function, because several of them run at once.
import { ConfigurationError } from '../errors.js'
import type { Scope } from '../feature/scope/scope.js'
import { toHavePushedFeatureFlags } from './pushed-features.js'
import { beginTests, closeTestScope, openTestScope, runInTest, throwCaughtUses } from './test-scopes.js'
import { type Wrap, wrapRegistering } from './wrapped-functions.js'

// It also declares the matcher, for a program that names this entry alone.
export type { WantedFeatures } from './pushed-features.js'

interface JestGlobals {
  beforeEach(fn: () => void): void
  afterEach(fn: () => void): void
  afterAll(fn: () => void): void
  readonly expect: {
    getState(): { readonly currentTestName?: string; readonly testPath?: string }
    extend(matchers: { readonly toHavePushedFeatureFlags: typeof toHavePushedFeatureFlags }): void
  }
}

/** The scope of the test that runs, and of its hooks; null before the first one. */
let fileScope: Scope | null = null
/** Whether its test has run, so that what comes next are its last hooks, or other tests. */
let isOver = false

// Not called `jest`: in CommonJS that name is a variable of every module.
const runner = globalsOfJest()
runner.expect.extend({ toHavePushedFeatureFlags })
beginTests()
runner.beforeEach(() => {
  endFileScope()
  const { currentTestName = '', testPath = null } = runner.expect.getState()
  fileScope = openTestScope({ name: currentTestName, file: testPath })
  isOver = false
})
// The scope stays in force for the hooks after this one: Jest runs them in the order in which they are written.
runner.afterEach(() => {
  isOver = true
  if (fileScope !== null) throwCaughtUses(fileScope)
})
runner.afterAll(endFileScope)

replace(Reflect.get(globalThis, 'test'), 'concurrent', (fn, { name }) => {
  return function wrapped(this: unknown, ...given) {
    return runConcurrent(name, () => fn.apply(this, given))
  }
})
for (const name of ['test', 'it', 'fit', 'xit', 'xtest', 'beforeEach', 'afterEach'] as const)
  replace(globalThis, name, (fn, { path }) => {
    if (path.includes('concurrent')) return fn
    return function wrapped(this: unknown, ...given) {
      return runInFile(() => fn.apply(this, given))
    }
  })

function endFileScope(): void {
  const scope = fileScope
  fileScope = null
  if (scope === null) return
  closeTestScope(scope)
  throwCaughtUses(scope)
}

function runInFile(fn: () => unknown): unknown {
  const scope = fileScope
  return scope === null ? fn() : runInTest(scope, fn)
}

async function runConcurrent(name: string, fn: () => unknown): Promise<unknown> {
  // The test before is over, although no hook says so: with its scope this one would not be the only one.
  if (isOver) endFileScope()
  const scope = openTestScope({ name, file: runner.expect.getState().testPath ?? null })
  try {
    const result = await runInTest(scope, fn)
    throwCaughtUses(scope)
    return result
  } finally {
    closeTestScope(scope)
  }
}

function replace(holder: object, name: string, wrap: Wrap): void {
  const known: unknown = Reflect.get(holder, name)
  if (typeof known === 'function') Reflect.set(holder, name, wrapRegistering(known, wrap))
}

function globalsOfJest(): JestGlobals {
  const given: object = globalThis
  if (hasJest(given)) return given
  const problem = 'sluice/testing/jest was loaded where the functions of Jest (beforeEach, expect) are not global'
  const remedy = 'name it in setupFilesAfterEnv of the configuration of Jest, and leave injectGlobals on'
  throw new ConfigurationError({ problem, remedy })
}

function hasJest(given: object): given is JestGlobals {
  return ['beforeEach', 'afterEach', 'afterAll', 'expect'].every(
    (name) => typeof Reflect.get(given, name) === 'function',
  )
}
