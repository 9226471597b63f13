// Loads the same flags again and again, in a process of its own. Sluice gets its definitions beforehand, as at a start.
import fflip from 'fflip'
import { packBlob, unpackBlob } from '../dist/cache/format/blob.js'
import { changedSnapshot, definitionsSnapshot, wholeSnapshot } from '../dist/replica/snapshot.js'
import { digestOf } from '../dist/state/digest.js'
import { makeSealer } from '../dist/state/sealed.js'
import { parseFeature } from '../dist/state/state-json.js'
import { answer } from './answer.js'
import { criteria, crowdFeatures } from './subjects/fflip.js'
import { crowd, oneOfCrowd, rolloutPercentage } from './world.js'

const position = { version: '1', nonce: '00000000-0000-4000-8000-000000000001' }
const next = { version: '2', nonce: '00000000-0000-4000-8000-000000000002' }
const identity = '00000000-0000-4000-8000-000000000003'
const sealer = makeSealer(null)

let subject = { load: () => {}, forget: () => {} }
let kept = null

answer({
  async open({ subject: name, flagCount }) {
    subject = name === 'fflip' ? fflipSubject(flagCount) : await sluiceSubject(flagCount)
    kept = subject.load() // Compiled, and whatever is made once is made.
    return null
  },
  /** Bytes that stay after loading. */
  keep() {
    forget()
    const before = heap()
    kept = subject.load()
    return heap() - before
  },
  load: () => timed(() => subject.load()),
  unpack: () => timed(() => subject.unpack()),
  change: () => timed(() => subject.change(kept), true),
})

/** Milliseconds. */
async function timed(work, keeping = false) {
  if (!keeping) forget()
  heap()
  const before = performance.now()
  const result = await work()
  const took = performance.now() - before
  if (!keeping) kept = result
  return took
}

function forget() {
  kept = null
  subject.forget()
}

function heap() {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

function fflipSubject(flagCount) {
  const text = JSON.stringify(crowdFeatures(flagCount))
  return {
    load() {
      fflip.config({ criteria, features: JSON.parse(text) })
      if (!fflip.isFeatureEnabledForUser(oneOfCrowd, { id: 'User:35' })) throw new Error('fflip loaded wrong')
      return null
    },
    forget: () => fflip.config({ criteria: [], features: [] }),
  }
}

async function sluiceSubject(flagCount) {
  const rows = crowd(flagCount).map(({ name, ids }) => [
    name,
    'actors',
    ids.toSorted(), // As Postgres gives them.
    'percentage_of_actors',
    [String(rolloutPercentage)],
  ])
  const text = JSON.stringify(rows)
  const parse = () => JSON.parse(text).map(parseFeature)
  const state = (features) => ({ identity, position, digest, inRecovery: false, features })
  const digest = await digestOf(parse())
  const packed = await packBlob(sealer, 'bench', state(parse()))
  const found = { identity, position, digest }
  const definitions = new Map(rows.map(([name]) => [name, { name, type: 'development', defaultEnabled: false }]))
  const before = definitionsSnapshot(definitions)
  const take = (read) => checked(wholeSnapshot(before, read, definitions, 'redis', refuse))
  const rollout = [String(rolloutPercentage + 1)]
  const changed = { key: oneOfCrowd, gates: new Map([['percentage_of_actors', rollout]]) }
  const delta = { position: next, changed: new Map([[changed.key, changed]]) }
  return {
    load: () => take(state(parse())),
    unpack: async () => take(await unpackBlob(sealer, packed, found)),
    change: (snapshot) => changedSnapshot(snapshot, delta, snapshot, definitions, refuse),
    forget: () => {},
  }
}

function checked(snapshot) {
  if (!snapshot.flags.get(oneOfCrowd)?.gates?.actors?.has('User:35')) throw new Error('sluice loaded wrong')
  return snapshot
}

function refuse(name, error) {
  throw new Error(`"${name}" could not be loaded`, { cause: error })
}
