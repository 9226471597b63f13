// How many processes share the store, and what one of them may ask of it, so that all together never ask too much.

/** Up to this many processes all compare before they are started; larger ones do in turn. */
const smallFleet = 20

/** What large fleets ask of the store for one reason is spread so that a hundred processes a second ask. */
const spreadMsPerProcess = 10
/** Comparing costs the store about that much for each stored row. */
const compareMsPerRow = 0.00125
/** Reading a row and sending it costs about that much. */
const readMsPerRow = 0.0012
/** Asking what is wrong with the triggers costs as much as a poll, and most fleets have sound ones. */
const triggerLookMsPerProcess = 600
/** The share of one processor of the store that a fleet may take for one reason. */
const share = 0.15
/** However large fleet and content are: each process compares as often as that. */
const longestTurnMs = 30 * 60_000
/** An answer may always hold so many rows. */
const leastRows = 1_000

/** The side of the other processes (peers/) writes the number; whatever asks the store reads it. */
export class FleetSize {
  readonly #pollIntervalMs: number
  #count = 1

  constructor(pollIntervalMs: number) {
    this.#pollIntervalMs = pollIntervalMs
  }

  /** How many processes are alive, as far as is known; this one included. */
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

  /** The time over which the comparisons of the whole fleet are spread, where so many rows are stored. */
  compareTurnMs(rows: number): number {
    const costMs = rows * compareMsPerRow
    const turnMs = Math.max(this.#count * spreadMsPerProcess, (this.#count * costMs) / share)
    return Math.min(longestTurnMs, turnMs)
  }

  /**
   * The time over which a fleet that boots spreads its first looks at the triggers: a process that does not know yet compares
   * its content all the same, and hears of what others find.
   */
  get triggerLookMs(): number {
    return this.isSmall ? 0 : Math.min(longestTurnMs, this.#count * triggerLookMsPerProcess)
  }

  /** The most stored rows that the answer to one poll may hold, where every process of the fleet polls. */
  get mostRows(): number {
    return Math.max(leastRows, Math.round((share * this.#pollIntervalMs) / (this.#count * readMsPerRow)))
  }
}
