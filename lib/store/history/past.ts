// The answer to a question about the past, made in the same way by every store.
import { type PastPoint, type RowTrail, rowsAt, type Stored } from '../../state/past.js'
import { contentDigest, contentPart } from '../../state/revision.js'
import type { Position } from '../../state/state.js'
import { type FoundPoint, isExact, NotInHistory, pointText, reachedVersion } from './past-point.js'
import type { Past } from '../store.js'

/** What a store has read for the answer, as of one moment. */
export interface PastRows {
  readonly now: Position
  /** When the version of the point was made; null where no row of the history tells. */
  readonly at: Date | null
  readonly newest: Position | null
  readonly stored: Stored
  readonly trails: readonly RowTrail[]
}

/** Throws as `reachedVersion`. */
export function pastOf(point: PastPoint, found: FoundPoint, { now, at, newest, stored, trails }: PastRows): Past {
  const version = reachedVersion(point, found)
  const rows = rowsAt(stored, trails, { version, isExact: isExact(point) })
  return { version, at: at ?? (version === '0' ? found.began : null), now, newest, ...certified(point, rows, found) }
}

type Rows = Pick<Past, 'features' | 'uncertain'>

/** A revision tells the content, too. Throws NotInHistory for one whose content the flag did not have. */
function certified(point: PastPoint, rows: Rows, { began, earliest }: FoundPoint): Rows {
  if (point.kind !== 'revision' || rows.features.size > 1) return rows
  const [stored = null] = rows.features.values()
  if (contentPart(contentDigest(stored)) === point.revision.content) return { ...rows, uncertain: [] }
  if (rows.uncertain.length > 0) return rows
  throw new NotInHistory(`the history does not hold the rows of the ${pointText(point)}`, earliest ?? began)
}
