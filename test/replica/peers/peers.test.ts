// Replicas that share a cache.
import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import type { Hint } from '../../../lib/cache/cache.js'
import { MemoryCache } from '../../../lib/cache/memory/cache.js'
import { MemoryCacheHub } from '../../../lib/cache/memory/hub.js'
import type { Position } from '../../../lib/state/state.js'
import type { Store } from '../../../lib/store/store.js'
import { changeOf } from '../../support/change.js'
import { FaultyStore } from '../../support/faulty-store.js'
import { ManualClock, settle } from '../../support/manual-clock.js'
import { recordingLogger } from '../../support/recording-logger.js'
import { type FlagReplicaOptions, makeReplica } from '../../support/replica.js'
import type { FlagReplica } from '../../../lib/replica/flag-content.js'

const replicas: FlagReplica[] = []
const caches: MemoryCache[] = []
afterEach(async () => {
  await Promise.all(replicas.splice(0).map((replica) => replica.close()))
  await Promise.all(caches.splice(0).map((cache) => cache.close()))
})

const clock = new ManualClock()

function join(
  hub: MemoryCacheHub,
  store: Store,
  options: Partial<FlagReplicaOptions> = {},
): { replica: FlagReplica; cache: MemoryCache } {
  const cache = new MemoryCache({ hub })
  const replica = makeReplica({
    store,
    clock,
    logger: recordingLogger(),
    pollIntervalMs: 10_000,
    cache,
    ...options,
  })
  caches.push(cache)
  replicas.push(replica)
  return { replica, cache }
}

function makeHub(): MemoryCacheHub {
  return new MemoryCacheHub({ clock })
}

async function write(store: Store, feature: string): Promise<Position> {
  const { position } = await store.apply(changeOf({ feature, operation: { kind: 'enable' } }))
  if (position === null) throw new Error('nothing changed')
  return position
}

async function identityOf(store: Store): Promise<string> {
  const { identity } = await store.head(null)
  return identity ?? ''
}

const isOn = (replica: FlagReplica, name: string) => replica.snapshot.entries.get(name)?.answer

describe('replicas that share a cache', () => {
  it('apply a hint that names their position, without reading the store', async () => {
    const [hub, store] = [makeHub(), new FaultyStore()]
    await write(store, 'a_flag')
    const [writer, other] = [join(hub, store).replica, join(hub, store).replica]
    await Promise.all([writer.start(), other.start()])
    await clock.advance(12_000)
    store.reads.length = 0
    await write(store, 'b_flag')
    await writer.refreshNow()
    await clock.advance(60)
    // The whole is read by the writer, for the next blob.
    expect(store.reads).toEqual(['head', 'delta', 'whole'])
    expect(isOn(other, 'b_flag')).toBe(true)
    expect(other.snapshot.position).toEqual(writer.snapshot.position)
    expect(other.counts().shared).toMatchObject({ applied: 1, missed: 0 })
  })

  it('announce what they have read from where they stood when they read it', async () => {
    const [hub, store] = [makeHub(), new FaultyStore()]
    const first = await write(store, 'a_flag')
    const { replica, cache } = join(hub, store)
    await replica.start()
    await clock.advance(12_000)
    const identity = await identityOf(store)
    const second = await write(store, 'b_flag')
    const { items: features } = await store.readAll()
    const third = await write(store, 'c_flag')
    const told: Hint[] = []
    const outsider = join(hub, store).cache
    outsider.subscribe(identity, {
      hint: (hint) => void told.push(hint),
      difference: () => {},
      unsure: () => {},
      wait: () => {},
    })
    const readPointer = cache.readPointer.bind(cache)
    // Another process's hint comes while this one asks the cache, before it asks the store.
    cache.readPointer = async (whose) => {
      cache.readPointer = readPointer
      const changed = new Map(features.filter(({ key }) => key === 'b_flag').map((feature) => [feature.key, feature]))
      await outsider.publish(identity, { from: first, via: [], to: second, changed })
      await settle()
      return readPointer(whose)
    }
    await replica.refreshNow()
    await clock.advance(60)
    expect(told.at(-1)).toMatchObject({ from: second, via: [], to: third })
    expect([...(told.at(-1)?.changed?.keys() ?? [])]).toEqual(['c_flag'])
  })

  it('apply hints that come together as one change', async () => {
    const [hub, store] = [makeHub(), new FaultyStore()]
    const first = await write(store, 'a_flag')
    const identity = await identityOf(store)
    const swaps: string[][] = []
    const { replica } = join(hub, store)
    replica.current.subscribe(({ changes }) => void swaps.push(changes.map(({ name }) => name)))
    await replica.start()
    const outsider = join(hub, store).cache
    const second = await write(store, 'b_flag')
    const third = await write(store, 'c_flag')
    const content = new Map((await store.readAll()).items.map((feature) => [feature.key, feature]))
    const changed = (key: string) => new Map([[key, content.get(key) ?? null]])
    swaps.length = 0
    void outsider.publish(identity, { from: first, via: [], to: second, changed: changed('b_flag') })
    void outsider.publish(identity, { from: second, via: [], to: third, changed: changed('c_flag') })
    void outsider.publish(identity, { from: first, via: [], to: second, changed: changed('b_flag') })
    await settle()
    expect(swaps).toEqual([['b_flag', 'c_flag']])
    expect(replica.snapshot.position).toEqual(third)
    expect(replica.counts().shared).toMatchObject({ heard: 3, applied: 2, ignored: 1, missed: 0 })
  })

  it('outlive a listener that throws at a hint, and ask the store', async () => {
    const [hub, store] = [makeHub(), new FaultyStore()]
    const first = await write(store, 'a_flag')
    const identity = await identityOf(store)
    let throwing = false
    const { replica } = join(hub, store)
    replica.current.subscribe(() => {
      if (!throwing) return
      throwing = false
      throw new Error('a listener that throws')
    })
    await replica.start()
    await settle()
    const to = await write(store, 'b_flag')
    throwing = true
    const { cache } = join(hub, store)
    await cache.publish(identity, { from: first, via: [], to, changed: new Map() })
    await settle()
    store.reads.length = 0
    await clock.advance(1_000)
    expect(store.reads).toContain('head')
  })

  it('look for themselves when a hint does not name their position', async () => {
    const [hub, store] = [makeHub(), new FaultyStore()]
    const first = await write(store, 'a_flag')
    const { replica } = join(hub, store)
    await replica.start()
    const [unknown, to] = [await write(store, 'b_flag'), await write(store, 'c_flag')]
    const identity = await identityOf(store)
    const outsider = join(hub, store).cache
    store.reads.length = 0
    await outsider.publish(identity, { from: unknown, via: [], to, changed: new Map([['c_flag', null]]) })
    await settle()
    expect(replica.snapshot.position).toEqual(first)
    await clock.advance(200)
    expect(isOn(replica, 'b_flag')).toBe(true)
    expect(isOn(replica, 'c_flag')).toBe(true)
    expect(replica.counts().shared).toMatchObject({ applied: 0, missed: 1 })
  })

  it('ignore what leads to a position they have passed', async () => {
    const [hub, store] = [makeHub(), new FaultyStore()]
    const first = await write(store, 'a_flag')
    const { replica } = join(hub, store)
    await replica.start()
    const second = await write(store, 'b_flag')
    await write(store, 'c_flag')
    await replica.refreshNow()
    await clock.advance(6_000)
    const position = replica.snapshot.position
    const identity = await identityOf(store)
    const outsider = join(hub, store).cache
    const before = replica.counts().shared
    store.reads.length = 0
    await outsider.publish(identity, { from: first, via: [], to: second, changed: new Map([['a_flag', null]]) })
    await settle()
    await clock.advance(300)
    expect(replica.snapshot.position).toEqual(position)
    expect(isOn(replica, 'a_flag')).toBe(true)
    expect(replica.counts().shared).toMatchObject({ applied: before.applied, ignored: before.ignored + 1 })
    expect(store.reads).toEqual([])
  })

  it('hear nothing of another database, though its position is theirs', async () => {
    const [hub, store] = [makeHub(), new FaultyStore()]
    const from = await write(store, 'a_flag')
    const { replica } = join(hub, store)
    await replica.start()
    await clock.advance(300)
    const before = replica.counts().shared.heard
    const to = { version: '2', nonce: randomUUID() }
    await join(hub, store).cache.publish('another', { from, via: [], to, changed: new Map([['a_flag', null]]) })
    await settle()
    await clock.advance(300)
    expect(replica.snapshot.position).toEqual(from)
    expect(replica.counts().shared.heard).toBe(before)
  })

  it('ask the store about a hint that falls, also to a position they have passed, and never apply it', async () => {
    const [hub, store] = [makeHub(), new FaultyStore()]
    const first = await write(store, 'a_flag')
    const { replica } = join(hub, store)
    await replica.start()
    const second = await write(store, 'b_flag')
    await replica.refreshNow()
    await clock.advance(6_000)
    const identity = await identityOf(store)
    const outsider = join(hub, store).cache
    store.reads.length = 0
    await outsider.publish(identity, { from: second, via: [], to: first, changed: new Map([['a_flag', null]]) })
    await settle()
    await clock.advance(300)
    expect(isOn(replica, 'a_flag')).toBe(true)
    expect(replica.snapshot.position).toEqual(second)
    expect(store.reads).toContain('head')
  })

  it('are not led away from the real position and back to it by forged hints', async () => {
    const [hub, store] = [makeHub(), new FaultyStore()]
    const from = await write(store, 'a_flag')
    const { replica } = join(hub, store)
    await replica.start()
    await clock.advance(6_000)
    const identity = await identityOf(store)
    const away = { version: '2', nonce: randomUUID() }
    const changed = new Map([['a_flag', { key: 'a_flag', gates: new Map([['actors', ['User:666']]]) }]])
    const outsider = join(hub, store).cache
    await outsider.publish(identity, { from, via: [], to: away, changed })
    await outsider.publish(identity, { from: away, via: [], to: from, changed })
    await clock.advance(13_000)
    expect(isOn(replica, 'a_flag')).toBe(true)
    expect(replica.snapshot.position).toEqual(from)
    expect(replica.status().source).toBe('postgres')
    await clock.advance(13_000)
    expect((await outsider.readNewest(identity))?.items).toEqual((await store.readAll()).items)
  })

  it('believe the store over a forged hint that they had to apply', async () => {
    const [hub, store] = [makeHub(), new FaultyStore()]
    const from = await write(store, 'a_flag')
    const { replica } = join(hub, store)
    await replica.start()
    const identity = await identityOf(store)
    const forged: Position = { version: '9007199254740993', nonce: randomUUID() }
    const { cache } = join(hub, store)
    await cache.publish(identity, { from, via: [], to: forged, changed: new Map([['a_flag', null]]) })
    await settle()
    expect(isOn(replica, 'a_flag')).toBeUndefined()
    await clock.advance(12_000)
    expect(isOn(replica, 'a_flag')).toBe(true)
    expect(replica.snapshot.position).toEqual(from)
  })

  it('start from the blob, and wait a moment for the store to confirm it', async () => {
    const [hub, store] = [makeHub(), new FaultyStore()]
    await write(store, 'a_flag')
    await join(hub, store).replica.start()
    await clock.advance(300)
    store.reads.length = 0
    store.hold()
    const late = join(hub, store).replica
    const started = late.start()
    await settle()
    await clock.advance(250)
    await started
    expect(late.status()).toMatchObject({ source: 'redis', degraded: false, ageMs: null })
    expect(isOn(late, 'a_flag')).toBe(true)
    expect(store.reads).toEqual(['digest'])
    store.release()
    await settle()
    expect(late.status().source).toBe('postgres')
  })

  it('start with what was changed while none of them ran', async () => {
    const [hub, store] = [makeHub(), new FaultyStore()]
    await write(store, 'a_flag')
    const first = join(hub, store).replica
    await first.start()
    await clock.advance(300)
    await first.close()
    await write(store, 'b_flag')
    const late = join(hub, store).replica
    const started = late.start()
    await settle()
    await clock.advance(100)
    await started
    expect(isOn(late, 'b_flag')).toBe(true)
    expect(late.status()).toMatchObject({ source: 'postgres', ageMs: expect.any(Number) })
  })

  it('start from the store when the cache is slow', async () => {
    const [hub, store] = [makeHub(), new FaultyStore()]
    await write(store, 'a_flag')
    await join(hub, store).replica.start()
    await clock.advance(300)
    const { replica, cache } = join(hub, store)
    const find = cache.find.bind(cache)
    cache.find = () => new Promise((resolve) => clock.after(300, () => resolve(find())))
    const started = replica.start()
    await clock.advance(249)
    expect(replica.status().source).toBe('definitions')
    await clock.advance(700)
    await started
    expect(replica.status().source).toBe('postgres')
  })

  it('bring blob and pointer back with the next poll after they were lost', async () => {
    const [hub, store] = [makeHub(), new FaultyStore()]
    await write(store, 'a_flag')
    const { replica, cache } = join(hub, store)
    await replica.start()
    await clock.advance(300)
    const identity = await identityOf(store)
    expect((await cache.readPointer(identity))?.position).toEqual(replica.snapshot.position)
    hub.flush()
    expect(await cache.readPointer(identity)).toBeNull()
    await clock.advance(20_000)
    const pointer = await cache.readPointer(identity)
    expect(pointer?.position).toEqual(replica.snapshot.position)
    expect(pointer && (await cache.readBlob(identity, pointer))?.items).toHaveLength(1)
  })

  it('get the last of many quick changes into a blob too', async () => {
    const [hub, store] = [makeHub(), new FaultyStore()]
    const { replica, cache } = join(hub, store, { pollIntervalMs: 3_600_000 })
    await replica.start()
    for (const name of ['a_flag', 'b_flag', 'c_flag']) {
      await write(store, name)
      await replica.refreshNow()
    }
    await clock.advance(6_000)
    expect((await cache.readPointer(await identityOf(store)))?.position).toEqual(replica.snapshot.position)
  })

  it('never fill the cache from a standby', async () => {
    const [hub, store] = [makeHub(), new FaultyStore()]
    await write(store, 'a_flag')
    store.standby = true
    const { replica, cache } = join(hub, store)
    await replica.start()
    await clock.advance(30_000)
    expect(isOn(replica, 'a_flag')).toBe(true)
    expect(await cache.readPointer(await identityOf(store))).toBeNull()
  })

  it('keep what a hint has brought while an older state was being read', async () => {
    const [hub, store] = [makeHub(), new FaultyStore()]
    await write(store, 'a_flag')
    const { replica } = join(hub, store)
    await replica.start()
    const second = await write(store, 'b_flag')
    const readSince = store.readSince.bind(store)
    const identity = await identityOf(store)
    const outsider = join(hub, store).cache
    store.readSince = async (mine, question) => {
      const since = await readSince(mine, question)
      if (mine === null) return since
      const third = await write(store, 'c_flag')
      const features = new Map((await store.readAll()).items.map((feature) => [feature.key, feature]))
      const changed = new Map(['b_flag', 'c_flag'].map((name) => [name, features.get(name) ?? null]))
      await outsider.publish(identity, { from: mine, via: [second], to: third, changed })
      await settle()
      return since
    }
    await replica.refreshNow()
    expect(isOn(replica, 'c_flag')).toBe(true)
    expect(replica.snapshot.position?.version).toBe(String(BigInt(second.version) + 1n))
  })
})
