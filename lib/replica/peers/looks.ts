// What a process does that has missed something: it looks into the cache, and then in any case, in its turn, into the store,
// because only that one is the truth. Many reasons at once are one look.
import type { Clock, Timer } from '../../time/clock.js'

export interface LooksOptions {
  readonly clock: Clock
  /** Takes the newest blob, where it is ahead. Never rejects. */
  readonly intoCache: () => Promise<void>
  /** The time over which the fleet's questions to the store are to be spread, at the moment. */
  readonly spreadMs: () => number
  /** Asks the store. */
  readonly intoStore: () => void
}

/** Hints reach all processes at once; those that cannot apply one spread their questions over this time at least. */
const leastSpreadMs = 200

export class Looks {
  readonly #options: LooksOptions
  #soon: Timer | null = null
  #inTurn: Timer | null = null
  #closed = false

  constructor(options: LooksOptions) {
    this.#options = options
  }

  /** Looks within that time, once for many calls. */
  soon(withinMs = leastSpreadMs): void {
    if (this.#closed || this.#soon !== null) return
    const { clock, intoCache } = this.#options
    this.#soon = clock.after(clock.random() * withinMs, () => {
      this.#soon = null
      void intoCache().then(() => this.#intoStore())
    })
  }

  close(): void {
    this.#closed = true
    this.#soon?.cancel()
    this.#inTurn?.cancel()
  }

  #intoStore(): void {
    if (this.#closed) return
    const { clock, spreadMs, intoStore } = this.#options
    this.#inTurn?.cancel()
    this.#inTurn = clock.after(clock.random() * spreadMs(), () => {
      this.#inTurn = null
      intoStore()
    })
  }
}
