// Wrong tokens of each address. A token takes a place before it is looked up, and there are never more places than wrong tokens
// still allowed: of 300 that come at once, no more are tried than of 300 that come one after the other. A good token gives its
// place back. So if many good ones are new here (after a start), they wait for each other, and none is refused.
import type { Counted, MinuteCounts } from './minute-counts.js'

interface Trying {
  count: number
  /** Settles after the look-up of one of them has ended. */
  next: Promise<void>
  wake: () => void
}

export class Guesses {
  readonly #counts: MinuteCounts
  readonly #most: number
  readonly #trying = new Map<string, Trying>()

  constructor(counts: MinuteCounts, most: number) {
    this.#counts = counts
    this.#most = most
  }

  /**
   * The result of the look-up; null counts as one wrong token of the address. If the address has sent too many, calls `refuse`,
   * which must throw, and does not look up. A look-up that fails does not count.
   */
  async attempt<T>(
    address: string,
    lookUp: () => Promise<T | null>,
    refuse: (counted: Counted) => never,
  ): Promise<T | null> {
    for (;;) {
      const counted = this.#counts.read(address)
      if (counted.count >= this.#most) return refuse(counted)
      const trying = this.#trying.get(address)
      if (trying === undefined || counted.count + trying.count < this.#most) break
      await trying.next
    }
    return this.#lookUp(address, lookUp)
  }

  async #lookUp<T>(address: string, lookUp: () => Promise<T | null>): Promise<T | null> {
    const trying = this.#trying.get(address) ?? withNext({ count: 0 })
    this.#trying.set(address, trying)
    trying.count += 1
    try {
      const found = await lookUp()
      if (found === null) this.#counts.add(address)
      return found
    } finally {
      trying.count -= 1
      const { wake } = trying
      if (trying.count === 0) this.#trying.delete(address)
      else Object.assign(trying, withNext({ count: trying.count }))
      wake()
    }
  }
}

function withNext({ count }: { count: number }): Trying {
  let wake = () => {}
  const next = new Promise<void>((resolve) => {
    wake = resolve
  })
  return { count, next, wake }
}
