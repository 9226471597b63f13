// A clock that moves when told to.
import type { Clock } from '../../lib/time/clock.js'

interface Waiting {
  readonly at: number
  readonly call: () => void
}

export class ManualClock implements Clock {
  chance = 0.5
  #now = 0
  readonly #waiting = new Set<Waiting>()

  now(): number {
    return this.#now
  }

  random(): number {
    return this.chance
  }

  after(delayMs: number, call: () => void) {
    const waiting = { at: this.#now + delayMs, call }
    this.#waiting.add(waiting)
    return { cancel: () => void this.#waiting.delete(waiting) }
  }

  /** Nothing else keeps this process from listening. */
  deadline(delayMs: number, call: () => void) {
    return this.after(delayMs, call)
  }

  nextTurn(): Promise<void> {
    return new Promise((resume) => setImmediate(resume))
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#waiting.size
  }

  /** Moves on, calling what is due in order, and lets promises settle after each call. */
  async advance(byMs: number): Promise<void> {
    const end = this.#now + byMs
    for (;;) {
      const due = [...this.#waiting].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (due === undefined) break
      this.#waiting.delete(due)
      this.#now = due.at
      due.call()
      await settle()
    }
    this.#now = end
    await settle()
  }
}

/** Lets everything that needs no I/O come to rest. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}
