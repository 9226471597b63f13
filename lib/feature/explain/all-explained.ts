// The answers of all flags for an actor, and how they compare with those for another one or at another time.
import type { ExplainedAnswer, ExplainedAsOf } from './explanation.js'

/** Which flags are wanted: those that are on, by chance too; or those that differ, from the other answer or from their default. */
export type OnlyFlags = 'on' | 'different'

/** One flag among all. */
export interface ExplainedFlag extends ExplainedAnswer {
  readonly name: string
  /** The default of its definition; null where it has none. */
  readonly default: boolean | null
  /** The other answer; null where there is nothing to compare with. */
  readonly than: ExplainedAnswer | null
}

export interface AllExplained {
  readonly asOf: ExplainedAsOf
  /** Of the other answers; null where there is nothing to compare with. */
  readonly thanAsOf: ExplainedAsOf | null
  /** By name. */
  readonly flags: readonly ExplainedFlag[]
}

export function isWanted(flag: ExplainedFlag, only: OnlyFlags | undefined): boolean {
  switch (only) {
    case undefined:
      return true
    case 'on':
      return flag.value !== false
    case 'different':
      return flag.than === null ? flag.value !== (flag.default ?? false) : flag.chance !== flag.than.chance
  }
}
