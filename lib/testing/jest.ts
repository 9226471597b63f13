// The setup file for Jest: `setupFilesAfterEnv: ['sluice/testing/jest']`. Jest runs the tests of a file one after the other, in no context
// of their own, so that the scope of the test under way is opened by a hook; what it registers runs inside of that scope. Tests
// that are `concurrent` begin before all hooks, and each has a scope of its own.
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

// Not called `jest`: in CommonJS that name is a variable of every module.
const runner = globalsOfJest()
runner.expect.extend({ toHavePushedFeatureFlags })
beginTests()
runner.beforeEach(() => {
  endFileScope()
  const { currentTestName = '', testPath = null } = runner.expect.getState()
  fileScope = openTestScope({ name: currentTestName, file: testPath })
})
// The scope stays in force for the hooks after this one: Jest runs them in the order in which they are written.
runner.afterEach(() => {
  if (fileScope !== null) throwCaughtUses(fileScope)
})
runner.afterAll(endFileScope)

for (const name of ['test', 'it', 'fit', 'xit', 'xtest'] as const)
  replace(name, (fn, { path, name: title }) => {
    const isConcurrent = path.includes('concurrent')
    return function wrapped(this: unknown, ...given) {
      return isConcurrent ? runConcurrent(title, () => fn.apply(this, given)) : runInFile(() => fn.apply(this, given))
    }
  })
for (const name of ['beforeEach', 'afterEach'] as const)
  replace(name, (fn) => {
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
  const scope = openTestScope({ name, file: runner.expect.getState().testPath ?? null })
  try {
    const result = await runInTest(scope, fn)
    throwCaughtUses(scope)
    return result
  } finally {
    closeTestScope(scope)
  }
}

function replace(name: string, wrap: Wrap): void {
  const known: unknown = Reflect.get(globalThis, name)
  if (typeof known === 'function') Reflect.set(globalThis, name, wrapRegistering(known, wrap))
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
