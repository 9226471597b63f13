// Redis down, flushed, frozen, refusing, cut off from some, or full of what it should not hold: a miss, never a failure.
import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import * as driver from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { RedisCache } from '../../lib/cache/redis/cache.js'
import { silentLogger } from '../../lib/log.js'
import { makeSealer } from '../../lib/state/sealed.js'
import { changeOf } from '../support/change.js'
import type { TestProject } from '../support/project.js'
import { CheckerProcess } from './checker-process.js'
import { DatabaseMachine } from './database-machine.js'
import { atMost } from './figures.js'
import { createFleetProject, expected, Fleet, seed, waiting } from './fleet.js'
import { type Link, openLink } from './link.js'
import type { SentOptions } from './process/messages.js'
import { RedisMachine } from './redis-machine.js'
import { hangMs, size } from './size.js'

const pollIntervalMs = size(400, 2_000)
/** A poll comes at the latest after its jitter, and one question takes its time too. */
const onePollMs = pollIntervalMs * 1.2 + 300

let project: TestProject
let database: DatabaseMachine
let redis: RedisMachine
/** Half of the processes reach Redis over each. */
let links: readonly [Link, Link]
let fleet: Fleet
let written = 0

beforeAll(async () => {
  project = await createFleetProject()
  database = await DatabaseMachine.start()
  redis = await RedisMachine.start()
  links = [await openLink(redis.port), await openLink(redis.port)]
  await seed(database.store)
  fleet = await Fleet.start(size(2, 6), (index) => options(links[index % 2 === 0 ? 0 : 1].port))
}, hangMs)
afterEach(() => heal())
afterAll(async () => {
  await fleet?.end()
  for (const link of links ?? []) await link.close()
  await redis?.stop()
  await database?.stop()
  await project?.close()
})

function options(redisPort: number): SentOptions {
  return {
    root: project.root,
    databaseUrl: database.url(),
    redisUrl: redis.url(redisPort),
    namespace: 'faults',
    pollIntervalMs,
    diskFile: false,
  }
}

function heal(): void {
  for (const link of links) {
    link.mode = 'pass'
    link.delayMs = 0
    link.target = redis.port
  }
}

/** Writes past the cache, as psql would, so that only polls and hints bring the news; resolves when all have it. */
async function writeAndSpread(): Promise<number> {
  await write()
  return fleet.equalTo(database)
}

async function write(): Promise<void> {
  written += 1
  const values = [`User:${written}`]
  await database.store.apply(changeOf({ feature: 'changing', operation: { kind: 'add', gate: 'actors', values } }))
}

/** A change by one process is heard of by the others through Redis again. */
async function hintsAreHeard(): Promise<number> {
  const start = performance.now()
  const applied = async () => (await fleet.looks()).slice(1).map(({ counts }) => counts.shared.applied)
  const before = await applied()
  const heard = async () => {
    written += 1
    await fleet.first.ask({ do: 'enable', flag: 'changing', actor: `User:${written}`, wait: false })
    return (await applied()).every((count, index) => count > (before[index] ?? 0))
  }
  await expect.poll(heard, { ...waiting, interval: 100 }).toBe(true)
  return performance.now() - start
}

/** What must hold in each of these faults, while it lasts and after it. */
async function survives(fault: string, end: () => Promise<void> | void): Promise<void> {
  atMost(fault, 'staleness meanwhile', onePollMs, await writeAndSpread(), ' ms')
  await end()
  await write()
  atMost(fault, 'all equal after healing', Math.max(2_000, onePollMs), await fleet.equalTo(database), ' ms')
  atMost(fault, 'hints are heard again', 10_000, await hintsAreHeard(), ' ms')
  await fleet.equalTo(database)
  await fleet.expectSound(fault)
}

describe('Redis', { timeout: hangMs }, () => {
  // To a boot, a connection that is reset is one that is refused.
  it.each(size<readonly ('refuse' | 'swallow' | 'reset')[]>(['refuse', 'swallow'], ['refuse', 'swallow', 'reset']))(
    'down at boot (%s) delays no boot for long',
    async (mode) => {
      const fault = `Redis down at boot (${mode})`
      links[1].mode = mode
      const late = new CheckerProcess()
      const readyMs = await late.startWithContent(options(links[1].port), expected)
      await vi.waitFor(async () => {
        expect((await late.look()).statuses).toMatchObject([{ source: 'postgres', degraded: false }])
      }, waiting)
      heal()
      const heard = async () => {
        written += 1
        await fleet.first.ask({ do: 'enable', flag: 'changing', actor: `User:${written}`, wait: false })
        return (await late.look()).counts.shared.heard
      }
      await expect.poll(heard, { ...waiting, interval: 100 }).toBeGreaterThan(0)
      expect(await late.look()).toMatchObject({ threw: 0, wrong: 0, unhandled: [] })
      await late.end('SIGKILL')
      atMost(fault, 'ready', 2_000, readyMs, ' ms')
    },
  )

  it('killed while processes run leaves them the poll of Postgres', async () => {
    await redis.crash()
    await survives('Redis killed mid-run', () => redis.restart())
  })

  it('flushed again and again changes no answer, and blob and pointer come back', async () => {
    const fault = 'Redis flushed every second'
    for (let times = 0; times < size(10, 60); times++) {
      await redis.run('flushall')
      await write()
      await pause(size(100, 1_000)) // The fault itself: it lasts a minute.
    }
    await fleet.equalTo(database)
    await expect.poll(() => redis.keys('*:pointer'), waiting).toHaveLength(1)
    await expect.poll(() => redis.keys('*:blob:*'), waiting).not.toHaveLength(0)
    await fleet.expectSound(fault)
  })

  it('holding an old dump is set right within one poll interval', async () => {
    const fault = 'Redis holds an old dump'
    await expect.poll(() => redis.keys('*:pointer'), waiting).toHaveLength(1)
    const old = await redis.dump()
    await writeAndSpread()
    await redis.restore(old)
    atMost(fault, 'a process that boots is right', onePollMs, await bootsRight(), ' ms')
    await survives(fault, () => {})
  })

  it('holding what is ahead of a restored Postgres is set right within one poll interval', async () => {
    const fault = 'Postgres restored to before what Redis holds'
    await database.crash()
    const backup = database.backUp()
    await database.restart()
    await expect
      .poll(
        async () => (await fleet.first.ask({ do: 'enable', flag: 'changing', actor: 'User:ahead', wait: false })).code,
        waiting,
      )
      .toBeNull()
    await fleet.equalTo(database)
    await blobIsCurrent()
    await database.crash()
    database.restore(backup)
    await database.restart()
    atMost(fault, 'a process that boots is right', onePollMs, await bootsRight(), ' ms')
    atMost(fault, 'all are right', 15_000, await fleet.equalTo(database), ' ms')
    await survives(fault, () => {})
  })

  it('holding data of another namespace or database is not believed', async () => {
    const fault = 'Redis holds foreign data'
    const foreign = await DatabaseMachine.start()
    const stranger = new CheckerProcess()
    try {
      const databaseUrl = foreign.url()
      await stranger.start({ ...options(redis.port), databaseUrl })
      await stranger.ask({ do: 'enable', flag: 'stable_off', actor: 'User:1', wait: false })
      await redis.run('flushall')
      await expect.poll(() => foreignPointer(stranger), { ...waiting, interval: 100 }).toBe(true)
      atMost(fault, 'a process that boots is right', onePollMs, await bootsRight(), ' ms')
      await stranger.end('SIGKILL')
      const mine = await redis.dump()
      const known = new Set((await redis.keys('*:members')).map(identityOf))
      await bootsRight({ namespace: 'another' })
      const other = (await redis.keys('*:members')).map(identityOf).find((identity) => !known.has(identity))
      for (const [key, value] of mine) {
        await redis.run('restore', key.replace(/^(sluice:3:)[^:]+:/, `$1${other}:`), 0, value, 'replace')
      }
      const boot = await bootsRight({ namespace: 'another' })
      atMost(fault, 'of another namespace: right', onePollMs, boot, ' ms')
      await survives(fault, () => {})
    } finally {
      await stranger.end('SIGKILL')
      await foreign.stop()
    }
  })

  it('that is frozen makes commands give up, and processes go on by the poll', async () => {
    const sealer = makeSealer(null)
    const cache = new RedisCache({ driver, url: redis.url(), address: 'faults', sealer, logger: silentLogger })
    await expect.poll(() => cache.status().connected, waiting).toBe(true)
    redis.freeze()
    const before = performance.now()
    expect(await cache.readPointer('faults')).toBeNull()
    atMost('Redis frozen', 'a command gives up, a turn of the event loop later', 220, performance.now() - before, ' ms')
    await cache.close()
    await survives('Redis frozen', () => redis.thaw())
  })

  it('that is cut off from half of the processes leaves both halves right', async () => {
    links[1].mode = 'swallow'
    await survives('Redis partitioned for half of the processes', heal)
  })

  it('that is slow counts as a miss where its answer comes too late', async () => {
    for (const link of links) link.delayMs = 500
    await survives('Redis slow', heal)
  })

  const refusals: readonly (readonly [string, () => Promise<unknown>, () => Promise<unknown>])[] = [
    ['READONLY', () => redis.run('replicaof', '127.0.0.1', '1'), () => redis.run('replicaof', 'no', 'one')],
    ['OOM', () => redis.run('config', 'set', 'maxmemory', '1'), () => redis.run('config', 'set', 'maxmemory', '0')],
    ['WRONGTYPE', spoilTypes, () => redis.run('flushall')],
    ['NOAUTH', askForPassword, () => redis.run('config', 'set', 'requirepass', '')],
  ]
  // The first two refuse the same commands: those that write.
  it.each(size(refusals.slice(1), refusals))(
    'answering %s is asked no more than it bears',
    async (code, begin, end) => {
      await begin()
      await survives(`Redis answers ${code}`, async () => void (await end()))
    },
  )

  it('answering LOADING is waited for', async () => {
    const loading = createServer((socket) => {
      socket.on('error', () => {}) // Its clients come and go.
      socket.on('data', () => socket.write('-LOADING Redis is loading the dataset in memory\r\n'))
    })
    await new Promise<void>((done) => loading.listen(0, '127.0.0.1', done))
    const address = loading.address()
    if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
    for (const link of links) {
      link.target = address.port
      link.cut()
    }
    await survives('Redis answers LOADING', () => {
      heal()
      for (const link of links) link.cut()
    })
    loading.close()
  })
})

/** Boots a process from Redis and resolves with how long it took to be right, 0 where it was from the start. */
async function bootsRight(more: Partial<SentOptions> = {}): Promise<number> {
  const member = new CheckerProcess()
  await member.start({ ...options(redis.port), ...more }, expected)
  const before = performance.now()
  const right = async () => {
    const [mine] = await member.ask({ do: 'digest' })
    return mine?.digest === (await database.store.readAll({ digest: true })).digest
  }
  await expect.poll(right, waiting).toBe(true)
  expect(await member.look()).toMatchObject({ threw: 0, unhandled: [] })
  await member.end('SIGKILL')
  return performance.now() - before
}

/** Waits until the pointer in Redis names the position of the primary. */
async function blobIsCurrent(): Promise<void> {
  const current = async () => {
    const [{ version, nonce } = {}] = await database.query('select version, nonce from feature_state')
    const [key] = await redis.keys(`*:blob:${String(version)}:${String(nonce)}:*`)
    return key !== undefined
  }
  await expect.poll(current, { ...waiting, interval: 100 }).toBe(true)
}

/** Whether the other application, which shares our namespace by mistake, has put its state into this Redis. */
async function foreignPointer(stranger: CheckerProcess): Promise<boolean> {
  const [theirs] = await stranger.ask({ do: 'digest' })
  for (const key of await redis.keys('*:pointer')) {
    if (theirs !== undefined && String(await redis.run('get', key)).includes(`:${theirs.nonce}:`)) return true
  }
  return false
}

/** The database that a key belongs to. */
function identityOf(key: string): string {
  return key.split(':')[2] ?? ''
}

/** One script for each key: between two commands a process can write the key again, and the second would be refused. */
async function spoilTypes(): Promise<void> {
  const spoil = "redis.call('del', KEYS[1]) return redis.call('lpush', KEYS[1], 'no text')"
  for (const key of await redis.keys('sluice:*')) await redis.run('eval', spoil, '1', key)
}

async function askForPassword(): Promise<void> {
  await redis.run('config', 'set', 'requirepass', 'secret')
  for (const link of links) link.cut()
}
