// What was made in memory, one position after the other, and which of it is asked for.
import type { HistoryBound, HistoryFilter } from '../history/changes.js'
import type { HistoryEntry } from '../history/entry.js'
import type { Position } from '../../state/state.js'

/** A position, and the rows of the change that made it. */
export interface Made {
  readonly position: Position
  readonly at: Date
  readonly entries: readonly HistoryEntry[]
}

interface MadeHistory {
  /** Oldest first; the first is the position before any change. */
  readonly made: readonly Made[]
  now(): Date
}

/** Whether a row is one of those that are asked for, wherever it stands in time. */
export function isAsked(entry: HistoryEntry, { feature, changeId, author, source }: HistoryFilter): boolean {
  return (
    (feature === undefined || entry.feature === feature) &&
    (changeId === undefined || entry.changeId === changeId) &&
    (author === undefined || entry.author === author) &&
    (source === undefined || entry.source === source)
  )
}

/** What was made within the bounds, oldest first. */
export function within(history: MadeHistory, { from, to }: HistoryFilter): readonly Made[] {
  const after = from === undefined ? -1 : indexAt(history, from, 0)
  const upTo = to === undefined ? history.made.length : indexAt(history, to, 1)
  return history.made.filter((_, index) => index > after && index <= upTo)
}

/** The index of the last that was made before the time; `laterMs`: how much later it may be. */
function indexAt(history: MadeHistory, bound: HistoryBound, laterMs: number): number {
  if (bound.kind === 'version') return Number(bound.version)
  const time = bound.kind === 'time' ? bound.at.getTime() : history.now().getTime() - bound.ms
  const first = history.made.findIndex(({ at }, index) => index > 0 && at.getTime() >= time + laterMs)
  return first === -1 ? history.made.length : first - 1
}
