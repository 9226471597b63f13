// Questions to the store, put together: one statement is under way at a time, and what is asked meanwhile goes into the next one. So a
// burst of requests costs a few statements and one connection, and a store that is slow gets no pile of them.
//
// A caller waits 50 ms at most, and then goes on without an answer. While a statement is late or the store was just unreachable, callers
// do not wait at all.
import type { Clock } from '../time/clock.js'
import { holding } from '../time/hold.js'

/** A page must not wait for its experiments. */
export const patienceMs = 50
/** The most questions of one statement. */
const mostInOne = 1_000
/** The most that wait for the next one: for more there is no time within the patience. */
const mostWaiting = 10_000

interface Waiting<Question, Answer> {
  readonly question: Question
  answer(answer: Answer | null): void
  /** Whether its caller still waits. */
  isOpen: boolean
}

export interface BatchOptions<Question, Answer> {
  /** Answers in the order of the questions. */
  readonly send: (questions: readonly Question[]) => Promise<readonly (Answer | null)[]>
  readonly clock: Clock
  /** Whether the store may be asked now. */
  readonly isUsable: () => boolean
  /** Gets the error of a statement that failed. Such questions have no answer. */
  readonly failed: (error: unknown) => void
  readonly succeeded: () => void
  /** A caller went on without an answer. */
  readonly late: () => void
}

export class Batches<Question, Answer> {
  readonly #options: BatchOptions<Question, Answer>
  #waiting: Waiting<Question, Answer>[] = []
  #sentAtMs: number | null = null

  constructor(options: BatchOptions<Question, Answer>) {
    this.#options = options
  }

  /** The answer; null where there is none in time. Never rejects. */
  ask(question: Question): Promise<Answer | null> {
    const { clock, isUsable } = this.#options
    const isLate = this.#sentAtMs !== null && clock.now() - this.#sentAtMs > patienceMs
    if (!isUsable() || isLate || this.#waiting.length >= mostWaiting) return Promise.resolve(null)
    const answered = new Promise<Answer | null>((resolve) => {
      const timer = clock.deadline(patienceMs, () => {
        waiting.isOpen = false
        this.#options.late()
        resolve(null)
      })
      const answer = (given: Answer | null) => {
        timer.cancel()
        resolve(given)
      }
      const waiting: Waiting<Question, Answer> = { question, answer, isOpen: true }
      this.#waiting.push(waiting)
    })
    if (this.#sentAtMs === null) this.#begin()
    return holding(answered)
  }

  /** In a moment: what is asked in the same turn goes along. */
  #begin(): void {
    this.#sentAtMs = this.#options.clock.now()
    queueMicrotask(() => void this.#send())
  }

  async #send(): Promise<void> {
    const batch = this.#waiting.splice(0, mostInOne).filter(({ isOpen }) => isOpen)
    const answers = batch.length === 0 ? [] : await this.#answersOf(batch.map(({ question }) => question))
    for (const [index, waiting] of batch.entries()) waiting.answer(answers[index] ?? null)
    this.#sentAtMs = null
    if (this.#waiting.length > 0) this.#begin()
  }

  async #answersOf(questions: readonly Question[]): Promise<readonly (Answer | null)[]> {
    const { send, succeeded, failed } = this.#options
    try {
      const answers = await send(questions)
      succeeded()
      return answers
    } catch (error) {
      failed(error)
      return []
    }
  }
}
