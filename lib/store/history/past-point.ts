// Whether the history reaches back to a point. Every store finds the version of a point in its own way, and all are judged here.
import { FeatureError } from '../../errors.js'
import type { PastPoint } from '../../state/past.js'
import { revisionText } from '../../state/revision.js'
import { quoted } from '../../text/printable.js'

/** The history does not hold the point, or not all that has happened since. */
export class NotInHistory extends FeatureError {
  /** The earliest time that is known; null: only what is stored now. */
  readonly earliest: Date | null

  constructor(problem: string, earliest: Date | null) {
    const remedy =
      earliest === null
        ? 'only what is stored now is known'
        : `give a later point: the past is known from ${earliest.toISOString()} on`
    super('not_in_history', { problem, remedy })
    this.earliest = earliest
  }
}

/** What a store has found out about a point. */
export interface FoundPoint {
  /** Null: the history has no such revision or change. */
  readonly version: string | null
  /** The version of what is stored now. */
  readonly now: string
  /** The lowest version that the history holds; null where it holds none. */
  readonly first: string | null
  /** How many versions the history holds above that of the point. */
  readonly versionsAfter: number
  /** When the history began; null where that is not known. */
  readonly began: Date | null
  /** The earliest time since which the history has no gap; only asked for where it is needed. */
  readonly earliest: Date | null
  /** The moment, of a point that is a time. */
  readonly moment: Date | null
  /** The time by the clock of the store. */
  readonly clock: Date
}

/** The version of the point. Throws FeatureError: `invalid_point` for one in the future, `not_in_history` (NotInHistory). */
export function reachedVersion(point: PastPoint, found: FoundPoint): string {
  const { version, now, began, earliest, moment, clock } = found
  if (moment !== null && moment > clock) {
    throw inTheFuture(`${quoted(moment.toISOString())} is in the future; it is ${clock.toISOString()}`)
  }
  if (version === null) throw new NotInHistory(`the history has no ${pointText(point)}`, earliest ?? began)
  if (BigInt(version) > BigInt(now)) throw inTheFuture(`the position ${quoted(version)} is in the future; it is ${now}`)
  if (moment !== null && began !== null && moment < began) {
    throw new NotInHistory(`the history does not reach back to ${pointText(point)}`, earliest ?? began)
  }
  if (isUnbroken(version, found)) return version
  throw new NotInHistory(`the history has a gap since ${pointText(point)}`, earliest)
}

/**
 * Whether the history holds all versions since, which count without gaps. The oldest version that is left after older ones were deleted may
 * be cut itself: of one change some rows may be gone.
 */
export function isUnbroken(
  version: string,
  { now, first, versionsAfter }: Pick<FoundPoint, 'now' | 'first' | 'versionsAfter'>,
): boolean {
  if (version === now) return true
  if (BigInt(versionsAfter) !== BigInt(now) - BigInt(version)) return false
  return version === '0' || (first !== null && BigInt(version) >= BigInt(first))
}

function inTheFuture(problem: string): FeatureError {
  return new FeatureError('invalid_point', { problem, remedy: 'give a point in the past' })
}

/** The point in words. */
export function pointText(point: PastPoint): string {
  switch (point.kind) {
    case 'version':
      return `position ${quoted(point.version)}`
    case 'revision':
      return `revision ${quoted(revisionText(point.revision))} of this flag`
    case 'change':
      return `change ${quoted(point.changeId)}`
    case 'time':
      return point.at.toISOString()
    case 'ago':
      return `the time ${point.ms / 1_000} s ago`
  }
}

/** Whether a point means the state right after a change, and not any moment until the next one. */
export function isExact(point: PastPoint): boolean {
  return point.kind !== 'time' && point.kind !== 'ago'
}
