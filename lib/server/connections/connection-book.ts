// The connections of a server, in all and by address.

export interface ConnectionLimits {
  readonly connections: number
  readonly connectionsPerAddress: number
  readonly requestsPerConnection: number
}

/** A connection as it counts. */
export interface Held {
  /** As limits count it. */
  readonly address: string
  /** The time since which the client has had the next move; null while the server owes it something. */
  readonly idleSinceMs: number | null
  close(): void
}

/** The connections under one pair of bounds. */
export class ConnectionBook {
  readonly #limits: Pick<ConnectionLimits, 'connections' | 'connectionsPerAddress'>
  readonly #all = new Set<Held>()
  readonly #byAddress = new Map<string, Set<Held>>()

  constructor(limits: Pick<ConnectionLimits, 'connections' | 'connectionsPerAddress'>) {
    this.#limits = limits
  }

  get size(): number {
    return this.#all.size
  }

  get all(): Iterable<Held> {
    return this.#all
  }

  /** Whether there is room for one more of this address, if need be after closing another. */
  makeRoom(address: string, isProxy: boolean): boolean {
    const own = this.#byAddress.get(address)
    if (own !== undefined && !isProxy && own.size >= this.#limits.connectionsPerAddress) return this.#closeIdle(own)
    return this.#all.size < this.#limits.connections || this.#closeIdle(this.#all)
  }

  add(connection: Held): void {
    this.#all.add(connection)
    const own = this.#byAddress.get(connection.address)
    if (own === undefined) this.#byAddress.set(connection.address, new Set([connection]))
    else own.add(connection)
  }

  remove(connection: Held): void {
    this.#all.delete(connection)
    const own = this.#byAddress.get(connection.address)
    own?.delete(connection)
    if (own?.size === 0) this.#byAddress.delete(connection.address)
  }

  /** Closes the connection that has been idle longest, of the address that has the most; false if none is idle. */
  #closeIdle(connections: Iterable<Held>): boolean {
    let chosen: { connection: Held; share: number; sinceMs: number } | null = null
    for (const connection of connections) {
      const sinceMs = connection.idleSinceMs
      const share = this.#byAddress.get(connection.address)?.size ?? 0
      if (sinceMs === null || (chosen !== null && share < chosen.share)) continue
      if (chosen === null || share > chosen.share || sinceMs < chosen.sinceMs) chosen = { connection, share, sinceMs }
    }
    if (chosen === null) return false
    chosen.connection.close()
    this.remove(chosen.connection)
    return true
  }
}
