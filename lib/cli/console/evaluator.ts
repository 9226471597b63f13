// Evaluates code piece by piece without a terminal, on Node's REPL: there is no other way to its top-level await.
//
// States: idle, then evaluating one piece (`#reject` is set) until it answers. An unfinished piece and a syntax error
// come back through the REPL's callback; what the code throws goes to the REPL's own error handler instead, which has
// the error written by `writer`: that is where it is caught. An error that comes while idle was thrown by something
// that nobody awaited.
import { type REPLServer, start } from 'node:repl'
import { PassThrough } from 'node:stream'
import { awaitAnswers } from './evaluate.js'

export class Evaluator {
  readonly #server: REPLServer
  readonly #names: readonly string[]
  #reject: ((error: unknown) => void) | null = null

  /** `onStray` is told of errors in code that nobody awaited. */
  constructor(globals: ReadonlyMap<string, unknown>, onStray: (error: unknown) => void) {
    this.#server = start({
      input: new PassThrough(),
      output: new PassThrough().resume(),
      prompt: '',
      terminal: false,
      // With globals of its own, arrays and objects made here would be of other classes than those of the library.
      useGlobal: true,
      writer: (error: unknown) => {
        const reject = this.#reject ?? onStray
        this.#reject = null
        reject(error)
        // Not empty: the REPL would ask again. Nobody reads its output.
        return 'written'
      },
    })
    awaitAnswers(this.#server)
    this.#names = [...globals.keys()]
    Object.assign(this.#server.context, Object.fromEntries(globals))
  }

  /** Resolves to the answer. Rejects with what the code throws, and with Node's `Recoverable` where it is unfinished. */
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

  /** Takes the globals back. */
  close(): void {
    this.#server.close()
    for (const name of this.#names) Reflect.deleteProperty(this.#server.context, name)
  }
}
