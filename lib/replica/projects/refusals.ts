// What the store has just not had: a question that comes again within the second is refused without asking again. SDKs of some
// languages ask on after a refusal, each of them every few seconds.
import type { Clock } from '../../time/clock.js'

const holdMs = 1_000
const most = 10_000

export class Refusals {
  readonly #clock: Clock
  /** Until when, in the order of being added. */
  readonly #untilMs = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  has(question: string): boolean {
    return this.#clock.now() < (this.#untilMs.get(question) ?? Number.NEGATIVE_INFINITY)
  }

  add(question: string): void {
    this.#untilMs.delete(question)
    this.#untilMs.set(question, this.#clock.now() + holdMs)
    for (const [oldest, untilMs] of this.#untilMs) {
      if (this.#untilMs.size <= most && untilMs > this.#clock.now()) break
      this.#untilMs.delete(oldest)
    }
  }
}
