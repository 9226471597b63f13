// The tests of the tests, for what a process believes: each scenario holds, and fails as soon as its protection is taken away.
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Cache, Hint } from '../../lib/cache/cache.js'
import { MemoryCache } from '../../lib/cache/memory/cache.js'
import { MemoryCacheHub } from '../../lib/cache/memory/hub.js'
import { hintMessage, parseMessage } from '../../lib/cache/format/message.js'
import { makeSealer } from '../../lib/state/sealed.js'
import type { Position } from '../../lib/state/state.js'
import type { Store } from '../../lib/store/store.js'
import { ManualClock, settle } from '../support/manual-clock.js'
import { ModelDatabase } from './model/database.js'
import { acknowledgingByNumber, comparingAtRest, telling } from './unprotected.js'
import { type FlagReplicaOptions, replicaOptions } from '../support/replica.js'
import type { FlagReplica } from '../../lib/replica/flag-content.js'

const pollMs = 10_000

let clock: ManualClock
let hub: MemoryCacheHub
let database: ModelDatabase
const replicas: FlagReplica[] = []
const caches: MemoryCache[] = []
beforeEach(() => {
  clock = new ManualClock()
  hub = new MemoryCacheHub({ clock })
  database = makeDatabase()
  database.write(['a_flag'])
})
afterEach(async () => {
  await Promise.all(replicas.splice(0).map((replica) => replica.close()))
  await Promise.all(caches.splice(0).map((cache) => cache.close()))
  for (const name of ['two-snapshots', 'peers/hint-chain', 'refresh/refresher'])
    vi.doUnmock(`../../lib/replica/${name}.js`)
  vi.resetModules()
})

function makeDatabase(source?: ModelDatabase, overGaps = false): ModelDatabase {
  return new ModelDatabase({ clock, latencyMs: () => 0, overGaps }, source)
}

function openCache(): MemoryCache {
  const cache = new MemoryCache({ hub, repeatMs: 1 })
  caches.push(cache)
  return cache
}

/** Starts a process, of which a part may be replaced by one without its protection. */
async function start(options: Partial<FlagReplicaOptions> = {}): Promise<FlagReplica> {
  const module = await import('../../lib/replica/replica.js')
  const replica = new module.Replica(
    replicaOptions({
      store: database.connect(),
      clock,
      pollIntervalMs: pollMs,
      cache: openCache(),
      ...options,
    }),
  )
  replicas.push(replica)
  const started = replica.start()
  await settle()
  await clock.advance(300)
  await started
  return replica
}

const actorsOf = (replica: FlagReplica, name: string) => [...(replica.snapshot.entries.get(name)?.gates?.actors ?? [])]
const isTrue = (replica: FlagReplica, name: string) =>
  actorsOf(replica, name).join() === (database.newest.features.get(name)?.gates.get('actors') ?? []).join()
const forged = (key: string) => new Map([[key, { key, gates: new Map([['actors', ['User:666']]]) }]])
const next = ({ version }: Position): Position => ({ version: String(BigInt(version) + 1n), nonce: randomUUID() })

async function tell(hint: Hint): Promise<void> {
  await openCache().publish(database.identity, hint)
  await settle()
}

/** Other content under the position that the database comes to next, while its own hint is lost. */
async function forgedNext(): Promise<boolean> {
  const replica = await start()
  const from = database.newest.position
  database.write(['a_flag'])
  await tell({ from, via: [], to: database.newest.position, changed: forged('a_flag') })
  expect(actorsOf(replica, 'a_flag')).toEqual(['User:666'])
  // Who writes a blob reads everything, which nobody can do now: the poll alone puts it right.
  hub.setDown(true)
  await clock.advance(1.2 * pollMs)
  return isTrue(replica, 'a_flag')
}

/** News of a restore, told to a process that polls rarely. */
async function restoreHeard(): Promise<boolean> {
  database.write(['b_flag'])
  await start()
  const slow = await start({ pollIntervalMs: 60 * pollMs })
  // It has passed where the database goes back to.
  database.write(['a_flag'])
  await replicas[0]?.refreshNow()
  await clock.advance(100)
  expect(slow.snapshot.position).toEqual(database.newest.position)
  database.restore(1)
  await clock.advance(1.2 * pollMs)
  await clock.advance(3_000)
  return slow.snapshot.position?.nonce === database.newest.position.nonce
}

/** A blob by a process that does not know yet of a write without a position. */
async function blobAfterUnseen(): Promise<boolean> {
  await start()
  database.writeUnseen(['a_flag'])
  database.write(['b_flag'])
  await clock.advance(2.4 * pollMs)
  const blob = await openCache().readNewest(database.identity)
  expect(blob?.position).toEqual(database.newest.position)
  return (
    JSON.stringify(blob?.items.map(({ gates }) => [...gates])) ===
    JSON.stringify([...database.newest.features.values()].map(({ gates }) => [...gates]))
  )
}

/** A repair, and a change right after it, while content is compared rarely. */
async function repaired(overGaps: boolean): Promise<boolean> {
  database = makeDatabase(database, overGaps)
  const replica = await start({ cache: null })
  database.writeUnseen(['a_flag'])
  database.repair()
  database.write(['b_flag'])
  await clock.advance(1.2 * pollMs)
  expect(isTrue(replica, 'b_flag')).toBe(true)
  return isTrue(replica, 'a_flag')
}

/** A process that reads from a standby, which has stood still since before the last change. */
async function standbyAlone(inRecovery: boolean): Promise<boolean> {
  const behind = makeDatabase(database)
  database.write(['a_flag'])
  await start({ store: telling(behind.connect(), { identity: database.identity, inRecovery }) })
  await clock.advance(3 * pollMs)
  return (await openCache().readPointer(database.identity)) === null
}

/** A dump beside its source; each has its own process, and they share the cache. */
async function heardBeside(told: { readonly identity?: string }): Promise<boolean> {
  const beside = makeDatabase(database)
  const [own, other] = [
    await start({ store: telling(database.connect(), told) }),
    await start({ store: telling(beside.connect(), told) }),
  ]
  await clock.advance(1.2 * pollMs)
  beside.write(['only_beside'])
  await other.refreshNow({ position: beside.newest.position, names: ['only_beside'] })
  await clock.advance(100)
  return own.snapshot.entries.get('only_beside') === undefined
}

/** A message by who can write to Redis and has no secret. */
async function unsigned(secret: string | null): Promise<boolean> {
  const replica = await start()
  const { identity, newest } = database
  const hint = { from: newest.position, via: [], to: next(newest.position), changed: forged('a_flag') }
  const message = parseMessage(
    { sealer: makeSealer(secret), identity },
    hintMessage({ sealer: makeSealer(null), identity }, hint),
  )
  if (message?.kind === 'hint') await tell(message.hint)
  return isTrue(replica, 'a_flag')
}

/** A write of this process that the history does not name. */
async function ownWrite(names: readonly string[]): Promise<boolean> {
  const replica = await start()
  database.writeUnseen(['a_flag'])
  await replica.refreshNow({ position: null, names })
  return isTrue(replica, 'a_flag')
}

/** Who waits for a change after a restore; the other process stands at a higher number of before. */
async function waitAfterRestore(made: (cache: Cache, mine: () => Position | null) => Cache): Promise<boolean> {
  for (const _ of [1, 2, 3]) database.write(['b_flag'])
  const replica: FlagReplica = await start({ cache: made(openCache(), () => replica.snapshot.position) })
  const asking = openCache()
  await asking.beat(database.identity)
  database.restore(2)
  database.write(['b_flag'])
  const waiting = asking.waitForAll(database.identity, database.newest.position, 50)
  await settle()
  return (await waiting).lagging.length === 1
}

/** A write without a position, while four others a second have one. */
async function neverAtRest(make: (store: Store) => Store): Promise<boolean> {
  const replica = await start({ cache: null, store: make(database.connect()), compareIntervalMs: 3 * pollMs })
  database.writeUnseen(['a_flag'])
  for (let quarter = 0; quarter < 4 * 45; quarter++) {
    database.write(['busy_flag'])
    await clock.advance(250)
  }
  return isTrue(replica, 'a_flag')
}

type Part = 'two-snapshots' | 'peers/hint-chain' | 'refresh/refresher'
type Unprotected = typeof import('./unprotected.js')

/** The scenario with one of the replica's parts replaced. */
function without(name: Part, classes: (made: Unprotected) => object, scenario: () => Promise<boolean>) {
  return async () => {
    vi.resetModules()
    const made = classes(await import('./unprotected.js'))
    vi.doMock(`../../lib/replica/${name}.js`, async (original) => ({ ...(await original<object>()), ...made }))
    return scenario()
  }
}

interface Row {
  /** What holds. */
  readonly holds: string
  readonly without: string
  readonly sound: () => Promise<boolean>
  readonly broken: () => Promise<boolean>
}

const same = <T>(one: T): T => one
const rows: readonly Row[] = [
  {
    holds: 'what hints said lives until the next poll',
    without: 'the two snapshots',
    sound: forgedNext,
    broken: without('two-snapshots', ({ OneSnapshot }) => ({ TwoSnapshots: OneSnapshot }), forgedNext),
  },
  {
    holds: 'news of a restore is followed within moments',
    without: 'the rule that hints rise',
    sound: restoreHeard,
    broken: without('peers/hint-chain', ({ LevelChain }) => ({ HintChain: LevelChain }), restoreHeard),
  },
  {
    holds: 'a blob holds what the database holds',
    without: 'the whole read that makes it',
    sound: blobAfterUnseen,
    broken: without('refresh/refresher', ({ FromMemory }) => ({ Refresher: FromMemory }), blobAfterUnseen),
  },
  {
    holds: 'a repair makes everything be read, also before a later change',
    without: 'the rule of gaps',
    sound: () => repaired(false),
    broken: () => repaired(true),
  },
  {
    holds: 'what a standby holds never gets into the cache',
    without: 'the answer of a standby that it is one',
    sound: () => standbyAlone(true),
    broken: () => standbyAlone(false),
  },
  {
    holds: 'a dump beside its source is never heard',
    without: 'the identity in keys and channels',
    sound: () => heardBeside({}),
    broken: () => heardBeside({ identity: 'one' }),
  },
  {
    holds: 'a hint of a process without the secret is never applied',
    without: 'the signature',
    sound: () => unsigned('a secret of thirty-two characters or more'),
    broken: () => unsigned(null),
  },
  {
    holds: 'an own write is read back, whatever the history names',
    without: 'the names that were written',
    sound: () => ownWrite(['a_flag']),
    broken: () => ownWrite([]),
  },
  {
    holds: 'no process acknowledges what it has not seen',
    without: 'the rule that positions count by name',
    sound: () => waitAfterRestore(same),
    broken: () => waitAfterRestore(acknowledgingByNumber),
  },
  {
    holds: 'a comparison has a verdict although the position never rests',
    without: 'the digest in the statement that tells what changed',
    sound: () => neverAtRest(same),
    broken: () => neverAtRest(comparingAtRest),
  },
]

describe('the watch over what a process believes', () => {
  it.each(rows.map(({ holds, sound }) => [holds, sound] as const))('sees that %s', async (_, sound) => {
    expect(await sound()).toBe(true)
  })

  it.each(rows.map(({ without, broken }) => [without, broken] as const))(
    'notices when %s is taken away',
    async (_, broken) => {
      expect(await broken()).toBe(false)
    },
  )
})
