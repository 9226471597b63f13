// Runs a function as the test of a runner, so that one test of this project can look at several at once.
import { closeTestScope, openTestScope, runInTest, throwCaughtUses } from '../../lib/testing/test-scopes.js'

export async function asTest<Result>(name: string, fn: () => Result): Promise<Awaited<Result>> {
  const scope = openTestScope({ name, file: null })
  try {
    // The `await` makes it go on where a runner would: outside of the scope.
    const result = await runInTest(scope, fn)
    throwCaughtUses(scope)
    return result
  } finally {
    closeTestScope(scope)
  }
}

/** A moment at which the test says that it is ready, and one at which it may go on. */
export interface Gate {
  readonly ready: Promise<void>
  readonly open: () => void
  pass(): Promise<void>
}

export function makeGate(): Gate {
  let [arrive, open] = [() => {}, () => {}]
  const ready = new Promise<void>((resolve) => {
    arrive = resolve
  })
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const pass = () => {
    arrive()
    return opened
  }
  return { ready, open, pass }
}
