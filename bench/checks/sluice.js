// Sluice as an application has it: definitions in YAML, gates in a store, checks through the public methods.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadInstances, loadLibrary, loadScopes } from '../support/build.js'
import {
  amidst,
  crowd,
  crowdSize,
  listName,
  listOf,
  listSizes,
  names,
  rolloutPercentage,
  silent,
} from '../support/fixtures.js'

/** @typedef {import('../../lib/index.js').FeatureFlags} FeatureFlags */
/** @typedef {{ readonly flipperId: string }} Actor */
/** @typedef {{ readonly key: string, readonly gates: Readonly<Record<string, readonly string[]>> }} StoredFlag */

/**
 * Options: `strict`, `request` for checks inside `withRequest`, `tests` for checks in a test while so many run, and the folder of another `build`.
 * @param {import('./libraries.js').LibraryOptions} options
 * @returns {Promise<import('./libraries.js').OpenedLibrary<Actor>>}
 */
export async function open({ strict = false, request = false, tests = 0, build }) {
  const { createFeature } = await loadLibrary(build)
  const root = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  const features = stored()
  define(root, features)
  const limits = { actorsPerFlag: 1_000_000, snapshotBytes: 1_000_000_000 }
  /** @type {import('../../lib/index.js').FeatureOptions} */
  const options = { root, env: 'production', strict, databaseUrl: 'memory', diskFile: false, limits, logger: silent }
  const instance = build === undefined ? (await loadInstances()).createInstance(options) : null
  const feature = instance?.feature ?? createFeature(options)
  await feature.start()
  await feature.import({ format: 'sluice-export', version: 1, position: null, features })
  // On a busy machine the import may resolve before this process has read back what it wrote.
  await feature.refresh()
  if (instance !== null) verifyOrder(instance)
  const inTest = tests > 0 ? await testWithStubs(tests) : null
  return {
    anonymous: true,
    largestList: Number.POSITIVE_INFINITY,
    user: (id) => ({ flipperId: id }),
    loop(flag, actors) {
      // Strict mode refuses a flag that is not defined; there is no answer to time.
      if (strict && names.unknown.includes(flag)) return null
      const loop = actors === null ? asked(feature, flag) : askedFor(feature, flag, actors)
      if (inTest !== null) return (/** @type {number} */ count) => inTest(() => loop(count))
      return request ? (/** @type {number} */ count) => feature.withRequest(() => loop(count)) : loop
    },
    async close() {
      await feature.stop()
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/**
 * Runs a loop inside of a scope, in which the flags that are on or off are so by stubs.
 * @param {number} count of scopes that are open
 */
async function testWithStubs(count) {
  const { inScope, openScope } = await loadScopes()
  const open = () => openScope({ test: { name: 'bench', file: null }, defaults: 'definitions', reads: null })
  const scope = open()
  for (let others = 1; others < count; others++) open()
  scope.stub(names.on.map((key) => ({ key, gates: new Map([['boolean', ['true']]]) })))
  scope.stub(names.off.map((key) => ({ key, gates: new Map() })))
  return (/** @type {() => number} */ loop) => inScope(scope, loop)
}

/**
 * The flags that are asked are in the middle of the map (see `amidst`). Another build defines and stores them in the same way.
 * @param {import('../../lib/instance/instance.js').Instance} instance
 */
function verifyOrder({ snapshot }) {
  const before = [...snapshot.entries.keys()].findIndex((name) => !name.includes('crowd'))
  if (before !== crowdSize / 2)
    throw new Error(`${before} flags come before those that are asked, not half of the crowd`)
}

/**
 * @param {FeatureFlags} feature
 * @param {string} name
 */
function asked(feature, name) {
  return (/** @type {number} */ count) => {
    let yes = 0
    for (let index = 0; index < count; index++) if (feature.enabled(name)) yes++
    return yes
  }
}

/**
 * @param {FeatureFlags} feature
 * @param {string} name
 * @param {readonly Actor[]} actors
 */
function askedFor(feature, name, actors) {
  return (/** @type {number} */ count) => {
    let yes = 0
    for (let index = 0, at = 0; index < count; index++) {
      if (feature.enabled(name, actors[at])) yes++
      if (++at === actors.length) at = 0
    }
    return yes
  }
}

/** @returns {StoredFlag[]} */
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

/**
 * @param {string} root
 * @param {readonly StoredFlag[]} features
 */
function define(root, features) {
  const folder = join(root, 'config', 'feature_flags', 'development')
  mkdirSync(folder, { recursive: true })
  for (const { key } of features) {
    const text = `---\nname: ${key}\nmilestone: '1.0'\ngroup: group::bench\ntype: development\ndefault_enabled: false\n`
    writeFileSync(join(folder, `${key}.yml`), text)
  }
}
