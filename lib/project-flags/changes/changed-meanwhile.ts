// The refusal of a change that was decided on what no longer is: it names the change that came first.
import { FeatureError } from '../../errors.js'
import { quoted } from '../../text/printable.js'
import type { HistoryEntry, HistoryOf } from '../project.js'

/** What is not as the caller read it, and where the history tells of it. */
export interface Stale extends HistoryOf {
  /** In words: `the flag "new_layout"`. */
  readonly what: string
  /** The one that it has now. */
  readonly revision: number
}

/** What was to be changed is not as the caller read it: another change came first. */
export class ChangedMeanwhile extends FeatureError {
  readonly stale: Stale
  /** That other change; null if the history does not tell. */
  readonly last: HistoryEntry | null

  constructor(stale: Stale, last: HistoryEntry | null) {
    const who = last === null ? '' : ` by ${quoted(last.author)} (${last.source}) at ${last.at.toISOString()}`
    super('changed_meanwhile', {
      problem: `${stale.what} was changed${who}; its revision is ${stale.revision} now`,
      remedy: 'read it again, then decide anew',
    })
    this.stale = stale
    this.last = last
  }
}
