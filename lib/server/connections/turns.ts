// Turns of the event loop, one for each waiting connection in the order in which they came. Between two of them all other input
// is read, so that a probe waits for one pipelined request and not for one of each connection.

export class Turns {
  readonly #waiting: (() => void)[] = []

  /** Calls it in a turn of its own. */
  take(call: () => void): void {
    this.#waiting.push(call)
    if (this.#waiting.length === 1) setImmediate(() => this.#next())
  }

  #next(): void {
    const [call] = this.#waiting
    try {
      call?.()
    } finally {
      this.#waiting.shift()
      if (this.#waiting.length > 0) setImmediate(() => this.#next())
    }
  }
}
