// What was stored in the past, for whatever answers about it: explain, restore and diff.
import type { FeatureNow } from '../../state/revision.js'
import { revisionOf, revisionText } from '../../state/revision.js'
import type { UncertainRow } from '../../state/past.js'
import type { StoredFeature } from '../../state/state.js'
import type { History, Past, PastQuestion } from '../../store/history/history.js'
import type { UntrackedWrites } from './untracked-writes.js'
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
  readonly #untracked: Pick<UntrackedWrites, 'record'>

  constructor(store: Pick<History, 'readPast'>, untracked: Pick<UntrackedWrites, 'record'>) {
    this.#store = store
    this.#untracked = untracked
  }

  /**
   * One flag at a point. Rejects with FeatureError (`invalid_point`, `not_in_history`) and StoreUnavailable.
   */
  async ofFlag(name: string, point: PointText, reading?: PointReading): Promise<FlagThen> {
    const question = { point: parsePoint(point, reading), feature: name }
    const past = await this.#read(question, name)
    const stored = [...past.features.values()].at(0) ?? null
    const then: Pick<FeatureNow, 'stored' | 'newest'> = { stored, newest: past.newest }
    const { version, at, now, uncertain } = past
    return { name, version, at, now, stored, revision: revisionText(revisionOf(then)), uncertain }
  }

  /**
   * What is found to be written past the triggers is added to the history, so that it is found once. It is not read again after that: `2h` would be another moment, and
   * a short time ago would be after the rows came into the history, as if they were certain then.
   */
  async #read(question: PastQuestion, name: string): Promise<Past> {
    const past = await this.#store.readPast(question)
    if (past.uncertain.some(({ until }) => until === null)) await this.#untracked.record(name)
    return past
  }

  /** All flags at a point. A revision names one flag only, so it is none. Rejects as `ofFlag`. */
  async ofAll(point: PointText, reading?: PointReading): Promise<Past> {
    return this.#store.readPast({ point: parsePoint(point, reading) })
  }
}
