// What comes with a change: who makes it, and on which terms.
import { randomUUID } from 'node:crypto'
import type { ChangeOrigin } from '../../store/change-origin.js'

/** Who makes a change, from where and why. */
export interface ChangedBy {
  readonly author: string
  readonly source: string
  readonly reason?: string | null | undefined
  /** Judges the change and gives the answer that it would have, and writes nothing. What would be new has ids below 0. */
  readonly dryRun?: boolean | undefined
  /**
   * The change is made only while the flag, the list or the project has one of these revisions (`flagRevision` of a flag);
   * otherwise it is refused with FeatureError (`changed_meanwhile`), which names the last change.
   */
  readonly ifMatch?: readonly number[] | undefined
}

export function originOf({ author, source, reason = null }: ChangedBy): ChangeOrigin {
  return { id: randomUUID(), author, source, reason }
}
