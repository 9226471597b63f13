// One row of the history.
import type { Position } from '../../state/state.js'

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
