// The stored content as data: everything at one position, and the changes between two positions. The content is the rows of
// features, unless a type says otherwise.

/** Names one state of the whole content: both parts are new with every transaction that changes a flag. */
export interface Position {
  /** A count as decimal text: it may exceed what a number holds. */
  readonly version: string
  readonly nonce: string
}

/** The rows of one stored feature: gate key → its values, as text, as Flipper stores them. No gate has an empty list. */
export interface StoredFeature {
  readonly key: string
  readonly gates: ReadonlyMap<string, readonly string[]>
}

/**
 * Everything stored, read in one statement. Features are ordered by key, gates by name, values by text, all by their UTF-8
 * bytes. A digest is made in the same order (state/digest.ts).
 */
export interface StoredState<Item = StoredFeature> {
  /** Null where our own tables are missing. */
  readonly position: Position | null
  /** Names the database that the state belongs to (store/identity.ts); null where our own tables are missing. */
  readonly identity: string | null
  /** True on a standby, which may lag. */
  readonly inRecovery: boolean
  readonly items: readonly Item[]
}

/** A state with the digest that the store computed in the same statement. */
export interface StoredWhole<Item = StoredFeature> extends StoredState<Item> {
  /** Null where it was not asked for. */
  readonly digest: string | null
}

/** The changes since a position. */
export interface StoredDelta<Item = StoredFeature> {
  readonly position: Position
  /** Positions passed on the way, oldest first and without a gap, the last one being `position`; empty if nothing changed. */
  readonly via: readonly Position[]
  /** The content now of the keys that changed, by key; null: it is no longer stored. */
  readonly changed: ReadonlyMap<string, Item | null>
}

export interface Listening {
  close(): Promise<void>
}

export function samePosition(a: Position | null, b: Position | null): boolean {
  return a === b || (a !== null && b !== null && a.version === b.version && a.nonce === b.nonce)
}

/** Whether `a` is a later state than `b`, according to their numbers; a restored database repeats numbers. */
export function isAhead(a: Position, b: Position): boolean {
  return BigInt(a.version) > BigInt(b.version)
}
