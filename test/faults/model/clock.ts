// A clock that moves when told to, as fast as the replicas' promises settle: a schedule plays in a millisecond or two.
import type { Clock } from '../../../lib/time/clock.js'

interface Waiting {
  readonly at: number
  readonly order: number
  readonly call: () => void
}

export class ModelClock implements Clock {
  #now = 0
  #count = 0
  #state = 1
  readonly #waiting = new Set<Waiting>()

  now(): number {
    return this.#now
  }

  /** The same numbers in every run, so that a schedule can be played again. */
  random(): number {
    this.#state = (this.#state * 48_271) % 2_147_483_647
    return this.#state / 2_147_483_647
  }

  after(delayMs: number, call: () => void) {
    const waiting = { at: this.#now + delayMs, order: this.#count++, call }
    this.#waiting.add(waiting)
    return { cancel: () => void this.#waiting.delete(waiting) }
  }

  /** Nothing else keeps the model from listening. */
  deadline(delayMs: number, call: () => void) {
    return this.after(delayMs, call)
  }

  /** Anything may happen in between. */
  nextTurn(): Promise<void> {
    return new Promise((resume) => this.after(1, resume))
  }

  /** Moves on, calling what is due in order, and lets promises settle after each call. */
  async advance(byMs: number): Promise<void> {
    const end = this.#now + byMs
    for (let due = this.#next(end); due !== null; due = this.#next(end)) {
      this.#waiting.delete(due)
      this.#now = due.at
      due.call()
      await settle()
    }
    this.#now = end
    await settle()
  }

  #next(end: number): Waiting | null {
    let next: Waiting | null = null
    for (const waiting of this.#waiting) {
      if (waiting.at > end) continue
      if (next === null || waiting.at < next.at || (waiting.at === next.at && waiting.order < next.order))
        next = waiting
    }
    return next
  }
}

/** Lets promises settle that need no timer of the system. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await Promise.resolve()
}
