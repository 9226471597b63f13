// The history as those read it who follow it: what was changed since a position, by change, and who changed each flag last.
import type { Position } from '../../state/state.js'
import type { HistoryEntry } from './entry.js'

/** The newest change of a feature. */
export interface NewestChange {
  readonly feature: string
  readonly at: Date
  readonly author: string
}

/** The rows of one feature that one transaction wrote. */
export interface FedFeature {
  readonly feature: string
  /** In the order of writing; of each gate at most so many of those added, and of those removed. */
  readonly rows: readonly HistoryEntry[]
  /** How many more rows there are. */
  readonly hidden: { readonly added: number; readonly removed: number }
}

/** What one transaction wrote. */
export interface FedChange {
  readonly position: Position
  readonly at: Date
  readonly author: string
  readonly source: string
  readonly reason: string | null
  readonly changeId: string | null
  /** By name; null where there are more than were asked for. */
  readonly features: readonly FedFeature[] | null
}

export interface FeedQuestion {
  /** The most changes; where there are more, none is told. */
  readonly changes: number
  /** The most features of a change that are told with their rows. */
  readonly features: number
  /** The most rows of a gate that are told, of those added and of those removed. */
  readonly rows: number
}

export interface HistoryFed {
  /** Of the store; null where our own tables are missing. */
  readonly position: Position | null
  /**
   * Oldest first. Null where they cannot be told: the position is not in the history, part of the history since is gone, or there are too
   * many.
   */
  readonly changes: readonly FedChange[] | null
  /** The newest of these changes of each feature; empty where the changes cannot be told. */
  readonly newest: readonly NewestChange[]
}

export interface HistoryFeed {
  /** The changes since a position, in one statement. Throws StoreUnavailable. */
  changesSince(from: Position, most: FeedQuestion): Promise<HistoryFed>
  /**
   * The position so many changes ago, or of the oldest change within the newest 20,000 rows, for a reader that wants those since. Null
   * where there is no history. Throws StoreUnavailable.
   */
  positionBefore(changes: number): Promise<Position | null>
  /** The newest change of each feature that the history names; empty where there is no history. Throws StoreUnavailable. */
  newestChanges(): Promise<readonly NewestChange[]>
}
