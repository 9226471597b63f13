// One process of a write load: its replicas note which writes they see, and it may write itself.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createFeature } from '../dist/index.js'
import { answer } from './answer.js'
import { CheckMeter } from './check-meter.js'
import { numberIn, paceWrites } from './paced-writes.js'
import { now } from './shared-clock.js'
import { Sightings } from './sightings.js'
import { silent } from './silent.js'

const delayResolutionMs = 20
const replicas = []
const meters = []
const delays = monitorEventLoopDelay({ resolution: delayResolutionMs })
let sightings = null
let processorBefore = null

answer({
  /** Starts replicas one after the other: what a crowd of boots costs is measured elsewhere. `flags`: the writers' flags. The first keeps a copy on disk. */
  async start({ copies, options, flags, diskFile = false }) {
    sightings = new Sightings({ writers: flags.length, replicas: copies })
    const writers = new Map(flags.map((flag, index) => [flag, index]))
    for (let replica = 0; replica < copies; replica++) {
      const feature = createFeature({
        ...options,
        env: 'production',
        diskFile: replica === 0 && diskFile,
        logger: silent,
      })
      replicas.push(feature)
      meters.push(new CheckMeter(feature))
      await feature.start()
      feature.on('change', ({ name, after }) => {
        const writer = writers.get(name)
        const number = writer === undefined || after === null ? 0 : numberIn(after.gates)
        if (number > 0) sightings.note(replica, writer, number, now())
      })
    }
  },
  /** How many flags each replica has stored values of. */
  look: () =>
    replicas.map((feature) => (feature.status().position === null ? 0 : [...feature.snapshot.flags.keys()].length)),
  begin() {
    // What the boots have left behind is not what is measured.
    globalThis.gc?.()
    for (const meter of meters) meter.begin()
    delays.enable()
    processorBefore = process.cpuUsage()
  },
  write: (given) => paceWrites({ feature: replicas[0], ...given }),
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
  behind: ({ writes }) => sightings.behind(writes, now()),
  end: () => Promise.all(replicas.map((feature) => feature.stop())),
})
