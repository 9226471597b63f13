// What a server process has used of the machine, by its own account; and what all programs have.
import { cpus } from 'node:os'

/** @typedef {{ readonly processorMs: number, readonly rss: number, readonly heap: number }} Usage */

/**
 * Processor time and memory of this process so far.
 * @returns {Usage}
 */
export function usage() {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  return { processorMs: (user + system) / 1_000, rss, heap: heapUsed + external }
}

/** The same when all that is not needed any more has been collected. */
export function collectedUsage() {
  for (let round = 0; round < 3; round++) globalThis.gc?.()
  return usage()
}

/** Processor time that all programs of the machine have taken since it started, in milliseconds. */
export function machineMs() {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0)
}
