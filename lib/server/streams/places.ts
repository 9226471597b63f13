// How many streams of all kinds a server holds: each keeps a connection, and other requests must find one.

/** Connections that no stream takes; half of all where there are fewer than twice as many. */
const keptFree = 500

export class StreamPlaces {
  readonly #most: number
  #taken = 0

  /** `connections`: the most that the server holds at once. */
  constructor(connections: number) {
    this.#most = connections - Math.min(keptFree, Math.floor(connections / 2))
  }

  get isFree(): boolean {
    return this.#taken < this.#most
  }

  /** Takes one; gives a function that gives it back once. */
  take(): () => void {
    let isTaken = true
    this.#taken += 1
    return () => {
      if (isTaken) this.#taken -= 1
      isTaken = false
    }
  }
}
