// Counts that wait in memory for the next flush: one number of yes and of no for each project, hour, environment and flag. Bounded, in
// all and for each project: with the database away they wait up to the bound, and what comes beyond is dropped and counted.
import type { Counted, CountRow } from './report.js'

const mostOfProject = 20_000

type Waiting = { -readonly [key in keyof CountRow]: CountRow[key] }

export class PendingCounts {
  readonly #most: number
  #rows = new Map<string, Waiting>()
  #ofProject = new Map<number, number>()

  /** `most` is the largest number of rows. */
  constructor(most: number) {
    this.#most = most
  }

  get size(): number {
    return this.#rows.size
  }

  /** The projects of which rows wait. */
  projects(): Iterable<number> {
    return this.#ofProject.keys()
  }

  /** Adds a count; false if there is no room for its row. `taken` is the number of rows that wait elsewhere. */
  add(project: number, environment: string, { flag, hourMs, yes, no }: Counted, taken = 0): boolean {
    const key = `${project} ${hourMs} ${flag}\u0000${environment}`
    const found = this.#rows.get(key)
    if (found !== undefined) {
      found.yes += yes
      found.no += no
      return true
    }
    const ofProject = this.#ofProject.get(project) ?? 0
    if (this.#rows.size + taken >= this.#most || ofProject >= mostOfProject) return false
    this.#rows.set(key, { project, environment, flag, hourMs, yes, no })
    this.#ofProject.set(project, ofProject + 1)
    return true
  }

  /** All rows; none wait afterwards. */
  take(): readonly CountRow[] {
    const rows = [...this.#rows.values()]
    this.#rows = new Map()
    this.#ofProject = new Map()
    return rows
  }
}
