// The number of events in the last minute, by key. A clock that is never set measures minutes: with the wall clock, a
// correction would end a limit early or hold it for hours.

const minuteMs = 60_000
const mostKeys = 5_000

interface Count {
  count: number
  readonly sinceMs: number
}

export interface Counted {
  readonly count: number
  /** Until the key counts from zero again. */
  readonly ttlMs: number
}

export class MinuteCounts {
  readonly #elapsed: () => number
  /** In the order of their last use. */
  readonly #counts = new Map<string, Count>()

  constructor(elapsed: () => number) {
    this.#elapsed = elapsed
  }

  /** Counts one more, and returns the count with it. */
  add(key: string): Counted {
    const nowMs = this.#elapsed()
    const found = this.#counts.get(key)
    const counting = found !== undefined && nowMs - found.sinceMs < minuteMs ? found : { count: 0, sinceMs: nowMs }
    counting.count += 1
    this.#counts.delete(key)
    this.#counts.set(key, counting)
    if (this.#counts.size > mostKeys) this.#forgetOldest()
    return { count: counting.count, ttlMs: minuteMs - (nowMs - counting.sinceMs) }
  }

  /** The count as it is now. */
  read(key: string): Counted {
    const nowMs = this.#elapsed()
    const found = this.#counts.get(key)
    if (found === undefined || nowMs - found.sinceMs >= minuteMs) return { count: 0, ttlMs: 0 }
    return { count: found.count, ttlMs: minuteMs - (nowMs - found.sinceMs) }
  }

  #forgetOldest(): void {
    const [oldest] = this.#counts.keys()
    if (oldest !== undefined) this.#counts.delete(oldest)
  }
}
