// Time and chance, passed in so that tests decide both. Order never depends on wall clocks.
import { setImmediate } from 'node:timers/promises'
import { fairDeadline } from './deadlines.js'

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Milliseconds from an arbitrary start; never steps back. */
  now(): number
  /** A number from 0 up to 1. */
  random(): number
  /** Calls once after `delayMs`; a timer never keeps the process alive. */
  after(delayMs: number, call: () => void): Timer
  /** Calls once after another process has had that long to answer (see lib/time/deadlines.ts). */
  deadline(delayMs: number, call: () => void): Timer
  /** Resolves in the next turn of the event loop, after the other work has had its turn. */
  nextTurn(): Promise<void>
}

/** Resolves with the work, which never rejects, or when the time is over; the work goes on in that case. */
export async function atMost(clock: Clock, ms: number, work: Promise<void>): Promise<void> {
  let timer: Timer | null = null
  const late = new Promise<void>((resolve) => {
    timer = clock.after(ms, resolve)
  })
  await Promise.race([work.finally(() => timer?.cancel()), late])
}

export const systemClock: Clock = {
  now: () => performance.now(),
  random: Math.random,
  after(delayMs, call) {
    const timer = setTimeout(call, delayMs)
    timer.unref()
    return { cancel: () => clearTimeout(timer) }
  },
  deadline: fairDeadline,
  nextTurn: () => setImmediate(),
}
