// How long a replica waits until it asks the store again.
import type { Clock } from './clock.js'

export interface PollOptions {
  readonly clock: Clock
  readonly pollIntervalMs: number
  /** How often the content is compared where there is no position; default 60 s. */
  readonly contentIntervalMs?: number
}

/** The longest pause between two tries; a large fleet takes longer at once, or none of it would get a turn. */
const retryCapMs = 4_000

/** Until the next poll, jittered by a fifth; longer where there is no position and everything has to be compared. */
export function pollPauseMs(
  { clock, pollIntervalMs, contentIntervalMs = 60_000 }: PollOptions,
  positioned: boolean,
): number {
  const interval = positioned ? pollIntervalMs : Math.max(pollIntervalMs, contentIntervalMs)
  return interval * (0.8 + 0.4 * clock.random())
}

/** Until the next try after that many failures in a row, with full jitter over the time that the fleet's questions take. */
export function retryPauseMs(clock: Clock, failures: number, fleetMs: number): number {
  return clock.random() * Math.max(Math.min(retryCapMs, 250 * 2 ** failures), fleetMs)
}
