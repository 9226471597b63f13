// Keeps the newest state in the cache: for boots, and for whoever has missed a hint.
import type { Cache, Pointer } from '../cache/cache.js'
import type { Clock, Timer } from './clock.js'
import { type Snapshot, storedFeatures } from './snapshot.js'

export interface BlobHost {
  readonly clock: Clock
  /** Asks the store for its position, soon. */
  check(): void
}

/** Nobody writes blobs faster than this, so nobody needs to try. */
const spacingMs = 5_000
const spreadMs = 200

export class BlobUpkeep {
  readonly #cache: Cache
  readonly #host: BlobHost
  #timer: Timer | null = null
  #writing: Promise<void> | null = null
  #triedAtMs = Number.NEGATIVE_INFINITY
  #closed = false

  constructor(cache: Cache, host: BlobHost) {
    this.#cache = cache
    this.#host = host
  }

  /** Whether a blob may be written now. */
  get isDue(): boolean {
    return this.#writing === null && this.#triedAtMs + spacingMs <= this.#host.clock.now()
  }

  /** There is something to write, by a refresh that looks at the pointer first. */
  offerLater(): void {
    this.#later(Math.max(this.#triedAtMs + spacingMs - this.#host.clock.now(), 0))
  }

  /** Writes a snapshot that the store has confirmed after `pointer` was read, now or, if that would be too often, later. */
  offer(snapshot: Snapshot, pointer: Pointer | null): void {
    if (!this.isDue) {
      this.offerLater()
      return
    }
    this.#triedAtMs = this.#host.clock.now()
    const { position, databaseId } = snapshot
    const state = { position, databaseId, inRecovery: false, features: storedFeatures(snapshot) }
    this.#writing = this.#cache.writeBlob(state, pointer).then(() => {
      this.#writing = null
    })
  }

  /** Waits for a blob being written; safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#writing
  }

  /**
   * The last of many changes must get into a blob too. It takes a refresh, and not this snapshot: the pointer may only be
   * moved against the value it had before the store was read.
   */
  #later(waitMs: number): void {
    const { clock } = this.#host
    if (this.#closed) return
    this.#timer ??= clock.after(waitMs + clock.random() * spreadMs, () => {
      this.#timer = null
      this.#host.check()
    })
  }
}
