// Loads the same flags again and again, in a process of its own. Sluice gets its definitions beforehand, as at a start.
import fflip from 'fflip'
import { loadBlob, loadDigest, loadFlagContent, loadSealed, loadSnapshot, loadStateJson } from '../support/build.js'
import { answer } from '../support/child-commands.js'
import { criteria, crowdFeatures } from '../peers/fflip.js'
import { crowd, oneOfCrowd, rolloutPercentage } from '../support/fixtures.js'

const { packBlob, unpackBlob } = await loadBlob()
const { changedSnapshot, firstSnapshot, wholeSnapshot } = await loadSnapshot()
const { flagContent } = await loadFlagContent()
const { digestOf } = await loadDigest()
const { makeSealer } = await loadSealed()
const { parseFeature } = await loadStateJson()

const position = { version: '1', nonce: '00000000-0000-4000-8000-000000000001' }
const next = { version: '2', nonce: '00000000-0000-4000-8000-000000000002' }
const identity = '00000000-0000-4000-8000-000000000003'
const sealer = makeSealer(null)

/** @typedef {import('../../lib/replica/flag-content.js').FlagSnapshot} Snapshot */
/** @typedef {import('../../lib/replica/flag-content.js').Definitions} Definitions */
/** @typedef {import('../../lib/state/state.js').StoredState} StoredState */

/**
 * One library: `load` gives what it keeps beside itself, `forget` takes away what it keeps in itself. `unpack` and `change` are
 * asked of Sluice alone.
 * @typedef {object} Loading
 * @property {() => Snapshot | null} load
 * @property {() => void} forget
 * @property {() => Promise<Snapshot>} unpack
 * @property {(snapshot: Snapshot | null) => unknown} change
 */

/** @type {Loading} */
let library = { load: refuseOther, forget: () => {}, unpack: refuseOther, change: refuseOther }
/** @type {Snapshot | null} */
let kept = null

export const commands = {
  /** @param {{ library: string, flagCount: number }} given */
  async open({ library: name, flagCount }) {
    library = name === 'fflip' ? openFflip(flagCount) : await openSluice(flagCount)
    kept = library.load() // Compiled, and whatever is made once is made.
    return null
  },
  /** Bytes that stay after loading. */
  keep() {
    forget()
    const before = heap()
    kept = library.load()
    return heap() - before
  },
  load: () => timed(() => library.load()),
  unpack: () => timed(() => library.unpack()),
  change: () => timed(() => library.change(kept), true),
}
answer(commands)

/**
 * Milliseconds.
 * @param {() => unknown} work what it gives is kept, unless the work is `keeping` what was kept before
 */
async function timed(work, keeping = false) {
  if (!keeping) forget()
  heap()
  const before = performance.now()
  const result = await work()
  const took = performance.now() - before
  if (!keeping) kept = /** @type {Snapshot | null} */ (result)
  return took
}

function forget() {
  kept = null
  library.forget()
}

function heap() {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

/**
 * @param {number} flagCount
 * @returns {Loading}
 */
function openFflip(flagCount) {
  const text = JSON.stringify(crowdFeatures(flagCount))
  return {
    load() {
      fflip.config({ criteria, features: JSON.parse(text) })
      if (!fflip.isFeatureEnabledForUser(oneOfCrowd, { id: 'User:35' })) throw new Error('fflip loaded wrong')
      return null
    },
    forget: () => fflip.config({ criteria: [], features: [] }),
    unpack: refuseOther,
    change: refuseOther,
  }
}

/**
 * @param {number} flagCount
 * @returns {Promise<Loading>}
 */
async function openSluice(flagCount) {
  const rows = crowd(flagCount).map(({ name, ids }) => [
    name,
    'actors',
    ids.toSorted(), // As Postgres gives them.
    'percentage_of_actors',
    [String(rolloutPercentage)],
  ])
  const text = JSON.stringify(rows)
  const parse = () => JSON.parse(text).map(parseFeature)
  /** @param {StoredState['items']} items */
  const state = (items) => ({ identity, position, digest, inRecovery: false, items })
  const digest = await digestOf(parse())
  const packed = await packBlob(sealer, 'bench', state(parse()))
  const found = { identity, position, digest }
  const asDefined = crowd(flagCount).map(({ name }) => [name, { name, type: 'development', defaultEnabled: false }])
  // Of a definition, loading looks at no more than that.
  const definitions = /** @type {Definitions} */ (new Map(/** @type {[string, unknown][]} */ (asDefined)))
  const making = { content: flagContent(() => definitions), onFault: refuse }
  const before = firstSnapshot(making.content)
  /** @param {StoredState} read */
  const take = (read) => checked(wholeSnapshot(making, before, read, 'redis'))
  const rollout = [String(rolloutPercentage + 1)]
  const changed = { key: oneOfCrowd, gates: new Map([['percentage_of_actors', rollout]]) }
  /** @type {import('../../lib/replica/snapshot.js').Changed<StoredState['items'][number]>} */
  const delta = { position: next, changed: new Map([[changed.key, changed]]) }
  return {
    load: () => take(state(parse())),
    unpack: async () => take(/** @type {StoredState} */ (await unpackBlob(sealer, packed, found))),
    change: (snapshot) =>
      changedSnapshot(making, /** @type {Snapshot} */ (snapshot), delta, /** @type {Snapshot} */ (snapshot)),
    forget: () => {},
  }
}

/** @param {Snapshot} snapshot */
function checked(snapshot) {
  if (!snapshot.entries.get(oneOfCrowd)?.gates?.actors?.has('User:35')) throw new Error('sluice loaded wrong')
  return snapshot
}

/**
 * @param {string} name
 * @param {unknown} error
 * @returns {never}
 */
function refuse(name, error) {
  throw new Error(`"${name}" could not be loaded`, { cause: error })
}

/** @returns {never} */
function refuseOther() {
  throw new Error('only Sluice is asked that, once it is open')
}
