// How long things may take and last with Redis; tests inject shorter ones.

export interface RedisTimings {
  /** A command gives up after this. */
  readonly commandMs: number
  /** A connection has this long for the network and `silenceMs` more for logging in: one limit for both. */
  readonly connectMs: number
  /** A connection that owes an answer and says nothing for this long is cut. */
  readonly silenceMs: number
  /** The longest pause between two attempts to connect. */
  readonly reconnectMs: number
  /** How often the subscription is tried. */
  readonly pingMs: number
  /** The process that may write a blob has this long; no other one writes one meanwhile. */
  readonly claimMs: number
  /** No claim lasts longer, however long its blob took. */
  readonly longestClaimMs: number
  /**
   * How long a blob is kept when it is no longer the newest: processes may be about to read it. Under constant change so
   * many are kept as are written meanwhile.
   */
  readonly keepMs: number
  /** A process that has not beaten for this long is not waited for. */
  readonly aliveMs: number
  /** How often a wait request is repeated: messages get lost. */
  readonly repeatMs: number
  /** Garbage on the channel causes at most one look at the position in this time. */
  readonly unsureMs: number
}

export const redisTimings: RedisTimings = {
  commandMs: 200,
  connectMs: 500,
  silenceMs: 1_000,
  reconnectMs: 1_500,
  pingMs: 5_000,
  claimMs: 5_000,
  longestClaimMs: 600_000,
  keepMs: 60_000,
  aliveMs: 30_000,
  repeatMs: 500,
  unsureMs: 1_000,
}

/**
 * The next blob has to wait so many times as long as the last one took: each is a whole read of Postgres, which may take no
 * more than 5 % of a fleet's time.
 */
export const claimFactor = 20
