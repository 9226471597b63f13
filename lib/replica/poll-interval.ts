// How long a replica waits until it asks the store again.
import type { Clock } from '../time/clock.js'

export interface PollOptions {
  readonly clock: Clock
  readonly pollIntervalMs: number
}

/** The longest pause between two tries; a large fleet takes longer at once, or none of it would get a turn. */
const retryCapMs = 4_000

/** Until the next poll, jittered by a fifth, and sooner where something falls due in `dueInMs` (null: that waits for the poll). */
export function pollPauseMs({ clock, pollIntervalMs }: PollOptions, dueInMs: number | null): number {
  const pauseMs = pollIntervalMs * (0.8 + 0.4 * clock.random())
  // What is due already was just asked about, and not answered: it waits like everything else.
  return dueInMs === null || dueInMs === 0 ? pauseMs : Math.min(pauseMs, dueInMs)
}

/** Until the next try after that many failures in a row, with full jitter over the time that the fleet's questions take. */
export function retryPauseMs(clock: Clock, failures: number, fleetMs: number): number {
  return clock.random() * Math.max(Math.min(retryCapMs, 250 * 2 ** failures), fleetMs)
}
