// What was stored in the past, for whatever answers about it: explain, restore and diff.
import type { FeatureNow } from '../../state/revision.js'
import { revisionOf, revisionText } from '../../state/revision.js'
import type { UncertainRow } from '../../state/past.js'
import type { StoredFeature } from '../../state/state.js'
import type { History, Past } from '../../store/store.js'
import { parsePoint, type PointReading, type PointText } from './point.js'

/** One flag as it was at a point. */
export interface FlagThen {
  readonly name: string
  /** The version of the position at the point, and when it was made; null where no row of the history tells. */
  readonly version: string
  readonly at: Date | null
  /** The position of what is stored now, as of the same moment. */
  readonly now: Past['now']
  /** Null: nothing was stored of it. */
  readonly stored: StoredFeature | null
  /** The revision that it had. */
  readonly revision: string
  /** Rows of which it is not known whether they were stored, because they were written past the triggers. */
  readonly uncertain: readonly UncertainRow[]
}

export class PastStates {
  readonly #store: Pick<History, 'readPast'>

  constructor(store: Pick<History, 'readPast'>) {
    this.#store = store
  }

  /**
   * One flag at a point. Rejects with FeatureError (`invalid_point`, `not_in_history`) and StoreUnavailable.
   */
  async ofFlag(name: string, point: PointText, reading?: PointReading): Promise<FlagThen> {
    const past = await this.#store.readPast({ point: parsePoint(point, reading), feature: name })
    const stored = [...past.features.values()].at(0) ?? null
    const then: Pick<FeatureNow, 'stored' | 'newest'> = { stored, newest: past.newest }
    const { version, at, now, uncertain } = past
    return { name, version, at, now, stored, revision: revisionText(revisionOf(then)), uncertain }
  }

  /** All flags at a point. A revision names one flag only, so it is none. Rejects as `ofFlag`. */
  async ofAll(point: PointText, reading?: PointReading): Promise<Past> {
    return this.#store.readPast({ point: parsePoint(point, reading) })
  }
}
