// Evaluates code piece by piece without a terminal, on Node's REPL, which is the only way to its top-level await.
//
// States: idle, then evaluating one piece (`#reject` is set) until it answers. An unfinished piece and a syntax error
// come back through the REPL's callback. An error that the code throws goes to the REPL's own error handler instead, which
// calls `writer` to print it: `writer` catches it. An error that comes while idle was thrown in a promise that was not
// awaited.
import { type REPLServer, start } from 'node:repl'
import { PassThrough } from 'node:stream'
import { awaitAnswers } from './evaluate.js'

export class Evaluator {
  readonly #server: REPLServer
  readonly #names: readonly string[]
  #reject: ((error: unknown) => void) | null = null

  /** `onStray` gets the errors of promises that were not awaited. */
  constructor(globals: ReadonlyMap<string, unknown>, onStray: (error: unknown) => void) {
    this.#server = start({
      input: new PassThrough(),
      output: new PassThrough().resume(),
      prompt: '',
      terminal: false,
      // With globals of its own, its arrays and objects would have other classes than the library's.
      useGlobal: true,
      writer: (error: unknown) => {
        const reject = this.#reject ?? onStray
        this.#reject = null
        reject(error)
        // Not empty: otherwise the REPL would ask again. The output has no reader.
        return 'written'
      },
    })
    awaitAnswers(this.#server)
    this.#names = [...globals.keys()]
    Object.assign(this.#server.context, Object.fromEntries(globals))
  }

  /** Resolves to the answer. Rejects with the error of the code, and with Node's `Recoverable` if the code is unfinished. */
  evaluate(code: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (error: unknown, result: unknown) => {
        this.#reject = null
        if (error === null || error === undefined) resolve(result)
        else reject(error)
      }
      this.#reject = reject
      this.#server.eval.call(this.#server, code, this.#server.context, 'console', settle)
    })
  }

  /** Removes the globals again. */
  close(): void {
    this.#server.close()
    for (const name of this.#names) Reflect.deleteProperty(this.#server.context, name)
  }
}
