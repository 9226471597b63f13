// The wall clock, which never goes back here: an expired token stays expired when the clock is set back.

export class ForwardClock {
  readonly #now: () => number
  readonly #elapsed: () => number
  #last: { readonly nowMs: number; readonly elapsedMs: number }

  /** `elapsed` is a clock that is never set, but may stand still while the machine sleeps. */
  constructor(now: () => number, elapsed: () => number) {
    this.#now = now
    this.#elapsed = elapsed
    this.#last = { nowMs: now(), elapsedMs: elapsed() }
  }

  /** Milliseconds since 1970: the clock's, or its earlier value plus the time since then, whichever is later. */
  now(): number {
    const elapsedMs = this.#elapsed()
    const atLeast = this.#last.nowMs + (elapsedMs - this.#last.elapsedMs)
    this.#last = { nowMs: Math.max(this.#now(), atLeast), elapsedMs }
    return this.#last.nowMs
  }
}
