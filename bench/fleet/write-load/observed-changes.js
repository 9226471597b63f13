// How far replicas are behind writes that are numbered, by writer, from 1.
//
// A replica is behind a writer while something is stored that it has not seen: by the time since the call of the oldest
// write began that it has seen neither itself nor a newer one of that writer. It may skip writes, and is then behind by
// the oldest that it skipped. It is furthest behind in the moment before it sees a newer write, so that is when it counts.
// A reader only notes what it sees (four numbers); when writes began is known once they are done, and so is the rest.

/**
 * For each writer when its calls began and ended, by number; null where nothing is known to be stored.
 * @typedef {readonly { readonly begun: readonly (number | null)[], readonly ended: readonly (number | null)[] }[]} Writes
 */

/**
 * How far the replicas of a process were behind. `counts`: how often by how many whole milliseconds.
 * @typedef {{ sightings: number, skipped: number, returned: number, missing: number, mostMs: number, mostAfterEndMs: number, counts: Record<number, number> }} Behind
 */

export class ObservedChanges {
  #writers
  #replicas
  /** @type {number[]} */
  #noted = []

  /** @param {{ writers: number, replicas: number }} given */
  constructor({ writers, replicas }) {
    this.#writers = writers
    this.#replicas = replicas
  }

  /**
   * @param {number} replica
   * @param {number} writer
   * @param {number} number
   * @param {number} at
   */
  note(replica, writer, number, at) {
    this.#noted.push(replica, writer, number, at)
  }

  /**
   * @param {Writes} writes
   * @param {number} until
   */
  behind(writes, until) {
    /** @type {Behind} */
    const told = { sightings: 0, skipped: 0, returned: 0, missing: 0, mostMs: 0, mostAfterEndMs: 0, counts: {} }
    /** @type {number[]} */
    const last = new Array(this.#replicas * this.#writers).fill(0)
    /**
     * @param {number} place
     * @param {number} number
     * @param {number} at
     */
    const see = (place, number, at) => {
      const { begun, ended } = writes[place % this.#writers]
      const unseen = storedBetween(begun, last[place], number)
      last[place] = number
      if (unseen.length === 0) return false
      const [oldest] = unseen
      const ms = at - Number(begun[oldest])
      told.counts[Math.floor(ms)] = (told.counts[Math.floor(ms)] ?? 0) + 1
      told.mostMs = Math.max(told.mostMs, ms)
      told.mostAfterEndMs = Math.max(told.mostAfterEndMs, at - Number(ended[oldest]))
      told.skipped += unseen.length - 1
      return true
    }
    for (let index = 0; index < this.#noted.length; index += 4) {
      const [replica, writer, number, at] = this.#noted.slice(index, index + 4)
      const place = replica * this.#writers + writer
      if (number <= last[place]) told.returned += 1
      else if (see(place, number, at)) told.sightings += 1
    }
    for (const place of last.keys()) {
      if (see(place, writes[place % this.#writers].begun.length - 1, until)) told.missing += 1
    }
    return told
  }
}

/**
 * The numbers after `last` up to `number` whose writes are stored.
 * @param {readonly (number | null)[]} begun
 * @param {number} last
 * @param {number} number
 */
function storedBetween(begun, last, number) {
  /** @type {number[]} */
  const numbers = []
  for (let one = last + 1; one <= number; one++) if (begun[one] != null) numbers.push(one)
  return numbers
}

/**
 * What several processes told, as of one.
 * @param {readonly Behind[]} all
 */
export function joinBehind(all) {
  /** @param {(told: Behind) => number} of */
  const sum = (of) => all.reduce((total, told) => total + of(told), 0)
  /** @type {Map<number, number>} */
  const counts = new Map()
  for (const [ms, count] of all.flatMap((told) => Object.entries(told.counts))) {
    counts.set(Number(ms), (counts.get(Number(ms)) ?? 0) + count)
  }
  const sorted = [...counts].sort(([a], [b]) => a - b)
  const total = sorted.reduce((count, [, more]) => count + more, 0)
  /** @param {number} share */
  const below = (share) => {
    let left = total * share
    for (const [ms, count] of sorted) {
      left -= count
      if (left < 0) return ms
    }
    return 0
  }
  return {
    sightings: sum((told) => told.sightings),
    skipped: sum((told) => told.skipped),
    returned: sum((told) => told.returned),
    missing: sum((told) => told.missing),
    p50Ms: below(0.5),
    p99Ms: below(0.99),
    mostMs: Math.max(0, ...all.map((told) => told.mostMs)),
    mostAfterEndMs: Math.max(0, ...all.map((told) => told.mostAfterEndMs)),
  }
}
