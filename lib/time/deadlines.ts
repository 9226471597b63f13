// Deadlines for answers of other processes, fair to them on a machine that is too busy to let this one listen: timers
// fire before what has arrived meanwhile is read, so that a process which waits for the processor would take every answer
// for late, connect once more or ask somebody else, and make the machine busier still. What counts is how long it could
// listen.
import { performance } from 'node:perf_hooks'

export interface Deadline {
  cancel(): void
}

/** A process that never comes to listen has to go on some time. */
const longestMs = 10_000

/**
 * Calls once after `ms` if this process could listen for at least half of that time, else as soon as it has, and after
 * 10 s in any case. Never keeps the process alive.
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

function wait(ms: number, call: () => void): NodeJS.Timeout {
  const timer = setTimeout(call, ms)
  timer.unref()
  return timer
}

/** For how long this process has had nothing to do but to listen, since it was started. */
function idleMs(): number {
  return performance.eventLoopUtilization().idle
}
