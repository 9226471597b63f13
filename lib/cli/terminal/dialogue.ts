// Questions and answers, on a terminal or from a pipe. Questions go to stderr, so that stdout holds results only.
import { createInterface, type Interface } from 'node:readline'
import type { Config } from '../../config/config.js'
import type { ErrorParts } from '../../errors.js'
import { printable } from '../../text/printable.js'
import { holding } from '../../time/hold.js'
import { editableStream } from './gate.js'
import { type Cli, type Io, Interrupted } from './io.js'
import { note } from './output.js'
import { storeLabel } from './store-label.js'

export interface Question {
  readonly text: string
  /** The fault of an answer, and its remedy; null if the answer is good. */
  readonly fault: (answer: string) => ErrorParts | null
  /** How long a pipe has for the answer before the question counts as skipped; default: as long as the pipe is open. */
  readonly patienceMs?: number
}

/** Whether a person can be asked. */
export function hasPerson({ stdin, stderr }: Io): boolean {
  return stdin.isTTY === true && stderr.isTTY === true
}

/** Whether a command shows previews before it changes something: to a person on a terminal who did not ask for JSON. */
export function showsPreviews(io: Io, json = false): boolean {
  return !json && hasPerson(io) && io.stdout.isTTY === true
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

  /** Whether a person answers. A person can be asked again. */
  get interactive(): boolean {
    return hasPerson(this.#io)
  }

  /**
   * The answer, trimmed; null at the end of the input, and where a pipe has no answer in time. A person is asked again until the answer is good; from a pipe a wrong
   * answer is an error. Throws the error that `refuse` makes of a fault, and Interrupted.
   */
  async ask({ text, fault, patienceMs }: Question, refuse: (fault: ErrorParts) => Error): Promise<string | null> {
    note(this.#io, `>> ${text}`)
    for (;;) {
      const answer = await this.#answer('?> ', patienceMs)
      if (answer === null) return null
      const wrong = fault(answer)
      if (wrong === null) return answer
      if (!this.interactive) throw refuse(wrong)
      note(this.#io, `${wrong.problem}; ${wrong.remedy}`)
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

  async #answer(prompt: string, patienceMs?: number): Promise<string | null> {
    this.#reader.setPrompt(prompt)
    if (this.interactive) this.#reader.prompt()
    else this.#io.stderr.write(prompt)
    const line = await this.#next(patienceMs)
    if (this.#interrupted) {
      this.#io.stderr.write('\n')
      throw new Interrupted()
    }
    const answer = line?.trim() ?? null
    // A terminal does not echo the input of a pipe: without this line, a log would not show the answer.
    if (!this.interactive || answer === null) note(this.#io, answer ?? '')
    return answer
  }

  /** Null at the end of the input, and after `patienceMs` in a pipe; a person may think for as long as it takes. */
  async #next(patienceMs: number | undefined): Promise<string | null> {
    const line = this.#lines.next().then((next) => (next.done ? null : next.value))
    if (patienceMs === undefined || this.interactive) return line
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), patienceMs)
    })
    try {
      return await Promise.race([line, late])
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Asks before a change in production, if a person can answer. False: the person said no. Throws Interrupted. */
export async function confirmed(cli: Cli, config: Config, yes: boolean, question: string): Promise<boolean> {
  if (yes || config.env !== 'production' || !hasPerson(cli.io)) return true
  // No question is needed: opening will fail and name the missing option.
  if (config.store.kind === 'missing') return true
  return agree(cli, config, question)
}

/** Asks a person; the question names environment and database. False: the person said no. Throws Interrupted. */
export async function agree(cli: Cli, config: Config, question: string): Promise<boolean> {
  const { io } = cli
  // The question names the database, and a function may first have to say which one it is.
  if (config.database !== null) await holding(config.database.resolveOnce())
  const dialogue = new Dialogue(io)
  try {
    if (await dialogue.confirm(`${question} in ${config.env} (${storeLabel(config)})?`)) return true
  } catch (error) {
    if (error instanceof Interrupted) note(io, nothingChanged)
    throw error
  } finally {
    dialogue.close()
  }
  note(io, nothingChanged)
  cli.fail()
  return false
}

const nothingChanged = 'Nothing was changed.'
