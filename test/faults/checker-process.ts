// A checker process as a test sees it.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { compiledProgram } from './program.js'
import type { Answer, Answers, Command, Expected, Look, SentOptions } from './process/messages.js'

interface Asked {
  readonly done: (value: unknown) => void
  readonly fail: (error: Error) => void
}

const alive = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of alive) child.kill('SIGKILL')
})

export class CheckerProcess {
  /** The numbers of the writes that a load was told to be done, as far as they have been heard of. */
  readonly acknowledged: number[] = []
  readonly #child: ChildProcess
  readonly #asked = new Map<number, Asked>()
  #count = 0
  #stderr = ''

  constructor() {
    this.#child = fork(compiledProgram(), {
      // Not those of the test runner.
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    alive.add(this.#child)
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4_000)
    })
    this.#child.on('message', (answer: Answer) => this.#hear(answer))
    this.#child.on('error', () => {}) // A message to a process that has just been killed; whoever asked is told below.
    this.#child.on('exit', (code, signal) => {
      alive.delete(this.#child)
      const gone = new Error(`the checker process ended with ${code ?? signal}: ${this.#stderr}`)
      for (const { fail } of this.#asked.values()) fail(gone)
      this.#asked.clear()
    })
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Starts `copies` instances and, where answers are expected, the loop that asks. Resolves with the time until ready. */
  async start(options: SentOptions, expected: readonly Expected[] = [], copies = 1): Promise<number> {
    return (await this.ask({ do: 'start', options, expected, copies })).readyMs
  }

  /**
   * As `start`, but it is asked for `expected` once it has content, and before that for `always`: where its Postgres takes over a
   * second, and no copy is known to be its own, a process begins with its definitions.
   */
  async startWithContent(
    options: SentOptions,
    expected: readonly Expected[],
    always: readonly Expected[] = [],
  ): Promise<number> {
    const readyMs = await this.start(options, always)
    while ((await this.look()).statuses[0]?.source === 'definitions') await setTimeout(20)
    await this.ask({ do: 'expect', expected })
    return readyMs
  }

  look(): Promise<Look> {
    return this.ask({ do: 'look' })
  }

  /** Sends a command and resolves with its answer. Rejects where the process fails or ends. */
  ask<C extends Command>(command: C): Promise<Answers[C['do']]> {
    const id = this.#count++
    return new Promise((done, fail) => {
      // The answer carries the id of the command, which says what type it has.
      this.#asked.set(id, { done: (value) => done(value as Answers[C['do']]), fail })
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) fail(new Error(`ended: ${this.#stderr}`))
      else this.#child.send({ id, command }, (error) => error && fail(error))
    })
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Sends the signal and resolves with the exit code, null where the signal ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return this.#child.exitCode
    const gone = once(this.#child, 'exit')
    this.#child.kill(signal)
    await gone
    return this.#child.exitCode
  }

  #hear(answer: Answer): void {
    if ('acknowledged' in answer) {
      this.acknowledged.push(answer.acknowledged)
      return
    }
    const asked = this.#asked.get(answer.id)
    this.#asked.delete(answer.id)
    if ('error' in answer) asked?.fail(new Error(answer.error))
    else asked?.done(answer.value)
  }
}
