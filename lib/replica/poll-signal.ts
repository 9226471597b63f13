// A reason to ask the store before the next poll is due. The part that hears news gives the signal; polling subscribes to it.
export class PollSignal {
  readonly #listeners = new Set<() => void>()

  /** Asks for a look at the store, soon. */
  give(): void {
    for (const listener of this.#listeners) listener()
  }

  subscribe(listener: () => void): void {
    this.#listeners.add(listener)
  }
}
