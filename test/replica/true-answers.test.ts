// What a process believes, and for how long: the store alone decides, whatever was heard, cached, or written past the triggers.
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Hint } from '../../lib/cache/cache.js'
import { MemoryCache } from '../../lib/cache/memory/cache.js'
import { MemoryCacheHub } from '../../lib/cache/memory/hub.js'
import { digestOf } from '../../lib/state/digest.js'
import type { Position } from '../../lib/state/state.js'
import type { Store, TriggerReport } from '../../lib/store/store.js'
import { ModelDatabase } from '../faults/model/database.js'
import { ManualClock, settle } from '../support/manual-clock.js'
import { recordingLogger } from '../support/recording-logger.js'
import { type FlagReplicaOptions, makeReplica } from '../support/replica.js'
import type { FlagReplica } from '../../lib/replica/flag-content.js'

const pollMs = 10_000
const minuteMs = 60_000

let clock: ManualClock
let hub: MemoryCacheHub
let database: ModelDatabase
const replicas: FlagReplica[] = []
const caches: MemoryCache[] = []
beforeEach(() => {
  clock = new ManualClock()
  hub = new MemoryCacheHub({ clock })
  database = new ModelDatabase({ clock, latencyMs: () => 0 })
})
afterEach(async () => {
  await Promise.all(replicas.splice(0).map((replica) => replica.close()))
  await Promise.all(caches.splice(0).map((cache) => cache.close()))
})

function make(options: Partial<FlagReplicaOptions> = {}) {
  const cache = new MemoryCache({ hub })
  const logger = recordingLogger()
  const replica = makeReplica({
    store: database.connect(),
    clock,
    logger,
    pollIntervalMs: pollMs,
    cache,
    ...options,
  })
  caches.push(cache)
  replicas.push(replica)
  return { replica, cache, logger }
}

/** Starts a process, and lets it write its blob. */
async function start(options: Partial<FlagReplicaOptions> = {}) {
  const made = make(options)
  const started = made.replica.start()
  await settle()
  await clock.advance(300)
  await started
  return made
}

const actorsOf = (replica: FlagReplica, name: string) => [...(replica.snapshot.entries.get(name)?.gates?.actors ?? [])]
const storedActors = (name: string) => database.newest.features.get(name)?.gates.get('actors')
const forgedFlag = (key: string) => new Map([[key, { key, gates: new Map([['actors', ['User:666']]]) }]])

async function tell(hint: Hint): Promise<void> {
  const attacker = new MemoryCache({ hub })
  await attacker.publish(database.identity, hint)
  await attacker.close()
  await settle()
}

function next(position: Position): Position {
  return { version: String(BigInt(position.version) + 1n), nonce: randomUUID() }
}

describe('a write that passed the triggers by', () => {
  it('is visible in its own process as soon as it was read back, and in the others with their next poll', async () => {
    database.write(['a_flag'])
    const [writer, other] = [await start(), await start()]
    database.writeUnseen(['a_flag'])
    await writer.replica.refreshNow({ position: null, names: ['a_flag'] })
    expect(actorsOf(writer.replica, 'a_flag')).toEqual(storedActors('a_flag'))
    await settle()
    await clock.advance(1.2 * pollMs)
    expect(actorsOf(other.replica, 'a_flag')).toEqual(storedActors('a_flag'))
  })

  it('is what a process that starts from the cache answers when start resolves, and gets into the blob', async () => {
    database.write(['a_flag'])
    await start()
    database.writeUnseen(['a_flag'])
    const late = await start()
    expect(actorsOf(late.replica, 'a_flag')).toEqual(storedActors('a_flag'))
    expect(late.logger.lines.map(({ message }) => message).join()).toContain('Redis held other content than Postgres')
    await clock.advance(1.5 * minuteMs)
    const blob = await late.cache.readNewest(database.identity)
    expect(blob?.items).toEqual([...database.newest.features.values()])
  })

  it('gets into the blob within seconds after a process that starts from the cache has found it', async () => {
    database.write(['a_flag'])
    const first = await start()
    await clock.advance(6_000)
    await first.replica.close()
    database.writeUnseen(['a_flag'])
    const inner = database.connect()
    const inspectTriggers = async () => {
      await new Promise<void>((done) => clock.after(5, done))
      return inner.inspectTriggers()
    }
    const readSince: Store['readSince'] = async (...asked) => ({ ...(await inner.readSince(...asked)), guard: 'sound' })
    const late = await start({ store: { ...inner, readSince, inspectTriggers } })
    await settle()
    const blob = await late.cache.readNewest(database.identity)
    expect(blob?.items).toEqual([...database.newest.features.values()])
  })

  it('is found by the first comparison although the position never rests', async () => {
    database.write(['a_flag'])
    const { replica } = await start({ cache: null, compareIntervalMs: 30_000 })
    database.writeUnseen(['a_flag'])
    for (let quarter = 0; quarter < 4 * 32; quarter++) {
      database.write(['busy_flag'])
      await clock.advance(250)
    }
    expect(actorsOf(replica, 'a_flag')).toEqual(storedActors('a_flag'))
    expect(replica.status().warnings.join()).toContain('triggers off or missing')
  })

  it.each([0, 0.5, 0.999])('is found within half an hour, poll included, when chance says %d', async (chance) => {
    database.write(['a_flag'])
    const differing: (readonly string[])[] = []
    const { replica } = await start({ cache: null, onDifference: (names) => differing.push(names) })
    clock.chance = chance
    await clock.advance(30 * minuteMs)
    expect(differing).toEqual([])
    database.writeUnseen(['a_flag'])
    await clock.advance(30 * minuteMs)
    expect(actorsOf(replica, 'a_flag')).toEqual(storedActors('a_flag'))
    expect(differing).toEqual([['a_flag']])
  })

  it('makes the content be compared once a minute for an hour, and rarely again after that', async () => {
    database.write(['a_flag'])
    const store = counting(database.connect())
    const { replica } = await start({ cache: null, store })
    database.writeUnseen(['a_flag'])
    await clock.advance(30 * minuteMs)
    expect(actorsOf(replica, 'a_flag')).toEqual(storedActors('a_flag'))
    store.digests = 0
    await clock.advance(20 * minuteMs)
    expect(store.digests).toBeGreaterThanOrEqual(15)
    database.writeUnseen(['a_flag'])
    await clock.advance(1.5 * minuteMs)
    expect(actorsOf(replica, 'a_flag')).toEqual(storedActors('a_flag'))
    await clock.advance(60 * minuteMs)
    store.digests = 0
    await clock.advance(30 * minuteMs)
    expect(store.digests).toBeLessThanOrEqual(3)
  })

  it('is read by every process after a repair, also where a change came right after it', async () => {
    database.write(['a_flag'])
    const { replica } = await start({ cache: null })
    database.writeUnseen(['a_flag'])
    database.repair()
    database.write(['b_flag'])
    await clock.advance(1.2 * pollMs)
    expect(actorsOf(replica, 'a_flag')).toEqual(storedActors('a_flag'))
    expect(replica.snapshot.position).toEqual(database.newest.position)
  })
})

/** Counts how often a digest is asked for. */
function counting(store: Store): Store & { digests: number } {
  const counted = {
    ...store,
    digests: 0,
    readSince: (...[from, question]: Parameters<Store['readSince']>) => {
      if (question?.digest === true) counted.digests += 1
      return store.readSince(from, question)
    },
  }
  return counted
}

describe('broken triggers', () => {
  const missing: TriggerReport = {
    state: 'broken',
    faults: [{ kind: 'missing', what: 'trigger', name: 'feature_history_record', table: 'public.features' }],
  }

  it('show with the next poll, and make the content be compared once a minute until they are repaired', async () => {
    database.write(['a_flag'])
    const inner = database.connect()
    let report: TriggerReport = { state: 'sound', faults: [] }
    const store: Store = {
      ...inner,
      head: async (mine) => ({ ...(await inner.head(mine)), guard: report.state }),
      readSince: async (from, question) => ({ ...(await inner.readSince(from, question)), guard: report.state }),
      inspectTriggers: async () => report,
    }
    const { replica, logger } = await start({ cache: null, store })
    expect(replica.status()).toMatchObject({ triggers: { state: 'sound' }, warnings: [] })
    report = missing
    await clock.advance(1.2 * pollMs)
    expect(replica.status().triggers).toEqual(missing)
    expect(replica.status().warnings).toEqual([
      expect.stringContaining(
        'Run bin/feature-flag migrate as the owner of the tables. trigger feature_history_record on public.features is missing',
      ),
    ])
    database.writeUnseen(['a_flag'])
    await clock.advance(1.3 * minuteMs)
    expect(actorsOf(replica, 'a_flag')).toEqual(storedActors('a_flag'))
    report = { state: 'sound', faults: [] }
    database.repair()
    await clock.advance(1.2 * pollMs)
    expect(replica.status()).toMatchObject({ triggers: { state: 'sound' }, warnings: [] })
    expect(logger.lines.filter(({ message }) => message.includes('feature_history_record'))).toHaveLength(1)
    expect(logger.lines.at(-1)?.message).toContain('whole again')
  })

  describe('in a large fleet that boots', () => {
    const guarded = (): Store => {
      const inner = database.connect()
      return {
        ...inner,
        head: async (mine) => ({ ...(await inner.head(mine)), guard: 'broken' }),
        readSince: async (...asked) => ({ ...(await inner.readSince(...asked)), guard: 'broken' }),
        inspectTriggers: async () => missing,
      }
    }
    const beat = () => {
      for (let process = 0; process < 1_000; process++) hub.room(database.identity).beat(`process ${process}`)
    }
    const poll = async (times: number) => {
      for (let polls = 0; polls < times; polls++) {
        beat()
        await clock.advance(pollMs)
      }
    }

    it('are asked about by each process at some time within minutes', async () => {
      database.write(['a_flag'])
      beat()
      clock.chance = 0.5
      const { replica } = await start({ store: guarded() })
      await poll(12)
      expect(replica.status()).toMatchObject({ triggers: null, warnings: [] })
      await poll(24)
      expect(replica.status().triggers).toEqual(missing)
    })

    it('are fingerprinted for each process once a minute, and with each poll while they are broken', async () => {
      database.write(['a_flag'])
      const asked: (boolean | undefined)[] = []
      const inner = guarded()
      let report: TriggerReport = { state: 'sound', faults: [] }
      const store: Store = {
        ...inner,
        head: async (mine, question) => {
          asked.push(question?.guard)
          return { ...(await inner.head(mine)), guard: question?.guard === false ? undefined : report.state }
        },
        readSince: async (...question) => ({ ...(await inner.readSince(...question)), guard: report.state }),
        inspectTriggers: async () => report,
      }
      beat()
      clock.chance = 0.5
      const { replica } = await start({ store })
      await poll(60)
      expect(replica.status().triggers).toEqual(report)
      asked.length = 0
      await poll(60)
      expect(asked.length).toBeGreaterThan(50)
      expect(asked.filter((guard) => guard !== false).length).toBeLessThanOrEqual(10)
      report = missing
      await poll(7)
      expect(replica.status().triggers).toEqual(missing)
      asked.length = 0
      await poll(6)
      expect(asked.filter((guard) => guard === false)).toEqual([])
      report = { state: 'sound', faults: [] }
      await poll(2)
      expect(replica.status()).toMatchObject({ triggers: report, warnings: [] })
    })

    it('are asked about by all with their next poll once a difference was found', async () => {
      database.write(['a_flag'])
      beat()
      clock.chance = 0.5
      const [writer, other] = [await start({ store: guarded() }), await start({ store: guarded() })]
      await poll(2)
      expect([writer, other].map(({ replica }) => replica.status().triggers)).toEqual([null, null])
      await writer.replica.refreshNow({ position: null, names: ['a_flag'] })
      await settle()
      await poll(2)
      expect([writer, other].map(({ replica }) => replica.status().triggers)).toEqual([missing, missing])
    })
  })

  it('of a newer or an older version are warned of, and believed', async () => {
    for (const state of ['newer', 'older'] as const) {
      const inner = database.connect()
      const faults = [{ kind: 'older', what: 'function', name: 'feature_record', table: null } as const]
      const report: TriggerReport = { state, faults: state === 'older' ? faults : [] }
      const store: Store = {
        ...inner,
        head: async (mine) => ({ ...(await inner.head(mine)), guard: state }),
        inspectTriggers: async () => report,
      }
      const counted = counting(store)
      const { replica } = await start({ cache: null, store: counted })
      await clock.advance(5 * minuteMs)
      expect(replica.status().warnings).toHaveLength(1)
      expect(replica.status().warnings[0]).toContain(state === 'newer' ? 'a newer version' : 'an earlier version')
      expect(counted.digests).toBe(0)
    }
  })
})

describe('content that was forged', () => {
  it('by a hint to an invented position is gone with the next poll, and never in a blob', async () => {
    database.write(['a_flag'])
    const { replica, cache } = await start()
    const real = database.newest.position
    await tell({ from: real, via: [], to: next(real), changed: forgedFlag('a_flag') })
    expect(actorsOf(replica, 'a_flag')).toEqual(['User:666'])
    expect(replica.status().source).toBe('redis')
    await clock.advance(1.2 * pollMs)
    expect(actorsOf(replica, 'a_flag')).toEqual(storedActors('a_flag'))
    expect(replica.status().source).toBe('postgres')
    const blob = await cache.readNewest(database.identity)
    expect(blob?.items).toEqual([...database.newest.features.values()])
  })

  it('by a hint to the real next position, whose own content was left out, is gone with the next poll', async () => {
    database.write(['a_flag'])
    const { replica, cache } = await start()
    const from = database.newest.position
    database.write(['a_flag'])
    await tell({ from, via: [], to: database.newest.position, changed: forgedFlag('a_flag') })
    expect(actorsOf(replica, 'a_flag')).toEqual(['User:666'])
    await clock.advance(1.2 * pollMs)
    expect(actorsOf(replica, 'a_flag')).toEqual(storedActors('a_flag'))
    await clock.advance(1.2 * pollMs)
    const blob = await cache.readNewest(database.identity)
    expect(blob?.items).toEqual([...database.newest.features.values()])
  })

  it('in many flags at once, by chains that lead away and back, is never applied, or gone with the next poll', async () => {
    database.write(['a_flag'])
    const { replica } = await start()
    const real = database.newest.position
    const names = Array.from({ length: 101 }, (_, index) => `flag_${index}`)
    const changed = new Map(names.flatMap((name) => [...forgedFlag(name)]))
    const away = next(real)
    await tell({ from: real, via: [], to: away, changed })
    await tell({ from: away, via: [], to: real, changed })
    await tell({ from: real, via: [away], to: real, changed })
    await clock.advance(1.2 * pollMs)
    expect(replica.snapshot.position).toEqual(real)
    expect([...replica.snapshot.entries.keys()]).toEqual(['a_flag'])
  })

  it('in the blob under the real position is not what a process answers when start resolves', async () => {
    database.write(['a_flag'])
    const { cache } = await start()
    await clock.advance(6_000)
    const pointer = await cache.readPointer(database.identity)
    const features = [...forgedFlag('a_flag').values()]
    const forged = {
      position: database.newest.position,
      identity: database.identity,
      inRecovery: false,
      items: features,
    }
    const claim = await cache.claimBlob(database.identity, pointer)
    expect(await claim?.write({ ...forged, digest: await digestOf(features) })).toBe(true)
    const late = await start()
    expect(actorsOf(late.replica, 'a_flag')).toEqual(storedActors('a_flag'))
  })

  it('in the blob is noticed by a process that stands at its position, and replaced', async () => {
    database.write(['a_flag'])
    const { cache } = await start()
    await clock.advance(2 * pollMs)
    const pointer = await cache.readPointer(database.identity)
    const features = [...forgedFlag('a_flag').values()]
    const forged = {
      position: database.newest.position,
      identity: database.identity,
      inRecovery: false,
      items: features,
    }
    const claim = await cache.claimBlob(database.identity, pointer)
    expect(await claim?.write({ ...forged, digest: await digestOf(features) })).toBe(true)
    await clock.advance(2 * minuteMs)
    const blob = await cache.readNewest(database.identity)
    expect(blob?.items).toEqual([...database.newest.features.values()])
  })
})

describe('a process of a large fleet that starts from the cache', () => {
  it('compares in its turn, also where it has asked the store before for another reason', async () => {
    database.write(['a_flag'])
    const beat = () => {
      for (let process = 0; process < 1_000; process++) hub.room(database.identity).beat(`process ${process}`)
    }
    const first = await start()
    await clock.advance(6_000)
    await first.replica.close()
    database.writeUnseen(['a_flag'])
    beat()
    clock.chance = 0.5
    const { replica } = await start()
    expect(replica.status().source).toBe('redis')
    // Does not name the position of this process, so it looks into the cache and then asks the store.
    await tell({
      from: next(database.newest.position),
      via: [],
      to: next(next(database.newest.position)),
      changed: null,
    })
    for (let polls = 0; polls < 8; polls++) {
      beat()
      await clock.advance(pollMs)
    }
    expect(replica.status().source).toBe('postgres')
    expect(actorsOf(replica, 'a_flag')).toEqual(storedActors('a_flag'))
  })
})

describe('news of several changes at once', () => {
  it('names also what came and went in between, for a process that stands there', async () => {
    database.write(['a_flag'])
    const { replica } = await start({ pollIntervalMs: 60 * minuteMs })
    const listening = new MemoryCache({ hub })
    caches.push(listening)
    const heard: Hint[] = []
    listening.subscribe(database.identity, {
      hint: (hint) => void heard.push(hint),
      difference: () => {},
      unsure: () => {},
      wait: () => {},
    })
    // It stands at what it has heard, and has yet to ask the store about.
    const from = database.newest.position
    database.write(['b_flag'])
    const changed = new Map([['b_flag', database.newest.features.get('b_flag') ?? null]])
    await tell({ from, via: [], to: database.newest.position, changed })
    const stood = replica.snapshot.position
    expect(stood).toEqual(database.newest.position)
    heard.length = 0
    database.write(['passing_flag'])
    database.remove('passing_flag')
    await replica.refreshNow()
    await clock.advance(1_000)
    expect(heard).toMatchObject([{ from: stood, via: [{}], to: database.newest.position }])
    expect(heard[0]?.changed?.get('passing_flag')).toBeNull()
  })
})

describe('news of a restore', () => {
  it('is followed within moments by a process that polls rarely', async () => {
    database.write(['a_flag'])
    database.write(['b_flag'])
    const [quick, slow] = [await start(), await start({ pollIntervalMs: 10 * minuteMs })]
    await clock.advance(2 * pollMs)
    database.restore(1)
    await clock.advance(1.2 * pollMs)
    expect(quick.replica.snapshot.position).toEqual(database.newest.position)
    await clock.advance(3_000)
    expect(slow.replica.snapshot.position).toEqual(database.newest.position)
  })

  it('reaches a caller that waits for all processes, also from one that has just started where the cache knew nothing', async () => {
    database.write(['a_flag'])
    const { replica } = make({ pollIntervalMs: 60 * minuteMs })
    const asking = new MemoryCache({ hub, processName: 'asking', repeatMs: 1 })
    caches.push(asking)
    await replica.start()
    await settle()
    const confirmed = await asking.waitForAll(database.identity, database.newest.position, 2_000)
    expect(confirmed).toEqual({ confirmed: 1, lagging: [] })
  })

  it('lets a process that waits be told by an answer of the store, and by no higher number', async () => {
    for (const _ of [1, 2, 3]) database.write(['a_flag'])
    const { replica } = await start()
    const asking = new MemoryCache({ hub, processName: 'asking', repeatMs: 1 })
    caches.push(asking)
    await asking.beat(database.identity)
    database.restore(2)
    database.write(['b_flag'])
    const room = hub.room(database.identity)
    const request = { id: 'a-request', position: database.newest.position }
    const { position } = replica.snapshot
    expect(BigInt(position?.version ?? 0) > BigInt(request.position.version)).toBe(true)
    const waiting = asking.waitForAll(database.identity, request.position, 50)
    await settle()
    expect((await waiting).lagging).toHaveLength(1)
    await clock.advance(1_000)
    expect(replica.snapshot.position).toEqual(database.newest.position)
    expect(room.acknowledgements('nothing', 'asking').lagging).toHaveLength(1)
    const again = await asking.waitForAll(database.identity, request.position, 2_000)
    expect(again).toMatchObject({ confirmed: 1, lagging: [] })
  })
})

describe('a standby', () => {
  it('that has not come so far leaves what was heard in place for a minute', async () => {
    database.write(['a_flag'])
    const inner = database.connect()
    const store: Store = {
      ...inner,
      head: async (mine) => ({ ...(await inner.head(mine)), inRecovery: true }),
      readSince: async (from, question) => ({ ...(await inner.readSince(from, question)), inRecovery: true }),
    }
    const { replica } = await start({ store })
    const real = database.newest.position
    await tell({ from: real, via: [], to: next(real), changed: forgedFlag('a_flag') })
    await clock.advance(3 * pollMs)
    expect(actorsOf(replica, 'a_flag')).toEqual(['User:666'])
    await clock.advance(minuteMs)
    expect(actorsOf(replica, 'a_flag')).toEqual(storedActors('a_flag'))
  })
})

describe('two databases at one address', () => {
  it('never answer with the flags of each other, nor hear each other', async () => {
    database.write(['a_flag'])
    await start()
    const beside = new ModelDatabase({ clock, latencyMs: () => 0 }, database)
    const other = await start({ store: beside.connect() })
    beside.write(['only_beside'])
    await other.replica.refreshNow()
    await clock.advance(100)
    const first = await start()
    expect(first.replica.snapshot.entries.get('only_beside')).toBeUndefined()
    expect(first.replica.status().warnings.join()).toContain('namespace')
    expect(other.replica.snapshot.entries.get('only_beside')).toBeDefined()
  })

  it('that answer by turns are one warning', async () => {
    database.write(['a_flag'])
    const beside = new ModelDatabase({ clock, latencyMs: () => 0 }, database)
    beside.write(['b_flag'])
    const [one, two] = [database.connect(), beside.connect()]
    let turn = 0
    const store: Store = {
      ...one,
      head: (mine) => (turn++ % 2 === 0 ? one : two).head(mine),
      readAll: (question) => (turn % 2 === 1 ? one : two).readAll(question),
    }
    const { replica, logger } = await start({ cache: null, store })
    await clock.advance(3 * minuteMs)
    expect(replica.status().warnings.join()).toContain('two databases answer in turn')
    expect(logger.lines.filter(({ message }) => message.includes('in turn'))).toHaveLength(1)
  })
})

describe('an answer that would be too large', () => {
  it('names what changed; the flags keep what hints said until the content is compared', async () => {
    const room = hub.room(database.identity)
    for (let process = 0; process < 1_000; process++) room.beat(`process ${process}`)
    const names = Array.from({ length: 1_300 }, (_, index) => `flag_${index}`)
    const { replica } = await start()
    await clock.advance(2 * pollMs)
    for (let process = 0; process < 1_000; process++) room.beat(`process ${process}`)
    const from = database.newest.position
    database.write(names)
    const changed = new Map(names.map((name) => [name, database.newest.features.get(name) ?? null]))
    await tell({ from, via: [], to: database.newest.position, changed: new Map([...changed, ...forgedFlag('flag_7')]) })
    expect(actorsOf(replica, 'flag_7')).toEqual(['User:666'])
    for (let polls = 0; polls < 12; polls++) {
      for (let process = 0; process < 1_000; process++) room.beat(`process ${process}`)
      await clock.advance(1.2 * pollMs)
    }
    expect(actorsOf(replica, 'flag_7')).toEqual(storedActors('flag_7'))
  })
})

describe('a copy of the files of a database', () => {
  it('has the same identity: the pointer that comes back is one warning with the cure, and blobs are left alone', async () => {
    database.write(['a_flag'])
    const { replica, cache, logger } = await start()
    const copy = new MemoryCache({ hub })
    caches.push(copy)
    for (let turn = 0; turn < 4; turn++) {
      const features = [...forgedFlag('a_flag').values()]
      const state = {
        position: next(database.newest.position),
        identity: database.identity,
        inRecovery: false,
        items: features,
      }
      const claim = await copy.claimBlob(database.identity, await copy.readPointer(database.identity))
      await claim?.write({ ...state, digest: await digestOf(features) })
      // Until the claim of the next blob has ended, too.
      await clock.advance(1.2 * pollMs)
      await clock.advance(6_000)
    }
    expect(replica.status().warnings.join()).toContain('update feature_state set database_id = gen_random_uuid()')
    expect(logger.lines.filter(({ message }) => message.includes('the same identity'))).toHaveLength(1)
    expect(actorsOf(replica, 'a_flag')).toEqual(storedActors('a_flag'))
    const left = await cache.readPointer(database.identity)
    await clock.advance(2 * pollMs)
    expect(await cache.readPointer(database.identity)).toEqual(left)
  })
})
