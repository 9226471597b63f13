// Processor time of processes. Linux only: it reads /proc.
import { readFileSync } from 'node:fs'

/** What /proc counts in. */
const ticksPerSecond = 100

/**
 * Milliseconds of a process, those it has started, and those that have ended.
 * @param {number | string} pid
 * @returns {number}
 */
export function processorMs(pid) {
  const [, fields] = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')
  const [user, system, userOfEnded, systemOfEnded] = fields.split(' ').slice(11, 15).map(Number)
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean)
  const own = ((user + system + userOfEnded + systemOfEnded) / ticksPerSecond) * 1_000
  return children.reduce((sum, child) => sum + alive(child), own)
}

/** @param {string} pid */
function alive(pid) {
  try {
    return processorMs(pid)
  } catch {
    return 0 // It has ended between the two looks; the next look finds it with its parent.
  }
}
