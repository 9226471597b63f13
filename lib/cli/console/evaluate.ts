// Evaluation as in Node's REPL (top-level await, names that last), with one addition: an answer that is a promise is awaited,
// so that a forgotten `await` shows the result and not `Promise { <pending> }`.
import type { REPLServer } from 'node:repl'
import type { Context } from 'node:vm'
import { expectingInvalidUse } from '../../feature/check/misuse.js'

type Callback = (error: Error | null, result: unknown) => void
type Evaluate = (this: REPLServer, code: string, context: Context, file: string, callback: Callback) => void

/** Makes the REPL await the answers of its lines. */
export function awaitAnswers(server: REPLServer): void {
  const evaluate: Evaluate = server.eval
  const awaiting: Evaluate = (code, context, file, callback) => {
    const answer: Callback = (error, result) => {
      if (error !== null || !isThenable(result)) return callback(error, result)
      result.then(
        (value) => callback(null, value),
        (reason: unknown) => callback(reason instanceof Error ? reason : new Error(String(reason)), undefined),
      )
    }
    // A line that uses a flag wrongly gets the error as its answer; in tests it would otherwise end the process too.
    expectingInvalidUse(() => evaluate.call(server, code, context, file, answer))
  }
  Object.assign(server, { eval: awaiting })
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
