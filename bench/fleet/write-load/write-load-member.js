// One process of a write load: its replicas note which writes they see, and it may write itself.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { loadInstances } from '../../support/build.js'
import { answer } from '../../support/child-commands.js'
import { silent } from '../../support/fixtures.js'
import { made } from '../../support/made.js'
import { CheckMeter } from './check-meter.js'
import { numberIn, paceWrites } from './paced-writes.js'
import { now } from '../../support/shared-clock.js'
import { ObservedChanges } from './observed-changes.js'

const { createInstance } = await loadInstances()

const delayResolutionMs = 20
/** @typedef {import('../../../lib/index.js').FeatureOptions} FeatureOptions */
/** @typedef {import('./observed-changes.js').Writes} Writes */

/** @type {import('../../../lib/instance/instance.js').Instance[]} */
const replicas = []
/** @type {CheckMeter[]} */
const meters = []
const delays = monitorEventLoopDelay({ resolution: delayResolutionMs })
/** @type {ObservedChanges | null} */
let observed = null
/** @type {NodeJS.CpuUsage | undefined} */
let processorBefore

export const commands = {
  /**
   * Starts replicas one after the other: what many boots at once cost is measured elsewhere. `flags`: the writers' flags. The first
   * keeps a copy on disk.
   * @param {{ copies: number, options: FeatureOptions, flags: readonly string[], diskFile?: string | false }} given
   */
  async start({ copies, options, flags, diskFile = false }) {
    const noted = new ObservedChanges({ writers: flags.length, replicas: copies })
    observed = noted
    const writers = new Map(flags.map((flag, index) => [flag, index]))
    for (let replica = 0; replica < copies; replica++) {
      const instance = createInstance({
        ...options,
        env: 'production',
        diskFile: replica === 0 && diskFile,
        logger: silent,
      })
      const { feature } = instance
      replicas.push(instance)
      meters.push(new CheckMeter(feature))
      await feature.start()
      feature.on('change', ({ name, after }) => {
        const writer = writers.get(name)
        if (writer === undefined || after === null) return
        const number = numberIn(after.gates)
        if (number > 0) noted.note(replica, writer, number, now())
      })
    }
  },
  /** How many flags each replica has stored values of. */
  look: () => replicas.map(({ feature }) => (feature.status().position === null ? 0 : feature.persistedNames().length)),
  begin() {
    // What the boots have left behind is not what is measured.
    globalThis.gc?.()
    for (const meter of meters) meter.begin()
    delays.enable()
    processorBefore = process.cpuUsage()
  },
  /** @param {{ flag: string, count: number, everyMs: number, startInMs: number }} given */
  write: (given) => paceWrites({ instance: made(replicas[0] ?? null), ...given }),
  /** What has happened since `begin`. */
  measured() {
    const { user, system } = process.cpuUsage(processorBefore)
    delays.disable()
    return {
      replicas: meters.map((meter) => meter.end()),
      processorSeconds: (user + system) / 1e6,
      standstillMs: Math.max(0, delays.max / 1e6 - delayResolutionMs),
    }
  },
  /** @param {{ writes: Writes }} given */
  behind: ({ writes }) => made(observed).behind(writes, now()),
  end: () => Promise.all(replicas.map(({ feature }) => feature.stop())),
}
answer(commands)
