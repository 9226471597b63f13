// Sluice as an application has it: definitions in YAML, gates in a store, checks through the public methods.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFeature } from '../../dist/index.js'
import { silent } from '../silent.js'
import { amidst, crowd, crowdSize, listName, listOf, listSizes, names, rolloutPercentage } from '../world.js'

/** Options: `strict`, and `request` for checks inside `withRequest`. */
export async function open({ strict = false, request = false }) {
  const root = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  const features = stored()
  define(root, features)
  const limits = { actorsPerFlag: 1_000_000, snapshotBytes: 1_000_000_000 }
  const options = { root, env: 'production', strict, databaseUrl: 'memory', diskFile: false, limits, logger: silent }
  const feature = createFeature(options)
  await feature.start()
  await feature.import({ format: 'sluice-export', version: 1, position: null, features })
  const before = [...feature.snapshot.flags.keys()].findIndex((name) => !name.includes('crowd'))
  if (before !== crowdSize / 2)
    throw new Error(`${before} flags come before those that are asked, not half of the crowd`)
  return {
    anonymous: true,
    largestList: Number.POSITIVE_INFINITY,
    user: (id) => ({ flipperId: id }),
    loop(flag, actors) {
      // Strict mode refuses a flag that is not defined; there is no answer to time.
      if (strict && names.unknown.includes(flag)) return null
      const loop = actors === null ? asked(feature, flag) : askedFor(feature, flag, actors)
      return request ? (count) => feature.withRequest(() => loop(count)) : loop
    },
    async close() {
      await feature.stop()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

function asked(feature, name) {
  return (count) => {
    let yes = 0
    for (let index = 0; index < count; index++) if (feature.enabled(name)) yes++
    return yes
  }
}

function askedFor(feature, name, actors) {
  return (count) => {
    let yes = 0
    for (let index = 0, at = 0; index < count; index++) {
      if (feature.enabled(name, actors[at])) yes++
      if (++at === actors.length) at = 0
    }
    return yes
  }
}

function stored() {
  const rollout = [String(rolloutPercentage)]
  const crowded = crowd().map(({ name, ids }) => ({ key: name, gates: { percentage_of_actors: rollout, actors: ids } }))
  return amidst(crowded, [
    ...names.off.map((key) => ({ key, gates: {} })),
    ...names.on.map((key) => ({ key, gates: { boolean: ['true'] } })),
    ...names.rollout.map((key) => ({ key, gates: { percentage_of_actors: rollout } })),
    ...listSizes.map((size) => ({ key: listName(size), gates: { actors: listOf(size) } })),
  ])
}

function define(root, features) {
  const folder = join(root, 'config', 'feature_flags', 'development')
  mkdirSync(folder, { recursive: true })
  for (const { key } of features) {
    const text = `---\nname: ${key}\nmilestone: '1.0'\ngroup: group::bench\ntype: development\ndefault_enabled: false\n`
    writeFileSync(join(folder, `${key}.yml`), text)
  }
}
