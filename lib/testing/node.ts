// node:test with a scope for each test: `import { beforeEach, test } from 'sluice/testing/node'`. The hooks of a test and its function get
// the same context object, which leads to its scope. Subtests (`t.test`) have scopes inside that of their test.
import * as runner from 'node:test'
import type { Scope } from '../feature/scope/scope.js'
import { ownScope } from '../feature/scope/scopes.js'
import { beginTests, closeTestScope, openTestScope, runInTest, throwCaughtUses } from './test-scopes.js'
import { type Registration, type TestFunction, wrapRegistering } from './wrapped-functions.js'

/** What is used of a test's context. */
interface Context {
  readonly name: string
  readonly fullName?: string
  readonly filePath?: string
  after(fn: () => void): void
  test: TestFunction
}

// Other runners say themselves that this is a test; without it an application would open its database.
process.env['NODE_ENV'] ??= 'test'
beginTests()

/** By the context of their test. */
const scopes = new WeakMap<object, Scope>()
/** Properties of `test` that register no test and no hook of one. */
const others: ReadonlySet<string> = new Set(['describe', 'suite', 'before', 'after'])

/** `test` of node:test, whose function and hooks run in a scope of their own. */
export const test: typeof runner.test = wrapRegistering(runner.test, scoped)
/** The same as `test`. */
export const it: typeof runner.it = wrapRegistering(runner.it, scoped)
/** `beforeEach` of node:test, which runs in the scope of each test. */
export const beforeEach: typeof runner.beforeEach = wrapRegistering(runner.beforeEach, scoped)
/** `afterEach` of node:test, which runs in the scope of each test. */
export const afterEach: typeof runner.afterEach = wrapRegistering(runner.afterEach, scoped)

function scoped(fn: TestFunction, { path }: Registration): TestFunction {
  if (path.some((name) => others.has(name))) return fn
  return function wrapped(this: unknown, ...given) {
    const [context] = given
    const call = () => fn.apply(this, given)
    return isContext(context) ? runInTest(scopeOf(context), call) : call()
  }
}

function scopeOf(context: Context): Scope {
  const known = scopes.get(context)
  if (known !== undefined) return known
  const test = { name: context.fullName ?? context.name, file: context.filePath ?? process.argv[1] ?? null }
  const scope = openTestScope(test, ownScope())
  scopes.set(context, scope)
  // node:test calls this after the hooks of the test, also where the test took too long.
  context.after(() => {
    closeTestScope(scope)
    throwCaughtUses(scope)
  })
  const subtest = context.test.bind(context)
  Object.defineProperty(context, 'test', {
    value: wrapRegistering(subtest, scoped),
    configurable: true,
    writable: true,
  })
  return scope
}

function isContext(value: unknown): value is Context {
  return typeof value === 'object' && value !== null && 'after' in value && 'test' in value
}
