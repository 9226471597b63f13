// A process that refreshes 1,000 flags and says how long its event loop stood still meanwhile.
import { tmpdir } from 'node:os'
import { loadLibrary } from '../support/build.js'
import { answer } from '../support/child-commands.js'
import { crowd, rolloutPercentage, silent } from '../support/fixtures.js'
import { made } from '../support/made.js'

const { createFeature } = await loadLibrary()

/** @type {import('../../lib/index.js').FeatureFlags | null} */
let opened = null

export const commands = {
  /** @param {{ databaseUrl: string }} given */
  async open({ databaseUrl }) {
    /** @type {import('../../lib/index.js').FeatureOptions} */
    const options = { root: tmpdir(), env: 'production', databaseUrl, diskFile: false, listen: false, logger: silent }
    // Nothing but what is asked for: no poll comes in between.
    const feature = createFeature({ ...options, pollIntervalMs: 3_600_000 })
    opened = feature
    await feature.start()
    const rollout = [String(rolloutPercentage)]
    const features = crowd().map(({ name, ids }) => ({
      key: name,
      gates: { percentage_of_actors: rollout, actors: ids },
    }))
    await feature.import({ format: 'sluice-export', version: 1, position: null, features }, { force: true })
    return null
  },
  /** Catches up, whatever it takes. */
  catchUp: () => made(opened).refresh(),
  /** @param {{ kind: 'delta' | 'whole' }} given */
  async measure({ kind }) {
    const feature = made(opened)
    const before = feature.counts().refreshes
    const standstill = watch()
    await feature.refresh()
    await new Promise((resume) => setTimeout(resume, 20)) // What a refresh leaves for later counts too.
    const most = standstill()
    const after = feature.counts().refreshes
    const told = `${JSON.stringify(before)} became ${JSON.stringify(after)}`
    if (after[kind] !== before[kind] + 1) throw new Error(`the refresh was not of the kind "${kind}": ${told}`)
    return most
  },
  end: () => opened?.stop(),
}
answer(commands)

/**
 * Watches the turns of the event loop; the function returned ends that, and tells the longest in milliseconds. A turn
 * counts with the processor time it took where that is less: what other processes take is not ours.
 */
function watch() {
  let most = 0
  let watching = true
  let last = now()
  const turn = () => {
    const at = now()
    most = Math.max(most, Math.min(at.clock - last.clock, at.processor - last.processor))
    last = at
    if (watching) setImmediate(turn)
  }
  setImmediate(turn)
  return () => {
    watching = false
    return most
  }
}

function now() {
  const { user, system } = process.cpuUsage()
  return { clock: performance.now(), processor: (user + system) / 1_000 }
}
