// The pauses of a replica before it asks the store again.
import type { Clock } from '../time/clock.js'

export interface PollOptions {
  readonly clock: Clock
  readonly pollIntervalMs: number
}

/**
 * The longest pause between two tries; for a large fleet the pause is longer from the start, otherwise none of its processes
 * would get a turn.
 */
const retryCapMs = 4_000

/**
 * The pause until the next poll, jittered by a fifth, and shorter if something falls due in `dueInMs` (null: it waits for the
 * poll).
 */
export function pollPauseMs({ clock, pollIntervalMs }: PollOptions, dueInMs: number | null): number {
  const pauseMs = pollIntervalMs * (0.8 + 0.4 * clock.random())
  // A reason that is already due was just asked about, and not answered: it waits for the normal poll.
  return dueInMs === null || dueInMs === 0 ? pauseMs : Math.min(pauseMs, dueInMs)
}

/**
 * The pause until the next try after that many failures in a row, with full jitter over the time that the fleet's questions
 * take.
 */
export function retryPauseMs(clock: Clock, failures: number, fleetMs: number): number {
  return clock.random() * Math.max(Math.min(retryCapMs, 250 * 2 ** failures), fleetMs)
}
