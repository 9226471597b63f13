// What the streams of pages have done, in plain numbers: for the metrics.

export class StreamTallies {
  readonly #events = new Map<string, number>()
  /** Streams that were refused, because there are as many as this server takes. */
  refused = 0
  /** Streams that were closed because their client did not read. */
  unread = 0
  /** Streams that ended with the token that began them. */
  endedWithHolder = 0

  /** Events by name, one for each stream that got it. */
  get events(): ReadonlyMap<string, number> {
    return this.#events
  }

  sent(event: string, count: number): void {
    if (count > 0) this.#events.set(event, (this.#events.get(event) ?? 0) + count)
  }
}
