// The side of a store that tells what was changed, and what was stored in the past.
import type { PastPoint, UncertainRow } from '../../state/past.js'
import type { Position, StoredFeature } from '../../state/state.js'
import type { ChangesFound, ChangesQuestion, HistoryFilter } from './changes.js'
import type { HistoryEntry } from './entry.js'

export interface HistoryQuery extends HistoryFilter {
  /** At most this many entries, newest first. */
  readonly limit: number
}

export interface PastQuestion {
  readonly point: PastPoint
  /** Default: all of them. */
  readonly feature?: string
}

/** What was stored at a point in the past. */
export interface Past {
  /** The version of the position at the point. */
  readonly version: string
  /** When that version was made; null where no row of the history tells. */
  readonly at: Date | null
  /** The position of what is stored now, as of the same moment. */
  readonly now: Position
  /** The newest row of the history of the one feature that was asked for, up to the point; null: none, or all were asked for. */
  readonly newest: Position | null
  /** By key; a feature of which nothing was stored is not in it. */
  readonly features: ReadonlyMap<string, StoredFeature>
  /** Rows of which it is not known whether they were stored, because they were written past the triggers. */
  readonly uncertain: readonly UncertainRow[]
}

/** Which rows of the history of one flag. */
export interface RecordedRowsQuery {
  readonly feature: string
  /** Rows of later versions do not count. */
  readonly until: string
  /** Only rows of this value of a gate. */
  readonly of?: { readonly gate: string; readonly value: string }
  readonly limit: number
}

/** The changes, and the author of each. */
export interface History {
  /** The newest entries first. Throws StoreUnavailable. */
  history(query: HistoryQuery): Promise<readonly HistoryEntry[]>
  /**
   * The newest changes first, a page of them in one statement. Throws FeatureError (`invalid_arguments` for a limit or a page that is none) and
   * StoreUnavailable.
   */
  changes(question: ChangesQuestion): Promise<ChangesFound>
  /**
   * What was stored at a point in the past, of one feature or of all, in one statement. Throws FeatureError (`invalid_point` for a point in the
   * future, `not_in_history`) and StoreUnavailable.
   */
  readPast(question: PastQuestion): Promise<Past>
  /** Rows of one flag, the newest first; none where our own tables are missing. Throws StoreUnavailable. */
  recordedRows(query: RecordedRowsQuery): Promise<readonly HistoryEntry[]>
}

/** The comparison of what is stored with the newest operation on each row: it shows what was written past the triggers. */
export interface Ledger {
  /** The features with rows that the history does not tell of; of all features, or of one. Throws StoreUnavailable. */
  untracked(feature?: string): Promise<readonly string[]>
  /**
   * Adds such rows of one feature to the history, as the author `unknown` and with a new position. Resolves with the number of rows added; null
   * where this login may not. Throws StoreUnavailable.
   */
  recordUntracked(feature: string): Promise<number | null>
}
