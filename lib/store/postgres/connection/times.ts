// How long the store waits for Postgres, in milliseconds.

export interface PostgresTimes {
  readonly connectMs: number
  /** For one short statement, and per statement of a change. */
  readonly statementMs: number
  /** For reading everything. */
  readonly bulkMs: number
  readonly lockMs: number
  /** For finding out the outcome of a COMMIT whose answer was lost. */
  readonly outcomeMs: number
  readonly echoEveryMs: number
  readonly echoWithinMs: number
  readonly longestPauseMs: number
}

export const defaultTimes: PostgresTimes = {
  connectMs: 1_000,
  statementMs: 2_000,
  bulkMs: 10_000,
  lockMs: 1_000,
  outcomeMs: 1_000,
  echoEveryMs: 10_000,
  echoWithinMs: 5_000,
  longestPauseMs: 30_000,
}
