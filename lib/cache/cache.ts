// The contract of the cache between processes. Every implementation (Redis, memory) runs test/contract/cache.contract.ts.
// The cache is never the truth: whatever fails or does not fit is a miss, and what comes out is hostile until checked.
import type { Listening, Position, StoredDelta, StoredState } from '../store/store.js'

/** Tells of a change: what the features changed since `from` hold at `to`, and the positions passed on the way. */
export interface Hint {
  readonly from: Position
  /** Positions after `from` and before `to`, oldest first. */
  readonly via: readonly Position[]
  readonly to: Position
  /** Null where the content would have been too large (64 kB): only the positions are told. */
  readonly changed: StoredDelta['changed'] | null
}

/** Asks every process to acknowledge as soon as it has `position`, or has passed it. */
export interface WaitRequest {
  readonly id: string
  readonly position: Position
}

/** What the other processes that are alive said to a wait request. */
export interface Acknowledgements {
  /** How many have the position. */
  readonly confirmed: number
  /** The names of those that did not say so in time. */
  readonly lagging: readonly string[]
}

/** The newest blob's position and the exact text of the pointer, which moving it has to name. */
export interface Pointer {
  readonly position: Position
  readonly databaseId: string
  readonly text: string
}

export interface CacheEvents {
  /** A checked hint of this namespace and database format; whether it applies is the replica's to judge. */
  hint(hint: Hint, databaseId: string): void
  /** Something was heard that could not be read, or the subscription was interrupted: check the position. */
  unsure(): void
  wait(request: WaitRequest): void
}

export interface CacheStatus {
  readonly connected: boolean
  readonly subscribed: boolean
  /** One sentence while something is wrong (down, refused, read-only, out of memory); null while all is well. */
  readonly warning: string | null
}

export interface Cache {
  readonly kind: 'redis' | 'memory'
  /** Null: no pointer, or none that can be read. Never rejects. */
  readPointer(): Promise<Pointer | null>
  /** The pointer with the state that it names, in one round trip: what a boot starts from. Null for a miss. Never rejects. */
  readNewest(): Promise<StoredState | null>
  /** The state of that position; null for a miss. Never rejects. */
  readBlob(position: Position): Promise<StoredState | null>
  /**
   * Writes the blob of a state and moves the pointer to it, if the pointer still reads `expected` (null: it was missing)
   * and nobody has written one in the last 5 s. True when the pointer now names the state. Never rejects.
   */
  writeBlob(state: StoredState, expected: Pointer | null): Promise<boolean>
  /** Tells the other processes. Never rejects; a hint may be lost. */
  publish(hint: Hint, databaseId: string): Promise<void>
  subscribe(events: CacheEvents): Listening
  /** Notes that this process is alive (each poll), and tells how many are, this one included; null: not known. Never rejects. */
  beat(): Promise<number | null>
  /** Asks all other processes that are alive, and waits until they acknowledge or the time is over. Throws StoreUnavailable-like FeatureError when the cache cannot be asked. */
  waitForAll(position: Position, timeoutMs: number): Promise<Acknowledgements>
  /** Acknowledges a request: this process has its position. Never rejects. */
  acknowledge(request: WaitRequest): Promise<void>
  status(): CacheStatus
  /** Ends connections; safe to call twice. */
  close(): Promise<void>
}
