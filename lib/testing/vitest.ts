// The setup file for Vitest: `setupFiles: ['sluice/testing/vitest']`. Each test has a scope of its own, its hooks and retries included.
import * as vitest from 'vitest'
import { ConfigurationError } from '../errors.js'
import { inScope } from '../feature/scope/scopes.js'
import { toHavePushedFeatureFlags } from './pushed-features.js'
import { beginTests, closeTestScope, letThroughMessages, openTestScope, throwCaughtUses } from './test-scopes.js'

// It also declares the matcher, for a program that names this entry alone.
export type { WantedFeatures } from './pushed-features.js'

/** What is read of Vitest's tasks. */
interface Task {
  readonly name: string
  readonly suite?: Task | undefined
  readonly file: { readonly filepath: string }
  readonly result?: { readonly errors?: readonly { readonly message: string }[] | undefined } | undefined
}

type AroundEach = (around: (runTest: () => Promise<void>, context: { readonly task: Task }) => Promise<void>) => void

/** Absent before Vitest 4.1, where an import of the name itself would fail with an error that does not say what to do. */
const aroundEach: AroundEach | undefined = Reflect.get(vitest, 'aroundEach')
if (aroundEach === undefined) {
  const problem = 'sluice/testing/vitest needs aroundEach, which this version of Vitest does not have'
  throw new ConfigurationError({
    problem,
    remedy: 'run "npm install --save-dev vitest@4", of which 4.1 is the oldest that has it',
  })
}

vitest.expect.extend({ toHavePushedFeatureFlags })
beginTests()
aroundEach(async (runTest, { task }) => {
  const scope = openTestScope({ name: nameOf(task), file: task.file.filepath })
  const before = task.result?.errors?.length ?? 0
  try {
    await inScope(scope, runTest)
    letThroughMessages(scope, task.result?.errors?.slice(before) ?? [])
    throwCaughtUses(scope)
  } finally {
    closeTestScope(scope)
  }
})

function nameOf(task: Task): string {
  const names = [task.name]
  for (let suite = task.suite; suite !== undefined; suite = suite.suite) names.unshift(suite.name)
  return names.join(' > ')
}
