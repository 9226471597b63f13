// The directory, the claims and the keys of Redis, seen from the server.
import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { RedisServer } from '../../support/redis-server.js'
import { startRedis } from '../../support/services.js'
import { Fleet, patiently } from '../fleet.js'
import { feature, identity, position, state, until, write } from '../samples.js'
import { systemClock } from '../../../lib/time/clock.js'

const fleet = new Fleet()
const dayMs = 24 * 60 * 60_000
let server: RedisServer
let redis: Redis

beforeAll(async () => {
  server = await startRedis()
})
beforeEach(() => {
  redis = fleet.outsider(server.url)
})
afterEach(async () => {
  await redis.flushall()
  await fleet.close()
})
afterAll(() => server?.stop())

const join = (options = {}) => fleet.join(server.url, { timings: patiently, ...options })

describe('the directory', () => {
  it('answers a boot in one command, with pointer and blob', async () => {
    const written = state(position(7))
    const { cache } = join()
    await cache.beat(identity)
    await write(cache, written, null)
    const booting = join().cache
    await booting.readPointer('another') // Connects, and is greeted.
    await redis.config('RESETSTAT')
    expect(await booting.find()).toEqual({ identities: [identity], state: written })
    const stats = await redis.info('commandstats')
    expect(stats).toMatch(/cmdstat_eval:calls=1,/)
    expect(stats).not.toMatch(/cmdstat_(get|evalsha|subscribe|zadd):/)
  })

  it('forgets a database that was not seen for a day as soon as a newer one is there, and no sooner', async () => {
    const { cache } = join()
    await redis.zadd(fleet.directory(), Date.now() - 3 * dayMs, 'old-one')
    await redis.zadd(fleet.directory(), Date.now() - 2 * dayMs, 'old-two')
    expect((await cache.find()).identities).toEqual(['old-two'])
    expect(cache.status().warning).toBeNull()
    await cache.beat(identity)
    expect(await redis.zrange(fleet.directory(), '0', '-1')).toEqual([identity])
    expect((await cache.find()).identities).toEqual([identity])
  })

  it('comes back with the next sign of life when Redis is flushed', async () => {
    const { cache } = join()
    await cache.beat(identity)
    await redis.flushall()
    expect((await cache.find()).identities).toEqual([])
    await cache.beat(identity)
    expect((await cache.find()).identities).toEqual([identity])
  })

  it.each([
    ['of another type', () => redis.set(fleet.directory(), 'garbage')],
    ['with entries of the future', () => redis.zadd(fleet.directory(), 1e17, 'future')],
    ['with an entry that is no identity', () => redis.zadd(fleet.directory(), Date.now(), 'a:b*\u001b[2J')],
    ['with an entry of a megabyte', () => redis.zadd(fleet.directory(), Date.now(), 'x'.repeat(1_000_000))],
    ['with an entry that would name another key', () => redis.zadd(fleet.directory(), Date.now(), '../../pointer')],
  ])('%s finds nothing, and a sign of life makes it useful', async (_what, spoil) => {
    await spoil()
    const { cache } = join()
    expect(await cache.find()).toEqual({ identities: [], state: null })
    const good = state(position(7))
    expect(await cache.beat(identity)).toBe(1)
    await write(cache, good, null)
    expect(await join().cache.find()).toEqual({ identities: [identity], state: good })
  })

  it('that another client has filled is read in part, and answers', async () => {
    const pipeline = redis.pipeline()
    for (let count = 0; count < 10_000; count++) pipeline.zadd(fleet.directory(), Date.now(), randomUUID())
    await pipeline.exec()
    const { cache } = join()
    const found = await cache.find()
    expect(found.state).toBeNull()
    expect(found.identities.length).toBeLessThanOrEqual(64)
    expect(cache.status().warning).toContain('namespace')
  })
})

describe('the next claim', () => {
  it('waits for twenty times as long as the last blob took from claim to write', async () => {
    let nowMs = 0
    const { cache } = join({ clock: { ...systemClock, now: () => nowMs }, timings: { ...patiently, claimMs: 5_000 } })
    const claim = await cache.claimBlob(identity, null)
    nowMs += 3_000
    expect(await claim?.write(state(position(1)))).toBe(true)
    const left = await redis.pttl(fleet.key('blob-claim'))
    expect(left).toBeGreaterThan(50_000)
    expect(left).toBeLessThanOrEqual(60_000)
    expect(await join().cache.claimBlob(identity, await cache.readPointer(identity))).toBeNull()
  })

  it('waits for five seconds after a claim whose blob took no time, or was never written', async () => {
    const { cache } = join({ clock: { ...systemClock, now: () => 0 }, timings: { ...patiently, claimMs: 5_000 } })
    await cache.claimBlob(identity, null)
    expect(await redis.pttl(fleet.key('blob-claim'))).toBeGreaterThan(3_000)
    await redis.del(fleet.key('blob-claim'))
    const claim = await cache.claimBlob(identity, null)
    expect(await claim?.write(state(position(1)))).toBe(true)
    const left = await redis.pttl(fleet.key('blob-claim'))
    expect(left).toBeGreaterThan(3_000)
    expect(left).toBeLessThanOrEqual(5_000)
  })

  it('waits for ten minutes at most', async () => {
    let nowMs = 0
    const { cache } = join({ clock: { ...systemClock, now: () => nowMs } })
    const claim = await cache.claimBlob(identity, null)
    nowMs += 3_600_000
    expect(await claim?.write(state(position(1)))).toBe(true)
    expect(await redis.pttl(fleet.key('blob-claim'))).toBeLessThanOrEqual(600_000)
  })
})

describe('keys of older formats', () => {
  it('are neither read nor touched', async () => {
    const start = `sluice:2:${fleet.address}`
    await redis.set(`${start}:pointer`, 'a pointer of format 2')
    await redis.set(`${start}:blob:1:n`, 'a blob of format 2')
    await redis.zadd(`${start}:members`, Date.now(), 'a-process')
    const before = await dump()
    const { cache, logger } = join()
    expect(await cache.find()).toEqual({ identities: [], state: null })
    expect(await cache.beat(identity)).toBe(1)
    await write(cache, state(position(7)), null)
    await until(async () => write(cache, state(position(8), [feature('b')]), await cache.readPointer(identity)))
    await cache.close()
    expect(await dump()).toEqual(before)
    expect(logger.lines).toEqual([])
    expect((await redis.keys('*')).filter((key) => !/^sluice:[23]:/.test(key))).toEqual([])

    async function dump() {
      const keys = (await redis.keys('sluice:2:*')).sort()
      return Promise.all(keys.map(async (key) => [key, await redis.dumpBuffer(key)]))
    }
  })
})
