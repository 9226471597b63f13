// The number of processes that share the store, and the share of the store that each may use, so that all together never use
// too much.

/** Up to this many processes all compare before they have started; the processes of a larger fleet compare in turn. */
const smallFleet = 20

/** A large fleet's questions to the store for one reason are spread, so that a hundred processes a second ask. */
const spreadMsPerProcess = 10
/** Comparing costs the store about this much for each stored row. */
const compareMsPerRow = 0.00125
/** Reading and sending a row costs about this much. */
const readMsPerRow = 0.0012
/** Asking for the faults of the triggers costs as much as a poll, and most fleets have sound triggers. */
const triggerLookMsPerProcess = 600
/** The share of one processor of the store that a fleet may take for one reason. */
const share = 0.15
/** Each process compares at least this often, however large fleet and content are. */
const longestTurnMs = 30 * 60_000
/** An answer may always hold this many rows. */
const leastRows = 1_000

/** The side of the other processes (peers/) writes the number; every part that asks the store reads it. */
export class FleetSize {
  readonly #pollIntervalMs: number
  #count = 1

  constructor(pollIntervalMs: number) {
    this.#pollIntervalMs = pollIntervalMs
  }

  /** The known number of processes alive, this one included. */
  get count(): number {
    return this.#count
  }

  note(count: number): void {
    this.#count = count
  }

  get isSmall(): boolean {
    return this.#count <= smallFleet
  }

  /** The time over which the whole fleet's questions to the store are spread. */
  get spreadMs(): number {
    return Math.min(this.#pollIntervalMs, this.#count * spreadMsPerProcess)
  }

  /** The time over which the comparisons of the whole fleet are spread, if this many rows are stored. */
  compareTurnMs(rows: number): number {
    const costMs = rows * compareMsPerRow
    const turnMs = Math.max(this.#count * spreadMsPerProcess, (this.#count * costMs) / share)
    return Math.min(longestTurnMs, turnMs)
  }

  /**
   * The time over which a booting fleet spreads its first looks at the triggers. A process that has not looked yet still
   * compares its content, and hears of the differences that others find.
   */
  get triggerLookMs(): number {
    return this.isSmall ? 0 : Math.min(longestTurnMs, this.#count * triggerLookMsPerProcess)
  }

  /** The most stored rows that the answer to one poll may hold, because every process of the fleet polls. */
  get mostRows(): number {
    return Math.max(leastRows, Math.round((share * this.#pollIntervalMs) / (this.#count * readMsPerRow)))
  }
}
