// The contract of the cache between processes. Every implementation (Redis, memory) runs test/contract/cache.contract.ts.
// The cache is never the truth: whatever fails or does not fit is a miss, and what comes out is hostile until checked.
//
// All that is shared belongs to one database, by its identity (store/identity.ts), so that two installations which meet in
// one Redis never read each other. Only the directory belongs to an address: it tells a boot which identities were seen there.
import type { Listening, Position, StoredDelta, StoredFeature, StoredState } from '../state/state.js'

/** Tells of a change: what the features changed since `from` hold at `to`, and the positions passed on the way. */
export interface Hint<Item = StoredFeature> {
  readonly from: Position
  /** Positions after `from` and before `to`, oldest first. */
  readonly via: readonly Position[]
  readonly to: Position
  /** Null where the content would have been too large (64 kB): only the positions are told. */
  readonly changed: StoredDelta<Item>['changed'] | null
}

/** Asks every process to acknowledge as soon as it has `position`, or has read the store after it was asked. */
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

/** The newest blob's position and digest, and the exact text of the pointer, which moving it has to name. */
export interface Pointer {
  readonly position: Position
  readonly digest: string
  readonly text: string
}

/** The content of a blob: a whole state of one database, and the digest that Postgres computed of it. */
export interface CachedState<Item = StoredFeature> extends StoredState<Item> {
  readonly position: Position
  readonly identity: string
  readonly digest: string
}

/** What a boot finds. */
export interface Found<Item = StoredFeature> {
  /** The databases seen at this address within a day, newest first; where none was, the one that was seen last. */
  readonly identities: readonly string[]
  /** The newest state, where exactly one database was seen; null for a miss. */
  readonly state: CachedState<Item> | null
}

/** The right to write the next blob. */
export interface BlobClaim<Item = StoredFeature> {
  /**
   * Writes the blob of a state that was read from the primary after the claim was given, and moves the pointer to it, if the
   * pointer still reads as it did before the claim. True when it names the state now; false also where the digest is not that
   * of the content (state/digest.ts), since no process would believe it. Never rejects.
   */
  write(state: CachedState<Item>): Promise<boolean>
}

export interface CacheEvents<Item = StoredFeature> {
  /** A checked hint of this database and format; whether it applies is the replica's to judge. */
  hint(hint: Hint<Item>): void
  /** A process found that the content of these features differs from what the history tells; null: of more than can be named. */
  difference(names: readonly string[] | null): void
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

export interface Cache<Item = StoredFeature> {
  readonly kind: 'redis' | 'memory'
  /** What a boot starts from: directory, pointer and blob in one round trip. Never rejects. */
  find(): Promise<Found<Item>>
  /** Null: no pointer, or one that has to be written again (`claimBlob` takes null then). Never rejects. */
  readPointer(identity: string): Promise<Pointer | null>
  /** The state that the pointer names, in one round trip. Null for a miss. Never rejects. */
  readNewest(identity: string): Promise<CachedState<Item> | null>
  /** The state that this pointer names; null for a miss. Never rejects. */
  readBlob(identity: string, pointer: Pointer): Promise<CachedState<Item> | null>
  /**
   * Claims the right to write a blob, if the pointer still reads `expected` (null: it was missing, or could not be used) and
   * no process of the fleet has claimed it in the last 5 s, or in twenty times the time that the last one took. Never rejects.
   */
  claimBlob(identity: string, expected: Pointer | null): Promise<BlobClaim<Item> | null>
  /** Tells the other processes of a change. Never rejects; a hint may be lost. */
  publish(identity: string, hint: Hint<Item>): Promise<void>
  /** Tells the other processes of a difference in content: up to 100 names, null for more. Never rejects; it may be lost. */
  tellDifference(identity: string, names: readonly string[] | null): Promise<void>
  subscribe(identity: string, events: CacheEvents<Item>): Listening
  /**
   * Notes that this process is alive and which database it serves at this address (each poll), and tells how many are alive,
   * this one included; null: not known. Never rejects.
   */
  beat(identity: string): Promise<number | null>
  /** The address leads to another database now: takes this one out of the directory, and this process out of its members. Never rejects. */
  leave(identity: string): Promise<void>
  /** Asks all other processes that are alive, and waits until they acknowledge or the time is over. Throws StoreUnavailable-like FeatureError when the cache cannot be asked. */
  waitForAll(identity: string, position: Position, timeoutMs: number): Promise<Acknowledgements>
  /** Acknowledges a request: this process has its position. Never rejects. */
  acknowledge(identity: string, request: WaitRequest): Promise<void>
  status(): CacheStatus
  /** Ends connections; safe to call twice. */
  close(): Promise<void>
}
