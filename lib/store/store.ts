// The contract of a store. Every implementation (Postgres, embedded, memory) runs test/contract/store.contract.ts.
import type { FeatureError } from '../errors.js'

/** Names one state of the whole: both parts are new with every transaction that changes a flag. */
export interface Position {
  /** A count as decimal text: it may exceed what a number holds. */
  readonly version: string
  readonly nonce: string
}

/** The rows of one stored feature: gate key → its values, as text, as Flipper stores them. No gate is an empty list. */
export interface StoredFeature {
  readonly key: string
  readonly gates: ReadonlyMap<string, readonly string[]>
}

/** Everything stored, read in one statement. `position` is null where our own tables are missing. */
export interface StoredState {
  readonly position: Position | null
  readonly databaseId: string | null
  readonly inRecovery: boolean
  readonly features: readonly StoredFeature[]
}

/** What changed since a position, read in one statement. */
export interface StoredDelta {
  readonly position: Position
  /** Positions passed on the way, oldest first, the last one being `position`. */
  readonly via: readonly Position[]
  /** The content now of every feature changed since; null: it is stored no longer. */
  readonly changed: ReadonlyMap<string, StoredFeature | null>
}

/** Where the store stands, compared with the position asked about. */
export interface Head {
  readonly position: Position | null
  readonly databaseId: string | null
  /** True on a standby, which may lag. */
  readonly inRecovery: boolean
  /** Whether the position asked about is in the history. */
  readonly known: boolean
}

export type Operation =
  /** Global enable: clears every other gate (Flipper: `enable` of the boolean gate). */
  | { readonly kind: 'enable' }
  /** Global disable: clears every gate, the feature stays (Flipper: `disable` of the boolean gate). */
  | { readonly kind: 'disable' }
  | { readonly kind: 'add'; readonly gate: 'actors' | 'groups'; readonly values: readonly string[] }
  | { readonly kind: 'drop'; readonly gate: 'actors' | 'groups'; readonly values: readonly string[] }
  /** A percentage, as the text Flipper stores; 0 leaves a row with text `0`. */
  | { readonly kind: 'set'; readonly gate: 'percentage_of_actors' | 'percentage_of_time'; readonly value: string }
  /** Makes the gates exactly these (import). */
  | { readonly kind: 'replace'; readonly gates: ReadonlyMap<string, readonly string[]> }
  /** Deletes the feature and its gates; nothing happens where it is not stored. */
  | { readonly kind: 'remove' }

/** What a step's `check` is told, read inside the transaction that will write. */
export interface Current {
  readonly persisted: boolean
  /** The text of the boolean gate's row, null without one. */
  readonly boolean: string | null
  /** The text of the percentage-of-time gate's row, null without one. */
  readonly percentageOfTime: string | null
  /** How many actor rows are stored, opt-outs included. */
  readonly actorCount: number
  /** How many of these are opt-outs. */
  readonly optOutCount: number
  /** Which of the step's `lookup` texts are stored as actor values. */
  readonly actors: ReadonlySet<string>
}

export interface Step {
  readonly feature: string
  readonly operation: Operation
  /** Actor values that `check` wants to know about. */
  readonly lookup?: readonly string[]
  /** Runs inside the transaction; an error it returns refuses the whole change, and nothing is written. */
  readonly check?: (current: Current) => FeatureError | null
}

/** One transaction: all steps or none. */
export interface Change {
  /** Made by the caller (a UUID), kept in the history, so that an unclear COMMIT can be looked up. */
  readonly id: string
  readonly author: string
  /** Where it came from: `code`, `cli`, `console`, `http`, `import`. */
  readonly source: string
  readonly reason: string | null
  readonly steps: readonly Step[]
}

export interface Applied {
  /** The position this change made; null when no row changed, or where our own tables are missing. */
  readonly position: Position | null
  readonly changed: boolean
}

export interface HistoryEntry {
  readonly position: Position
  readonly at: Date
  readonly feature: string
  /** Null for the feature's own row. */
  readonly gate: string | null
  readonly value: string | null
  readonly operation: 'added' | 'removed'
  readonly author: string
  readonly source: string
  readonly reason: string | null
  readonly changeId: string | null
}

export interface HistoryQuery {
  readonly feature?: string
  /** At most this many entries, newest first. */
  readonly limit: number
}

export interface Digest {
  readonly position: Position | null
  /** Equal contents have equal text; see store/digest.ts. */
  readonly text: string
  readonly inRecovery: boolean
}

export type TokenScope = 'admin' | 'read'

export interface TokenRecord {
  readonly id: string
  readonly name: string
  readonly scopes: readonly TokenScope[]
  readonly createdAt: Date
  readonly expiresAt: Date | null
  readonly lastUsedAt: Date | null
  readonly revokedAt: Date | null
}

/** Tokens of the HTTP API: only digests are stored. */
export interface TokenStore {
  create(token: {
    id: string
    name: string
    digest: Buffer
    scopes: readonly TokenScope[]
    expiresAt: Date | null
  }): Promise<void>
  /** Null for an unknown id; a revoked or expired token is returned as such. */
  find(id: string): Promise<(TokenRecord & { readonly digest: Buffer }) | null>
  list(): Promise<readonly TokenRecord[]>
  /** False where there is no such token; revoking twice is fine. */
  revoke(idOrName: string): Promise<boolean>
  /** Notes a use; stores write at most once a minute. */
  touch(id: string): Promise<void>
}

export interface Listening {
  close(): Promise<void>
}

export interface ListenEvents {
  /** Something may have changed: check the position. */
  hint(): void
  /** Whether hints are heard at the moment (false: only the poll is left). */
  heard(working: boolean): void
}

export interface Store {
  readonly kind: 'postgres' | 'embedded' | 'memory'
  /** Makes the store usable (embedded: owns or joins, migrates). Postgres connects at the first query only. */
  open(): Promise<void>
  /** Where the store stands. Throws StoreUnavailable (`store_unavailable`, or `not_migrated` where even the two tables are missing). */
  head(mine: Position | null): Promise<Head>
  /** Everything, in one statement. Throws as `head`. */
  readAll(): Promise<StoredState>
  /** What changed since `mine`, in one statement; null where `mine` is not in the history. Throws as `head`. */
  readSince(mine: Position): Promise<StoredDelta | null>
  /** One hash over the whole content, computed by the store. Throws as `head`. */
  digest(): Promise<Digest>
  /** Applies a change in one transaction. Throws what a step's check returned, StoreUnavailable or OutcomeUnknown. */
  apply(change: Change): Promise<Applied>
  history(query: HistoryQuery): Promise<readonly HistoryEntry[]>
  readonly tokens: TokenStore
  /** Hints on change; null where the store has none to give. */
  listen(events: ListenEvents): Listening | null
  /** Ends connections; safe to call twice. */
  close(): Promise<void>
}

export function samePosition(a: Position | null, b: Position | null): boolean {
  return a === b || (a !== null && b !== null && a.version === b.version && a.nonce === b.nonce)
}

/** Whether `a` is a later state than `b`, as far as their numbers tell; a restored database counts again. */
export function isAhead(a: Position, b: Position): boolean {
  return BigInt(a.version) > BigInt(b.version)
}
