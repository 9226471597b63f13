// Questions and answers, on a terminal or from a pipe. Questions go to stderr, so that stdout holds results only.
import { createInterface, type Interface } from 'node:readline'
import { printable } from '../../text/printable.js'
import { editableStream } from './gate.js'
import { type Io, Interrupted } from './io.js'
import { note } from './output.js'

export interface Question {
  readonly text: string
  /** What is wrong with an answer; null where it is fine. */
  readonly fault: (answer: string) => string | null
}

/** One conversation; holds the input until it is closed. */
export class Dialogue {
  readonly #io: Io
  readonly #lines: AsyncIterator<string>
  readonly #reader: Interface
  #interrupted = false

  constructor(io: Io) {
    this.#io = io
    this.#reader = createInterface({
      input: io.stdin,
      ...(this.interactive ? { output: editableStream(io.stderr), terminal: true } : { terminal: false }),
      prompt: '?> ',
      historySize: 0,
    })
    this.#lines = this.#reader[Symbol.asyncIterator]()
    this.#reader.once('SIGINT', () => {
      this.#interrupted = true
      this.#reader.close()
    })
  }

  /** Whether a person answers, who can be asked again. */
  get interactive(): boolean {
    return this.#io.stdin.isTTY === true && this.#io.stderr.isTTY === true
  }

  /**
   * The answer, trimmed; null at the end of the input. A person is asked again until the answer is right; from a pipe a
   * wrong answer is an error. Throws the error that `refuse` makes of a fault, and Interrupted.
   */
  async ask({ text, fault }: Question, refuse: (fault: string) => Error): Promise<string | null> {
    note(this.#io, `>> ${text}`)
    for (;;) {
      const answer = await this.#answer('?> ')
      if (answer === null) return null
      const wrong = fault(answer)
      if (wrong === null) return answer
      if (!this.interactive) throw refuse(wrong)
      note(this.#io, wrong)
    }
  }

  /** Whether the answer is yes. Throws Interrupted. */
  async confirm(question: string): Promise<boolean> {
    const answer = await this.#answer(`${printable(question)} [y/N] `)
    return /^y(es)?$/i.test(answer ?? '')
  }

  close(): void {
    this.#reader.close()
  }

  async #answer(prompt: string): Promise<string | null> {
    this.#reader.setPrompt(prompt)
    if (this.interactive) this.#reader.prompt()
    else this.#io.stderr.write(prompt)
    const next = await this.#lines.next()
    if (this.#interrupted) {
      this.#io.stderr.write('\n')
      throw new Interrupted()
    }
    const answer = next.done ? null : next.value.trim()
    // What comes from a pipe is not echoed by a terminal: without it, a log would not show what was answered.
    if (!this.interactive || answer === null) note(this.#io, answer ?? '')
    return answer
  }
}
