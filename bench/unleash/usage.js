// What a server process has used of the machine, by its own account.

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
