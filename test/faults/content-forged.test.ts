// Content forged in Redis by a client that may write to it: gone within one poll, never believed where a secret is set,
// and never in what Sluice itself keeps.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { unpackBlob } from '../../lib/cache/format/blob.js'
import { redisKeys } from '../../lib/cache/redis/keys.js'
import { resolveConfig } from '../../lib/config/config.js'
import { unpackDisk } from '../../lib/replica/disk/disk.js'
import { makeSealer, type Sealer } from '../../lib/state/sealed.js'
import type { StoredFeature, StoredWhole } from '../../lib/state/state.js'
import type { Store } from '../../lib/store/store.js'
import { changeOf } from '../support/change.js'
import type { TestProject } from '../support/project.js'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { CheckerProcess } from './checker-process.js'
import { allOf, atMost } from './figures.js'
import { openStore } from './database-machine.js'
import { createFleetProject, expected, Fleet, seed, waiting } from './fleet.js'
import { attacks, mark, type Scene } from './forged-ways.js'
import { Forger } from './forger.js'
import type { Look, SentOptions } from './process/messages.js'
import { RedisMachine } from './redis-machine.js'
import { hangMs, isFull, size } from './size.js'

const pollMs = size(300, 2_000)
const onePollMs = 1.2 * pollMs + 1_000
/** A pointer with another digest makes the content be compared, once a minute at most, and the blob be written anew. */
const renewedMs = 2 * 60_000
const [ours, theirs] = ['a secret of the tests that is long enough', 'another secret of the tests that is long']

interface Forgery {
  readonly how: string
  readonly secret: string | null
  readonly forged: Sealer
  /** Which of the attacks are tried in the small size. */
  readonly mine: (index: number) => boolean
}
const forgeries: readonly Forgery[] = [
  { how: 'without a secret', secret: null, forged: makeSealer(null), mine: () => true },
  { how: 'unsigned, where a secret is set', secret: ours, forged: makeSealer(null), mine: (index) => index % 2 === 0 },
  { how: 'signed with another secret', secret: ours, forged: makeSealer(theirs), mine: (index) => index % 4 === 3 },
]

describe.each(forgeries)('content forged in Redis ($how)', { timeout: hangMs }, ({ how, secret, forged, mine }) => {
  const sealer = makeSealer(secret)
  let project: TestProject
  let database: TestDatabase
  let store: Store
  let redis: RedisMachine
  let fleet: Fleet
  let late: CheckerProcess
  let forger: Forger
  let identity: string
  let startedAtMs: number

  const options = (index: number): SentOptions => ({
    root: project.root,
    databaseUrl: database.url,
    redisUrl: redis.url(),
    ...(secret === null ? {} : { cacheSecret: secret }),
    pollIntervalMs: pollMs,
    diskFile: `disk-${index}.json.gz`,
  })

  beforeAll(async () => {
    project = await createFleetProject()
    database = await createDatabase()
    redis = await RedisMachine.start()
    store = openStore(database.url)
    await seed(store)
    startedAtMs = performance.now()
    fleet = await Fleet.start(2, options)
    late = new CheckerProcess()
    identity = (await store.readAll()).identity ?? ''
    forger = new Forger({ redis, identity, sealer: forged, signed: secret !== null })
    await fleet.equalTo(store)
  }, hangMs)
  afterAll(async () => {
    await late?.end('SIGKILL')
    await fleet?.end()
    await store?.close()
    await redis?.stop()
    await database?.close()
    await project?.close()
  })

  /** The database has just changed, all know it, and the newest blob, which may be older, is a true one. */
  async function setScene(): Promise<Scene> {
    const before = await store.head(null)
    const { position } = await store.apply(changeOf(toggled()))
    if (before.position === null || position === null) throw new Error('the triggers make positions')
    await fleet.equalTo(store)
    await vi.waitFor(async () => expect(await newestBlob()).not.toBeNull(), waiting)
    const { items: features } = await store.readAll()
    const change = async () => (await store.apply(changeOf(toggled()))).position ?? position
    return { forger, position, passed: before.position, features, change }
  }

  let toggles = 0
  const toggled = () =>
    ({ feature: 'changing', operation: { kind: toggles++ % 2 === 0 ? 'enable' : 'disable' } }) as const

  /** The content of the newest blob as processes read it; null where they could not. */
  async function newestBlob(): Promise<readonly StoredFeature[] | null> {
    const place = { ...(await forger.named()), identity }
    const packed = await redis.bytes(forger.keys.blob(place))
    const state = packed === null ? null : await unpackBlob(sealer, packed, place)
    return state === null || typeof state === 'string' ? null : state.items
  }

  async function keptForged(): Promise<readonly string[]> {
    const found: string[] = []
    for (const key of await redis.keys(`${redisKeys(sealer).start}${identity}:blob:*`)) {
      if (forger.blobs.has(key)) continue
      const [version = '', nonce = '', digest = ''] = key.split(':').slice(-3)
      const packed = await redis.bytes(key)
      const state =
        packed === null ? '' : await unpackBlob(sealer, packed, { position: { version, nonce }, digest, identity })
      if (JSON.stringify(typeof state === 'string' ? [] : plain(state.items)).includes(mark)) found.push(key)
    }
    for (const index of fleet.members.keys()) {
      const { address } = resolveConfig({ ...options(index), env: 'production' })
      const bytes = await readFile(join(project.root, `disk-${index}.json.gz`)).catch(() => null)
      if (bytes === null) continue
      const { items: features } = await unpackDisk(bytes, { address, sealer })
      if (JSON.stringify(plain(features)).includes(mark)) found.push(`disk-${index}`)
    }
    return found
  }

  // Where a secret is set, one check refuses all of them. In the small size each of these forgers tries other ways, so that every kind of
  // content is refused once: blobs, a pointer, chains of hints, a real next position, hints that fall. `npm run test:faults` tries all.
  const tried = isFull ? attacks : attacks.filter((_, index) => mine(index))
  const named = tried.map((attack) => [attack.title, attack] as const)
  it.each(named)('is answered from until the next poll at most, and kept nowhere: %s', async (_, attack) => {
    const fault = `forged ${how}: ${attack.title}`
    const scene = await setScene()
    const kept = await redis.dump()
    const before = await fleet.looks()
    const watching = watchFor(keptForged)
    const attackedAt = performance.now()
    await attack.run(scene)
    // In the small size it is an instance that starts anew in a process that is there.
    if (isFull) {
      await late.end('SIGKILL')
      late = new CheckerProcess()
    }
    const starting = late.start(options(9), expected)
    const answering = starting.then(() => late.ask({ do: 'ask', flag: 'by_actor', actor: 'User:2' }))
    // What is not signed as it should be is not even counted.
    const heard = secret === null && attack.heard
    const healing = (heard ? vi.waitFor(() => expectHeard(before), waiting) : Promise.resolve())
      .then(() => fleet.equalTo(store))
      .then(() => performance.now() - attackedAt)
    const [answer, healedMs] = await Promise.all([answering, healing])
    allOf(fault, 'new processes right when start() resolves', answer[0] === false ? 1 : 0, 1)
    atMost(fault, 'until all running processes are right', onePollMs, healedMs, ' ms')
    // What was heard is counted before the blob that it leads to is read: a process may have been right because it had not read it yet.
    await nextPolls(fleet, await fleet.looks())
    await fleet.equalTo(store)
    const after = await fleet.looks()
    if (attack.never || secret !== null) expect(wrongSince(before, after)).toBe(0)
    if (secret !== null) expect(answer).toEqual([false])
    await vi.waitFor(async () => {
      expect(await late.ask({ do: 'ask', flag: 'by_actor', actor: 'User:2' })).toEqual([false])
    }, waiting)
    if (secret !== null) {
      expect((await late.look()).wrong).toBe(0)
      atMost(fault, 'forged answers', 0, wrongSince(before, await fleet.looks()))
    }
    await nextPolls(fleet, after)
    await fleet.equalTo(store)
    expect(wrongSince(after, await fleet.looks())).toBe(0)
    if (attack.spoils && isFull) await expectRenewed(fault, attackedAt)
    await late.ask({ do: 'stop' })
    expect(await watching.end()).toEqual([])
    if (attack.spoils && !isFull) await redis.restore(kept)
  })

  async function expectHeard(before: readonly Look[]): Promise<void> {
    for (const [index, look] of (await fleet.looks()).entries())
      expect(heardBy(look)).toBeGreaterThan(heardBy(before[index] ?? look))
  }

  async function expectRenewed(fault: string, attackedAt: number): Promise<void> {
    await vi.waitFor(async () => {
      const { items: features, position, digest }: StoredWhole = await store.readAll({ digest: true })
      expect(await forger.named()).toEqual({ position, digest })
      expect(await newestBlob()).toEqual(features)
    }, waiting)
    atMost(fault, 'until a true blob is in its place', renewedMs, performance.now() - attackedAt, ' ms')
  }

  it.runIf(secret !== null)('is one warning in the log, once a minute at most', async () => {
    const minutes = Math.ceil((performance.now() - startedAtMs) / 60_000)
    for (const { warnedTimes, threw, unhandled } of await fleet.looks()) {
      expect({ threw, unhandled }).toEqual({ threw: 0, unhandled: [] })
      const times = Object.entries(warnedTimes).find(([message]) => message.includes('Redis does not serve'))?.[1] ?? 0
      expect(times).toBeGreaterThanOrEqual(1)
      expect(times).toBeLessThanOrEqual(minutes)
    }
  })
})

const sum = (looks: readonly Look[], of: (look: Look) => number) => looks.reduce((total, look) => total + of(look), 0)
const wrongSince = (before: readonly Look[], after: readonly Look[]) =>
  sum(after, ({ wrong }) => wrong) - sum(before, ({ wrong }) => wrong)
const heardBy = ({ counts }: Look) => counts.shared.heard

/** Waits until every process has asked the store twice more. */
async function nextPolls(fleet: Fleet, before: readonly Look[]): Promise<void> {
  const asked = ({ counts }: Look) => counts.refreshes.none + counts.refreshes.delta + counts.refreshes.whole
  await vi.waitFor(async () => {
    for (const [index, look] of (await fleet.looks()).entries()) {
      expect(asked(look)).toBeGreaterThanOrEqual(2 + asked(before[index] ?? look))
    }
  }, waiting)
}

/** Looks again and again, and gives everything that was found. */
function watchFor(look: () => Promise<readonly string[]>) {
  const found = new Set<string>()
  let ending = false
  const watching = (async () => {
    do {
      for (const one of await look()) found.add(one)
      await new Promise((resume) => setTimeout(resume, 20))
    } while (!ending)
  })()
  watching.catch(() => {}) // Told at the end.
  const end = async () => {
    ending = true
    await watching
    return [...found]
  }
  return { end }
}

function plain(features: readonly StoredFeature[]): unknown {
  return features.map(({ key, gates }) => [key, ...gates])
}
