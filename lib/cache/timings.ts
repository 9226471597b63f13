// Time limits and durations for Redis; tests inject shorter ones.

export interface RedisTimings {
  /** A command gives up after this. */
  readonly commandMs: number
  /** A connection has this long for the network, and `silenceMs` more for the login: one limit for both. */
  readonly connectMs: number
  /** A connection that owes an answer and says nothing for this long is cut. */
  readonly silenceMs: number
  /** The longest pause between two attempts to connect. */
  readonly reconnectMs: number
  /** How often the subscription is checked. */
  readonly pingMs: number
  /** The process with the claim has this long to write a blob; no other process writes one in this time. */
  readonly claimMs: number
  /** No claim lasts longer, however long its blob took. */
  readonly longestClaimMs: number
  /**
   * How long a blob is kept after it is no longer the newest: processes may be about to read it. Under constant change, all
   * blobs written within this time are kept.
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
 * The next blob must wait this many times as long as the last one took: each is a whole read of Postgres, which may take no
 * more than 5 % of a fleet's time.
 */
export const claimFactor = 20
