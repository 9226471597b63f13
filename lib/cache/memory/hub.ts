// The memory that the replicas of one process share in place of a Redis: the same entries under the same rules, with a network
// that can lose, delay, repeat and reorder messages, and can be down.
import { type Clock, systemClock } from '../../time/clock.js'
import { MemoryCacheRoom, type MemoryTimings } from './room.js'
import { redisTimings } from '../timings.js'

export interface MemoryCacheHubOptions {
  /** Time and chance; tests replace them. Default: the system's. */
  readonly clock?: Clock
  /** The way of a message to one listener: calls `deliver` once, later, several times or never. */
  readonly network?: (message: string, deliver: () => void) => void
  readonly timings?: Partial<MemoryTimings>
}

export interface HubListener {
  readonly identity: string
  hear(message: string): void
  /** Messages may have been missed. */
  connected(): void
}

/** A database that was not seen for this long leaves the directory, if another one was seen. */
const seenMs = 24 * 60 * 60_000

export class MemoryCacheHub {
  readonly #clock: Clock
  readonly #network: (message: string, deliver: () => void) => void
  readonly #timings: MemoryTimings
  readonly #listeners = new Set<HubListener>()
  readonly #rooms = new Map<string, MemoryCacheRoom>()
  /** By address: the databases found there, and the time at which each was last seen. */
  readonly #directory = new Map<string, Map<string, number>>()
  #down = false

  constructor(options: MemoryCacheHubOptions = {}) {
    this.#clock = options.clock ?? systemClock
    this.#network = options.network ?? ((_message, deliver) => queueMicrotask(deliver))
    this.#timings = { ...redisTimings, ...options.timings }
  }

  /** Whether no replica reaches it at the moment. */
  get down(): boolean {
    return this.#down
  }

  /** Takes it away from all replicas, or gives it back. */
  setDown(down: boolean): void {
    if (this.#down === down) return
    this.#down = down
    if (!down) for (const listener of this.#listeners) queueMicrotask(() => this.#connect(listener))
  }

  /** Forgets all content, as FLUSHALL does. */
  flush(): void {
    this.#rooms.clear()
    this.#directory.clear()
  }

  /** The part of the hub that belongs to one database. */
  room(identity: string): MemoryCacheRoom {
    const known = this.#rooms.get(identity)
    if (known !== undefined) return known
    const room = new MemoryCacheRoom(this.#clock, this.#timings)
    this.#rooms.set(identity, room)
    return room
  }

  /** The databases at the address, newest first. */
  seen(address: string): readonly string[] {
    const seen = [...(this.#directory.get(address) ?? [])].sort(([, a], [, b]) => b - a)
    return seen
      .filter(([, atMs], index) => index === 0 || this.#clock.now() - atMs <= seenMs)
      .map(([identity]) => identity)
  }

  note(address: string, identity: string): void {
    const others = new Map(this.#directory.get(address))
    others.delete(identity)
    // The one seen last comes first, even if two are seen at the same time.
    this.#directory.set(address, new Map([[identity, this.#clock.now()], ...others]))
  }

  remove(address: string, identity: string): void {
    this.#directory.get(address)?.delete(identity)
  }

  /** Sends a message to all listeners of this database. */
  send(identity: string, message: string): void {
    for (const listener of this.#listeners) {
      if (listener.identity !== identity) continue
      this.#network(message, () => {
        if (!this.#down && this.#listeners.has(listener)) listener.hear(message)
      })
    }
  }

  listen(listener: HubListener): void {
    this.#listeners.add(listener)
    queueMicrotask(() => this.#connect(listener))
  }

  unlisten(listener: HubListener): void {
    this.#listeners.delete(listener)
  }

  #connect(listener: HubListener): void {
    if (!this.#down && this.#listeners.has(listener)) listener.connected()
  }
}
