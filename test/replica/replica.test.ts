// A replica of flags on a store, without a cache.
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Definition } from '../../lib/definition/definition.js'
import type { FlagChange } from '../../lib/replica/flag-content.js'
import { MemoryStore } from '../../lib/store/memory/store.js'
import type { Position } from '../../lib/state/state.js'
import type { Operation } from '../../lib/state/operations.js'
import type { Store } from '../../lib/store/store.js'
import { changeOf } from '../support/change.js'
import { definition } from '../support/definition.js'
import { FaultyStore } from '../support/faulty-store.js'
import { ManualClock, settle } from '../support/manual-clock.js'
import { recordingLogger } from '../support/recording-logger.js'
import { type FlagReplicaOptions, makeReplica } from '../support/replica.js'
import type { FlagReplica } from '../../lib/replica/flag-content.js'

const replicas: FlagReplica[] = []
afterEach(async () => {
  await Promise.all(replicas.splice(0).map((replica) => replica.close()))
})

function setUp(store: Store, options: Partial<FlagReplicaOptions> = {}) {
  const clock = new ManualClock()
  const logger = recordingLogger()
  const swaps: (readonly FlagChange[])[] = []
  const definitions = new Map<string, Definition>()
  const replica = makeReplica({
    store,
    definitions: () => definitions,
    clock,
    logger,
    pollIntervalMs: 10_000,
    cache: null,
    ...options,
  })
  replica.current.subscribe(({ changes }) => swaps.push(changes))
  replicas.push(replica)
  return { replica, clock, logger, swaps, definitions }
}

async function write(store: Store, feature: string, operation: Operation = { kind: 'enable' }): Promise<void> {
  await store.apply(changeOf({ feature, operation }))
}

function isOn(replica: FlagReplica, name: string): boolean | null | undefined {
  return replica.snapshot.entries.get(name)?.answer
}

/** Lets a store answer with what another one holds, as the same database does after a restore, or as its standby. */
async function answerAs(store: Store, other: Store): Promise<void> {
  const { identity } = await store.head(null)
  store.head = async (mine) => ({ ...(await other.head(mine)), identity })
  store.readAll = async (question) => ({ ...(await other.readAll(question)), identity })
  store.readSince = async (from, question) => ({ ...(await other.readSince(from, question)), identity })
}

/** Lets a store tell that position of whatever it holds, as after a write with the triggers off. */
async function answerFrom(store: Store, position: Position | null): Promise<void> {
  if (position === null) throw new Error('the store has no position')
  const [head, readAll, readSince] = [store.head.bind(store), store.readAll.bind(store), store.readSince.bind(store)]
  store.head = async (mine) => ({ ...(await head(mine)), position })
  store.readAll = async (question) => ({ ...(await readAll(question)), position })
  store.readSince = async (from, question) => {
    const since = await readSince(from, question)
    return { ...since, position, delta: { position, via: [], changed: new Map() } }
  }
}

describe('a replica', () => {
  it('has what is stored when start resolves', async () => {
    const store = new FaultyStore()
    await write(store, 'a_flag')
    const { replica } = setUp(store)
    await replica.start()
    expect(isOn(replica, 'a_flag')).toBe(true)
    expect(replica.status()).toMatchObject({ source: 'postgres', degraded: false, ageMs: 0, warnings: [] })
  })

  it('asks for the position only while nothing changes', async () => {
    const store = new FaultyStore()
    await write(store, 'a_flag')
    const { replica, clock, swaps } = setUp(store)
    await replica.start()
    store.reads.length = 0
    await clock.advance(50_000)
    expect(new Set(store.reads)).toEqual(new Set(['head']))
    expect(store.reads.length).toBeGreaterThanOrEqual(4)
    expect(swaps).toHaveLength(1)
  })

  it('fetches only what changed since its own position', async () => {
    const store = new FaultyStore()
    await write(store, 'a_flag')
    await write(store, 'b_flag')
    const { replica, clock, swaps } = setUp(store)
    await replica.start()
    store.reads.length = 0
    await write(store, 'b_flag', { kind: 'disable' })
    await clock.advance(12_000)
    expect(store.reads).toEqual(['head', 'delta'])
    expect(isOn(replica, 'b_flag')).toBe(false)
    expect(swaps.at(-1)?.map(({ name }) => name)).toEqual(['b_flag'])
  })

  it('keeps the flags that did not change as they are', async () => {
    const store = new FaultyStore()
    await write(store, 'a_flag')
    const { replica } = setUp(store)
    await replica.start()
    const before = replica.snapshot.entries.get('a_flag')
    await write(store, 'b_flag')
    await replica.refreshNow()
    expect(replica.snapshot.entries.get('a_flag')).toBe(before)
  })

  it('drops a flag that is stored no longer and not defined', async () => {
    const store = new FaultyStore()
    await write(store, 'a_flag')
    const { replica } = setUp(store)
    await replica.start()
    await write(store, 'a_flag', { kind: 'remove' })
    await replica.refreshNow()
    expect(replica.snapshot.entries.get('a_flag')).toBeUndefined()
  })

  it('believes the primary when its position is not in its history, and says so when it went back', async () => {
    const store = new FaultyStore()
    await write(store, 'a_flag')
    await write(store, 'b_flag')
    const { replica, logger } = setUp(store)
    await replica.start()
    const restored = new MemoryStore()
    await write(restored, 'c_flag')
    await answerAs(store, restored)
    await replica.refreshNow()
    expect([...replica.snapshot.entries.keys()]).toEqual(['c_flag'])
    expect(logger.lines.filter(({ message }) => message.includes('at an older state'))).toHaveLength(1)
  })

  it('goes only forward on a standby, and warns, in the log once for as long as it is one', async () => {
    const store = new FaultyStore()
    await write(store, 'a_flag')
    const { replica, logger } = setUp(store)
    await replica.start()
    await write(store, 'b_flag')
    await replica.refreshNow()
    const position = replica.snapshot.position
    const behind = new FaultyStore()
    behind.standby = true
    await write(behind, 'a_flag')
    await answerAs(store, behind)
    for (let time = 0; time < 3; time++) await replica.refreshNow()
    expect(replica.snapshot.position).toEqual(position)
    expect(replica.status().warnings.join()).toContain('standby')
    behind.standby = false
    for (let time = 0; time < 3; time++) await replica.refreshNow()
    const said = logger.lines.map(({ level, message }) => [level, message])
    expect(said).toEqual([
      ['warn', expect.stringContaining('the database is a standby')],
      ['warn', expect.stringContaining('at an older state')],
      ['info', expect.stringContaining('a primary again')],
    ])
  })

  it('keeps answering and says how old it is while the store is down, then recovers by itself', async () => {
    const store = new FaultyStore()
    await write(store, 'a_flag')
    const { replica, clock, logger } = setUp(store)
    await replica.start()
    store.down = true
    await clock.advance(60_000)
    expect(isOn(replica, 'a_flag')).toBe(true)
    expect(replica.status()).toMatchObject({ degraded: true, ageMs: 60_000 })
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1)
    store.down = false
    await write(store, 'a_flag', { kind: 'disable' })
    await clock.advance(5_000)
    expect(isOn(replica, 'a_flag')).toBe(false)
    expect(replica.status().degraded).toBe(false)
  })

  it('starts without a store within its deadline, and takes a late answer', async () => {
    const store = new FaultyStore()
    await write(store, 'a_flag')
    store.hold()
    const { replica, clock, definitions } = setUp(store, { bootDeadlineMs: 1_000 })
    definitions.set('b_flag', definition('b_flag', true))
    replica.redefine()
    const started = replica.start()
    await clock.advance(1_000)
    await started
    expect(isOn(replica, 'b_flag')).toBe(true)
    expect(replica.status()).toMatchObject({ source: 'definitions', degraded: true, ageMs: null })
    store.release()
    await vi.waitFor(() => expect(isOn(replica, 'a_flag')).toBe(true))
    expect(replica.status().degraded).toBe(false)
  })

  it('runs one refresh at a time, and a caller that asks during one gets the next', async () => {
    const store = new FaultyStore()
    const { replica } = setUp(store)
    await replica.start()
    store.reads.length = 0
    store.hold()
    const first = replica.refreshNow()
    await settle()
    await write(store, 'a_flag')
    const second = replica.refreshNow()
    const third = replica.refreshNow()
    expect(third).toBe(second)
    await settle()
    expect(store.reads).toEqual(['head'])
    store.release()
    await Promise.all([first, second])
    expect(isOn(replica, 'a_flag')).toBe(true)
    expect(store.reads.filter((read) => read === 'head')).toHaveLength(2)
  })

  it('reads a flag again that was written once more while it was read back, whatever the positions say', async () => {
    const store = new MemoryStore()
    await write(store, 'a_flag', { kind: 'disable' })
    const { replica } = setUp(store)
    await replica.start()
    await answerFrom(store, replica.snapshot.position)
    const { readSince } = store
    let answer = () => {}
    const held = new Promise<void>((resolve) => {
      answer = resolve
    })
    store.readSince = async (from, question) => {
      const since = await readSince(from, question)
      await held
      return since
    }
    const own = { position: null, names: ['a_flag'] }
    const before = replica.refreshNow(own)
    await settle()
    await write(store, 'a_flag')
    const after = replica.refreshNow(own)
    answer()
    await before
    await after
    expect(isOn(replica, 'a_flag')).toBe(true)
  })

  it('takes a hint as a reason to look, soon and once', async () => {
    const store = new FaultyStore()
    const { replica, clock } = setUp(store, { listen: true })
    await replica.start()
    store.reads.length = 0
    for (const name of ['a_flag', 'b_flag', 'c_flag']) await write(store, name)
    await settle()
    await clock.advance(50)
    expect(store.reads).toEqual(['head', 'delta'])
    expect(isOn(replica, 'c_flag')).toBe(true)
    expect(replica.counts().hints).toBeGreaterThanOrEqual(3)
  })

  it('compares the content once a minute where there is no position, and says so', async () => {
    const store = new FaultyStore()
    store.unpositioned = true
    await write(store, 'a_flag')
    const { replica, clock, logger } = setUp(store)
    await replica.start()
    expect(replica.status().warnings.join()).toContain('migrate')
    expect(logger.lines.map(({ message }) => message)).toEqual([expect.stringContaining('our own tables are missing')])
    store.reads.length = 0
    await clock.advance(45_000)
    expect(new Set(store.reads)).toEqual(new Set(['head']))
    await write(store, 'a_flag', { kind: 'disable' })
    await clock.advance(30_000)
    expect(isOn(replica, 'a_flag')).toBe(false)
    store.reads.length = 0
    await clock.advance(75_000)
    expect(store.reads.filter((read) => read !== 'head')).toEqual(['digest'])
  })

  it('finds writes that passed the triggers by when it compares the whole content', async () => {
    const store = new FaultyStore()
    await write(store, 'a_flag')
    const { replica, clock, logger } = setUp(store, { compareIntervalMs: 30_000 })
    await replica.start()
    const untracked = new MemoryStore()
    await write(untracked, 'a_flag', { kind: 'add', gate: 'actors', values: ['User:1'] })
    const { position } = await store.head(null)
    await answerAs(store, untracked)
    await answerFrom(store, position)
    await clock.advance(30_000)
    await vi.waitFor(() => expect(replica.snapshot.entries.get('a_flag')?.gates?.actors).toEqual(new Set(['User:1'])))
    expect(replica.status().warnings.join()).toContain('triggers')
    expect(logger.lines.some(({ message }) => message.includes('triggers'))).toBe(true)
  })

  it('finds nothing when it compares a content that is equal', async () => {
    const store = new FaultyStore()
    await write(store, 'a_flag', { kind: 'add', gate: 'actors', values: ['User:1', 'Übung:2'] })
    const { replica, clock } = setUp(store, { compareIntervalMs: 5_000, pollIntervalMs: 100_000 })
    await replica.start()
    store.reads.length = 0
    await clock.advance(6_000)
    await vi.waitFor(() => expect(store.reads).toContain('digest'))
    await settle()
    expect(store.reads).not.toContain('whole')
    expect(replica.status().warnings).toEqual([])
  })

  it('keeps the last good value of a feature that cannot be used, and applies the others', async () => {
    const store = new FaultyStore()
    await write(store, 'a_flag')
    const { replica, logger } = setUp(store)
    await replica.start()
    await write(store, 'a_flag', { kind: 'disable' })
    await write(store, 'b_flag')
    const readSince = store.readSince.bind(store)
    store.readSince = async (mine, question) => {
      const since = await readSince(mine, question)
      const broken = { key: 'a_flag', gates: new Map([['boolean', null as unknown as string[]]]) }
      const { delta } = since
      if (delta === null) return since
      return { ...since, delta: { ...delta, changed: new Map([...delta.changed, ['a_flag', broken]]) } }
    }
    await replica.refreshNow()
    expect(isOn(replica, 'a_flag')).toBe(true)
    expect(isOn(replica, 'b_flag')).toBe(true)
    expect(logger.lines.some(({ fields }) => 'flag' in fields && fields.flag === 'a_flag')).toBe(true)
  })

  it('takes over reloaded definitions without touching the gates', async () => {
    const store = new FaultyStore()
    await write(store, 'a_flag')
    const { replica, definitions } = setUp(store)
    await replica.start()
    definitions.set('b_flag', definition('b_flag', true))
    definitions.set('a_flag', definition('a_flag', false))
    replica.redefine()
    expect(isOn(replica, 'b_flag')).toBe(true)
    expect(isOn(replica, 'a_flag')).toBe(true)
    definitions.delete('b_flag')
    replica.redefine()
    expect(replica.snapshot.entries.get('b_flag')).toBeUndefined()
  })

  it('leaves no timer behind when it is closed, and refuses refreshes', async () => {
    const { replica, clock } = setUp(new FaultyStore(), { listen: true })
    await replica.start()
    await replica.close()
    await replica.close()
    expect(clock.waiting).toBe(0)
    await expect(replica.refreshNow()).rejects.toMatchObject({ code: 'not_started' })
    expect(replica.status()).toMatchObject({ degraded: true, warnings: [expect.stringMatching(/^stopped/)] })
  })
})
