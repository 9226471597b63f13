// The contract of the cache between processes. Every implementation (Redis, memory) runs test/contract/cache.contract.ts.
// The cache is never the truth: a failure or an entry that does not fit is a miss, and everything read from it is hostile until
// checked.
//
// All shared content belongs to one database, by its identity (store/identity.ts), so that two installations that meet in one
// Redis never read each other's. Only the directory belongs to an address: it tells a boot which identities were seen there.
import type { Listening, Position, StoredDelta, StoredFeature, StoredState } from '../state/state.js'

/** News of a change: the content at `to` of the features that changed since `from`, and the positions passed on the way. */
export interface Hint<Item = StoredFeature> {
  readonly from: Position
  /** Positions after `from` and before `to`, oldest first. */
  readonly via: readonly Position[]
  readonly to: Position
  /** Null if the content would have been too large (64 kB): then the hint has the positions only. */
  readonly changed: StoredDelta<Item>['changed'] | null
}

/** Asks every process to acknowledge as soon as it has `position`, or has read the store after the request. */
export interface WaitRequest {
  readonly id: string
  readonly position: Position
}

/** The answers of the other processes that are alive to a wait request. */
export interface Acknowledgements {
  /** The number of processes that have the position. */
  readonly confirmed: number
  /** The names of the processes that did not say so in time. */
  readonly lagging: readonly string[]
}

/** A process that is alive. */
export interface Member {
  /** Host, process id and chance, separated by colons. */
  readonly name: string
  /** Milliseconds since it was last heard of. */
  readonly ageMs: number
}

/** The newest blob's position and digest, and the exact text of the pointer, which a move of the pointer must name. */
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

/** The content of the cache for a boot. */
export interface Found<Item = StoredFeature> {
  /** The databases seen at this address within a day, newest first; if there are none, the one that was seen last. */
  readonly identities: readonly string[]
  /** The newest state, if exactly one database was seen; null for a miss. */
  readonly state: CachedState<Item> | null
}

/** The right to write the next blob. */
export interface BlobClaim<Item = StoredFeature> {
  /**
   * Writes the blob of a state that was read from the primary after the claim was given. Moves the pointer to it, if the
   * pointer still reads as it did before the claim. True if the pointer names the state now; false also if the digest is not
   * that of the content (state/digest.ts), because no process would believe it. Never rejects.
   */
  write(state: CachedState<Item>): Promise<boolean>
}

export interface CacheEvents<Item = StoredFeature> {
  /** A checked hint of this database and format; the replica judges whether it applies. */
  hint(hint: Hint<Item>): void
  /** A process found that the content of these features differs from the history; null: of more features than can be named. */
  difference(names: readonly string[] | null): void
  /** A message could not be read, or the subscription was interrupted: check the position. */
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
  /** The start of a boot: directory, pointer and blob in one round trip. Never rejects. */
  find(): Promise<Found<Item>>
  /** Null: no pointer, or one that must be written again (`claimBlob` takes null in that case). Never rejects. */
  readPointer(identity: string): Promise<Pointer | null>
  /** The state that the pointer names, in one round trip. Null for a miss. Never rejects. */
  readNewest(identity: string): Promise<CachedState<Item> | null>
  /** The state that this pointer names; null for a miss. Never rejects. */
  readBlob(identity: string, pointer: Pointer): Promise<CachedState<Item> | null>
  /**
   * Claims the right to write a blob, if the pointer still reads `expected` (null: it was missing, or could not be used), and
   * if no process of the fleet has claimed it in the last 5 s or in twenty times the duration of the last one. Never rejects.
   */
  claimBlob(identity: string, expected: Pointer | null): Promise<BlobClaim<Item> | null>
  /** Sends the hint of a change to the other processes. Never rejects; a hint may be lost. */
  publish(identity: string, hint: Hint<Item>): Promise<void>
  /** Sends a difference in content to the other processes: up to 100 names, null for more. Never rejects; it may be lost. */
  tellDifference(identity: string, names: readonly string[] | null): Promise<void>
  subscribe(identity: string, events: CacheEvents<Item>): Listening
  /**
   * Notes that this process is alive and which database it serves at this address (each poll). Returns the number of processes
   * alive, this one included; null: not known. Never rejects.
   */
  beat(identity: string): Promise<number | null>
  /** The processes alive of a database, this one included; null: not known. Never rejects. */
  members(identity: string): Promise<readonly Member[] | null>
  /**
   * Takes this database out of the directory, and this process out of its fleet, because the address leads to another database
   * now. Never rejects.
   */
  leave(identity: string): Promise<void>
  /**
   * Asks all other processes that are alive, and waits until they acknowledge or the time is over. Throws FeatureError
   * (`cache_unavailable`) if the cache cannot be asked.
   */
  waitForAll(identity: string, position: Position, timeoutMs: number): Promise<Acknowledgements>
  /** Acknowledges a request: this process has its position. Never rejects. */
  acknowledge(identity: string, request: WaitRequest): Promise<void>
  /**
   * Keeps bytes under a name of this database for a day, in the place of those before. The caller seals them. Never rejects;
   * they may be lost.
   */
  keep(identity: string, name: string, bytes: Buffer): Promise<void>
  /** The bytes that were kept last under the name, which may be any bytes; null for a miss. Never rejects. */
  kept(identity: string, name: string): Promise<Buffer | null>
  status(): CacheStatus
  /** Ends connections; safe to call twice. */
  close(): Promise<void>
}
