// What the replicas of one process share in place of a Redis: the same things under the same rules, with a network that can
// be told to lose, delay, repeat and reorder messages, and to be down.
import { performance } from 'node:perf_hooks'
import { type Position, type StoredState, samePosition } from '../store/store.js'
import type { Acknowledgements, Pointer } from './cache.js'
import { pointerText } from './pointer.js'
import { type RedisTimings, redisTimings } from './redis-timings.js'

export interface MemoryCacheHubOptions {
  readonly now?: () => number
  /** How a message travels to one listener: calls `deliver` once, later, several times or never. */
  readonly network?: (message: string, deliver: () => void) => void
  readonly timings?: Partial<Pick<RedisTimings, 'claimMs' | 'keepMs' | 'aliveMs'>>
}

export interface HubListener {
  hear(message: string): void
  /** Messages may have been missed. */
  connected(): void
}

interface Blob {
  readonly state: StoredState
  readonly untilMs: number
}

export class MemoryCacheHub {
  readonly #now: () => number
  readonly #network: (message: string, deliver: () => void) => void
  readonly #timings: Pick<RedisTimings, 'claimMs' | 'keepMs' | 'aliveMs'>
  readonly #listeners = new Set<HubListener>()
  readonly #blobs = new Map<string, Blob>()
  readonly #beats = new Map<string, number>()
  readonly #acknowledged = new Map<string, Set<string>>()
  #pointer: Pointer | null = null
  #claimedUntilMs = Number.NEGATIVE_INFINITY
  #down = false

  constructor(options: MemoryCacheHubOptions = {}) {
    this.#now = options.now ?? (() => performance.now())
    this.#network = options.network ?? ((_message, deliver) => queueMicrotask(deliver))
    this.#timings = { ...redisTimings, ...options.timings }
  }

  /** Whether nobody reaches it at the moment. */
  get down(): boolean {
    return this.#down
  }

  /** Takes it away from everybody, or gives it back. */
  setDown(down: boolean): void {
    if (this.#down === down) return
    this.#down = down
    if (!down) for (const listener of this.#listeners) queueMicrotask(() => this.#connect(listener))
  }

  /** Forgets all that is kept, as FLUSHALL does. */
  flush(): void {
    this.#pointer = null
    this.#claimedUntilMs = Number.NEGATIVE_INFINITY
    this.#blobs.clear()
    this.#beats.clear()
    this.#acknowledged.clear()
  }

  /** The pointer; null where the blob that it names is gone. */
  readPointer(): Pointer | null {
    return this.#pointer !== null && this.readBlob(this.#pointer.position) !== null ? this.#pointer : null
  }

  readBlob({ nonce }: Position): StoredState | null {
    const blob = this.#blobs.get(nonce)
    return blob !== undefined && this.#now() < blob.untilMs ? blob.state : null
  }

  writeBlob(state: StoredState, expected: Pointer | null): boolean {
    const { position, databaseId } = state
    if (position === null || databaseId === null) return false
    const text = pointerText(position, databaseId)
    if (expected?.text === text) return true
    if (this.readPointer()?.text !== expected?.text || this.#now() < this.#claimedUntilMs) return false
    const { claimMs, keepMs } = this.#timings
    this.#claimedUntilMs = this.#now() + claimMs
    this.#retire(position, this.#now() + keepMs)
    this.#blobs.set(position.nonce, { state, untilMs: Number.POSITIVE_INFINITY })
    this.#pointer = { position, databaseId, text }
    return true
  }

  send(message: string): void {
    for (const listener of this.#listeners) {
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

  /** How many are alive, this one included. */
  beat(name: string): number {
    this.#beats.set(name, this.#now())
    return this.#alive().length
  }

  leave(name: string): void {
    this.#beats.delete(name)
  }

  acknowledge(id: string, name: string): void {
    this.#acknowledged.set(id, (this.#acknowledged.get(id) ?? new Set()).add(name))
  }

  forget(id: string): void {
    this.#acknowledged.delete(id)
  }

  /** Who of the others that are alive has acknowledged, and who has not. */
  acknowledgements(id: string, asking: string): Acknowledgements {
    const others = this.#alive().filter((name) => name !== asking)
    const lagging = others.filter((name) => !this.#acknowledged.get(id)?.has(name))
    return { confirmed: others.length - lagging.length, lagging }
  }

  #alive(): string[] {
    const since = this.#now() - this.#timings.aliveMs
    return [...this.#beats].filter(([, atMs]) => atMs >= since).map(([name]) => name)
  }

  #connect(listener: HubListener): void {
    if (!this.#down && this.#listeners.has(listener)) listener.connected()
  }

  /** What is no longer the newest is kept for a while: others may be about to read it. */
  #retire(newest: Position, untilMs: number): void {
    for (const [nonce, blob] of this.#blobs) if (blob.untilMs <= this.#now()) this.#blobs.delete(nonce)
    if (this.#pointer === null || samePosition(this.#pointer.position, newest)) return
    const blob = this.#blobs.get(this.#pointer.position.nonce)
    if (blob !== undefined) this.#blobs.set(this.#pointer.position.nonce, { ...blob, untilMs })
  }
}
