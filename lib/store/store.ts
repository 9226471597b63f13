// The contract of a store. Every implementation (Postgres, embedded, memory) runs test/contract/store.contract.ts.
import type { SignInStore } from './sign-ins.js'
import type { TokenStore } from './token-store.js'
import type { FeatureError } from '../errors.js'
import type { ChangeDetails, ChangeOrigin } from './change-origin.js'
import type { HistoryFeed } from './history/feed.js'
import type { History, Ledger } from './history/history.js'
import type { ProjectSql } from './project-sql.js'
import type { Operation } from '../state/operations.js'
import type { FeatureNow, Revision } from '../state/revision.js'
import type { Listening, Position, StoredDelta, StoredFeature, StoredWhole } from '../state/state.js'

export type { History, HistoryQuery, Ledger, Past, PastQuestion, RecordedRowsQuery } from './history/history.js'
export type { ChangesFound, ChangesQuestion } from './history/changes.js'
export type { HistoryEntry } from './history/entry.js'
export type { TokenRecord, TokenStore } from './token-store.js'

/** The state of the store: position, identity and health. */
export interface Standing {
  readonly position: Position | null
  readonly identity: string | null
  /** True on a standby, which may lag. */
  readonly inRecovery: boolean
  /**
   * A fingerprint of triggers and functions: while it stays the same, so do they. Null if there are none, undefined if it was
   * not asked for.
   */
  readonly guard: string | null | undefined
}

export interface HeadQuestion {
  /**
   * Whether the answer holds the fingerprint of the triggers, which is a fifth of its cost over a new connection. Default:
   * true.
   */
  readonly guard?: boolean
}

/** The state of the store, compared with the position in question. */
export interface Head extends Standing {
  /** Whether the position in question is in the history. */
  readonly known: boolean
}

export interface SinceQuestion extends HeadQuestion {
  /** Features whose content is wanted even if the history does not name them. */
  readonly also?: readonly string[]
  /**
   * The most stored rows that `delta` may hold; above it the answer names the changed features and leaves their content out.
   * Default: no limit.
   */
  readonly most?: number
  /** Whether to compute the digest of everything. */
  readonly digest?: boolean
}

/** The answer to a question about changes, read in one statement. */
export interface Since<Item = StoredFeature> extends Standing {
  /**
   * Null if everything has to be read: there was no position to start from, it is not in the history, or the history has a gap
   * since (a position without a row, as after a repair of the triggers).
   */
  readonly delta: StoredDelta<Item> | null
  /** Features that changed but are not in `delta.changed`, because it would have held more than `most` rows. */
  readonly leftOut: readonly string[]
  /** The content now of the features in `also`; null: it is not stored. */
  readonly also: ReadonlyMap<string, Item | null>
  /** Null if it was not asked for. Equal contents have equal texts, other contents have other texts (state/digest.ts). */
  readonly digest: string | null
}

export type TriggerFaultKind = 'missing' | 'disabled' | 'altered' | 'older'

export interface TriggerFault {
  readonly kind: TriggerFaultKind
  readonly what: 'function' | 'trigger' | 'setting'
  /**
   * The name of the function or trigger; or `session_replication_role`, while it keeps the triggers of our sessions from
   * running.
   */
  readonly name: string
  /** The table of the trigger, existing or missing; null for a function and a setting. */
  readonly table: string | null
}

/** Whether the triggers that keep position and history are there, enabled, unaltered, and of this version. */
export interface TriggerReport {
  /**
   * `newer`: the triggers of a newer version, which are believed. `older`: those of an earlier migration, which work. `broken`:
   * changes may leave no trace.
   */
  readonly state: 'sound' | 'older' | 'newer' | 'broken'
  readonly faults: readonly TriggerFault[]
}

/** The values that a step's `check` gets, read inside the transaction that will write. */
export interface Current {
  readonly persisted: boolean
  /** The text of the boolean gate's row; null if there is none. */
  readonly boolean: string | null
  /** The text of the percentage-of-time gate's row; null if there is none. */
  readonly percentageOfTime: string | null
  /** How many actor rows are stored, opt-outs included. */
  readonly actorCount: number
  /** How many of these are opt-outs. */
  readonly optOutCount: number
  /** The step's `lookup` texts that are stored as actor values. */
  readonly actors: ReadonlySet<string>
}

export interface Step {
  readonly feature: string
  readonly operation: Operation
  /** Actor values that `check` needs to know about. */
  readonly lookup?: readonly string[]
  /** Runs inside the transaction; if it returns an error, the whole change is refused and nothing is written. */
  readonly check?: (current: Current) => FeatureError | null
}

/** One transaction: all steps or none of them. */
export interface Change extends ChangeOrigin {
  readonly steps: readonly Step[]
  /**
   * The revisions that flags must have, by flag; each of them has a step. Otherwise the change is refused (`flag_changed`). They are
   * compared when no other writer can come in between any more, also where the change turns out to write nothing.
   */
  readonly expect?: ReadonlyMap<string, Revision>
  /** What is told of it beside its rows. Where the store's login may not write that, the change is made all the same. */
  readonly details?: ChangeDetails
  /**
   * Whether the caller may send the change twice: one whose id the history has already is not made again, and the answer is that of the
   * first time. Default: false, for an id that is new.
   */
  readonly mayRepeat?: boolean
}

export interface Applied {
  /** The position that this change made; null if no row changed, or if our own tables are missing. */
  readonly position: Position | null
  readonly changed: boolean
  /** The change was made before, and this time nothing was written. */
  readonly repeated?: true
}

/** The variant that an actor has in an experiment. */
export interface Assignment {
  /** 32 hexadecimal digits that stand for the actor: ids may be of any length, and need not be known to the store. */
  readonly actor: string
  readonly experiment: string
  readonly variant: string
}

/** The variants of experiments that are kept. The first one that is kept for an actor stays. */
export interface AssignmentStore {
  /** All that is kept of these actors. Throws StoreUnavailable (`not_migrated` too) and FeatureError (`store_rejected`). */
  find(actors: readonly string[]): Promise<readonly Assignment[]>
  /**
   * Keeps each one, unless another one is kept of the same actor and experiment, and gives what is kept of them now. Nothing is
   * kept of an experiment whose flag is not stored. Throws as `find`.
   */
  keep(assignments: readonly Assignment[]): Promise<readonly Assignment[]>
  /** Deletes at most so many of an experiment, and gives their number. Throws as `find`. */
  remove(experiment: string, most: number): Promise<number>
  /** How many actors have each variant of an experiment. Throws as `find`. */
  count(experiment: string): Promise<ReadonlyMap<string, number>>
}

export interface ListenEvents {
  /** Something may have changed: check the position. */
  hint(): void
  /** Whether hints arrive at the moment (false: only the poll is left). */
  heard(working: boolean): void
}

/** The methods of a store that a replica uses. */
export interface StoreReader<Item = StoredFeature> {
  /**
   * The state of the store. Throws StoreUnavailable (`store_unavailable`, or `not_migrated` if even the two tables are
   * missing).
   */
  head(mine: Position | null, question?: HeadQuestion): Promise<Head>
  /** Everything, in one statement, with its digest if `digest` is true. Throws as `head`. */
  readAll(question?: { readonly digest?: boolean }): Promise<StoredWhole<Item>>
  /** The state of the store and the changes since `from`, in one statement. Throws as `head`. */
  readSince(from: Position | null, question?: SinceQuestion): Promise<Since<Item>>
  /** The faults of the triggers. Throws as `head`. */
  inspectTriggers(): Promise<TriggerReport>
  /** Hints of changes; null if the store has none to give. */
  listen(events: ListenEvents): Listening | null
}

/** The method that changes flags. */
export interface ChangeStore {
  /**
   * Applies a change in one transaction. Throws the error of a step's check, InvalidOperation (`flag_changed`), FeatureError
   * (`invalid_arguments`) for the id of a change of other flags, StoreUnavailable or OutcomeUnknown.
   */
  apply(change: Change): Promise<Applied>
  /** What is stored of one flag, and where its history stands, in one statement. Throws StoreUnavailable. */
  readFeature(feature: string): Promise<FeatureNow>
}

/** The tables of projects: their rows, and the directory of projects as a replica reads it. */
export interface StoredProjects extends ProjectSql {
  /** Its items are projects as rows (lib/project-flags/directory.ts). Throws `not_migrated` while the tables are missing. */
  readonly directory: StoreReader
}

/** A store of flags with all its sides; each user takes the side that it needs. */
export interface Store extends StoreReader, ChangeStore, History, Ledger {
  readonly kind: 'postgres' | 'embedded' | 'memory'
  readonly tokens: TokenStore
  readonly assignments: AssignmentStore
  readonly signIns: SignInStore
  readonly feed: HistoryFeed
  /** The way to the tables of projects; null if the store has no SQL. */
  readonly projects: StoredProjects | null
  /** Makes the store usable (embedded: owns or joins, migrates). Postgres connects only at the first query. */
  open(): Promise<void>
  /** Ends connections; safe to call twice. */
  close(): Promise<void>
}
