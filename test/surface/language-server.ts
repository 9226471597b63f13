// A language server as an editor talks to it: a process of its own, messages over its pipes, an end for certain.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

/** How a kind of server frames what is sent to it, and tells which answer belongs to which question. */
export interface Dialect {
  /** What is written to the server. */
  frame(message: object): string
  /** The number of the question that the message answers; null for what is no answer. */
  answers(message: Readonly<Record<string, unknown>>): number | null
  /** What the server's own question is answered with; null for what is no question. */
  reply(message: Readonly<Record<string, unknown>>): object | null
}

/** A server reads a project in a second or two, and on a machine that has much to do in a minute; past this it hangs. */
export const answerMs = 120_000
const farewellMs = 5_000

export class LanguageServer {
  readonly #dialect: Dialect
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #ended: Promise<void>
  readonly #waiting = new Map<number, (message: Readonly<Record<string, unknown>>) => void>()
  #unread: Buffer = Buffer.alloc(0)
  #complaints = ''

  constructor(dialect: Dialect, command: readonly [program: string, ...values: string[]], folder: string) {
    const [program, ...values] = command
    this.#dialect = dialect
    this.#child = spawn(program, values, { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] })
    this.#child.stdin.on('error', () => {}) // It has ended: the question that was asked says so in time.
    this.#child.stdout.on('data', (bytes: Buffer) => this.#read(bytes))
    this.#child.stderr.on('data', (bytes: Buffer) => {
      this.#complaints = (this.#complaints + bytes).slice(-2_000)
    })
    this.#ended = new Promise((ended) => {
      this.#child.once('error', () => ended())
      this.#child.once('close', () => ended())
    })
  }

  /** The id of the process, for those who want to see it gone. */
  get pid(): number {
    return this.#child.pid ?? 0
  }

  tell(message: object): void {
    this.#child.stdin.write(this.#dialect.frame(message))
  }

  /** The message that answers the question of this number. Throws with what the server wrote where none comes in time. */
  async ask(number: number, question: object): Promise<Readonly<Record<string, unknown>>> {
    const answer = new Promise<Readonly<Record<string, unknown>>>((answered) => this.#waiting.set(number, answered))
    this.tell(question)
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), answerMs)
    const noAnswer = new Promise<null>((resolve) => late.signal.addEventListener('abort', () => resolve(null)))
    const gone = this.#ended.then(() => null)
    try {
      const message = await Promise.race([answer, noAnswer, gone])
      if (message !== null) return message
      throw new Error(`the language server did not answer ${JSON.stringify(question)}; it wrote: ${this.#complaints}`)
    } finally {
      clearTimeout(timer)
      this.#waiting.delete(number)
    }
  }

  /** Ends the process, by force where it does not go by itself when nobody writes to it any more. */
  async end(): Promise<void> {
    this.#child.stdin.end()
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), farewellMs)
    await this.#ended
    clearTimeout(timer)
  }

  /** Both kinds of server head each message with its length in bytes. */
  #read(bytes: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, bytes])
    for (;;) {
      const endOfHead = this.#unread.indexOf('\r\n\r\n')
      if (endOfHead < 0) return
      const [, length] = /content-length: *(\d+)/i.exec(this.#unread.toString('latin1', 0, endOfHead)) ?? []
      const [start, end] = [endOfHead + 4, endOfHead + 4 + Number(length)]
      if (this.#unread.length < end) return
      const message: Readonly<Record<string, unknown>> = JSON.parse(this.#unread.toString('utf8', start, end))
      this.#unread = this.#unread.subarray(end)
      this.#take(message)
    }
  }

  #take(message: Readonly<Record<string, unknown>>): void {
    const reply = this.#dialect.reply(message)
    if (reply !== null) this.tell(reply)
    const number = this.#dialect.answers(message)
    if (number !== null) this.#waiting.get(number)?.(message)
  }
}
