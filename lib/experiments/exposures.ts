// Which exposures were told, so that each is told once. The memory is bounded: two sets, of which the older one goes when the newer one is
// full. An actor who comes back after so many others is told again, which those who count by the key do not notice.

/** About 10 MB at most. */
const mostOfASet = 50_000

export class Exposures {
  readonly #most: number
  #newer = new Set<string>()
  #older = new Set<string>()

  constructor(most = mostOfASet) {
    this.#most = most
  }

  /** Whether the key was not seen before. */
  isFirst(key: string): boolean {
    if (this.#newer.has(key)) return false
    const isKnown = this.#older.has(key)
    if (this.#newer.size >= this.#most) {
      this.#older = this.#newer
      this.#newer = new Set()
    }
    this.#newer.add(key)
    return !isKnown
  }
}
