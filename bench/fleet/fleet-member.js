// One process of a fleet: starts replicas, remembers when each change became visible in each of them.
import { loadComparison, loadLibrary } from '../support/build.js'
import { answer } from '../support/child-commands.js'
import { silent } from '../support/fixtures.js'
import { now } from '../support/shared-clock.js'
import { giveWay } from './low-priority.js'

const { createFeature } = await loadLibrary()
const { Comparison } = await loadComparison()

/** @type {import('../../lib/index.js').FeatureFlags[]} */
const replicas = []
/**
 * The name of the flag → when each replica saw it change, in milliseconds of the system's clock.
 * @type {Map<string, number[]>}
 */
const seen = new Map()

export const commands = {
  /**
   * Starts that many replicas at once; `comparing`: as they are, or without. Resolves with how long each took until it was ready.
   * @param {{ copies: number, options: import('../../lib/index.js').FeatureOptions, comparing: boolean }} given
   */
  async start({ copies, options, comparing }) {
    if (copies > 1) giveWay()
    if (!comparing) compareNever()
    const before = now()
    const starting = Array.from({ length: copies }, async () => {
      const feature = createFeature({ ...options, env: 'production', diskFile: false, logger: silent })
      replicas.push(feature)
      await feature.start()
      feature.on('change', ({ name }) => {
        const times = seen.get(name) ?? []
        seen.set(name, times)
        times.push(now())
      })
      return { readyMs: now() - before, source: feature.status().source }
    })
    return Promise.all(starting)
  },
  /**
   * Enables a flag through the first replica. Resolves with when the call began and when it was done.
   * @param {{ name: string }} given
   */
  async enable({ name }) {
    const begun = now()
    await replicas[0].enable(name)
    return { begun, done: now() }
  },
  seen: () => [...seen],
  /** The positions of all replicas, and how far each has come by which way. */
  look: () => replicas.map((feature) => ({ status: feature.status(), counts: feature.counts() })),
  /** Bytes of this process, and of its heap after a collection. */
  memory() {
    globalThis.gc?.()
    const { rss, heapUsed } = process.memoryUsage()
    return { rss, heapUsed }
  },
  end: () => Promise.all(replicas.map((feature) => feature.stop())),
}
answer(commands)

/** No question of this process asks for the digest: what is left is what polls cost. The library has no switch for it. */
function compareNever() {
  Object.defineProperty(Comparison.prototype, 'isDue', { get: () => false })
  Object.defineProperty(Comparison.prototype, 'dueInMs', { get: () => Number.POSITIVE_INFINITY })
}
