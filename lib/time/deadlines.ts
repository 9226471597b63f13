// Deadlines for answers of other processes. They are fair on a machine that is too busy to let this process listen. Timers fire
// before the data that arrived in between is read. A process that waits for the processor would therefore treat every answer as
// late, connect once more or ask another server, and make the machine busier still. So only the time in which this process
// could listen counts.
import { performance } from 'node:perf_hooks'

export interface Deadline {
  cancel(): void
}

/** A process that never gets to listen must still go on at some point. */
const longestMs = 10_000

/**
 * Calls once after `ms` if this process could listen for at least half of that time, otherwise as soon as it has, and after 10
 * s in any case. Never keeps the process alive.
 */
export function fairDeadline(ms: number, call: () => void): Deadline {
  const begunMs = performance.now()
  const idleBeforeMs = idleMs()
  const look = () => {
    const missingMs = ms / 2 - (idleMs() - idleBeforeMs)
    const leftMs = longestMs - (performance.now() - begunMs)
    if (missingMs <= 0 || leftMs <= 0) call()
    else timer = wait(Math.min(missingMs, leftMs), look)
  }
  let timer = wait(ms, look)
  return { cancel: () => clearTimeout(timer) }
}

/** Resolves or rejects with the work, or rejects when its time is over; the work goes on then. Keeps the process alive meanwhile. */
export async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it took longer than ${ms} ms`)), ms)
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

function wait(ms: number, call: () => void): NodeJS.Timeout {
  const timer = setTimeout(call, ms)
  timer.unref()
  return timer
}

/** How long this process has had nothing to do but listen, since it was started. */
function idleMs(): number {
  return performance.eventLoopUtilization().idle
}
