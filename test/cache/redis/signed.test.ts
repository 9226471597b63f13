// What a secret changes: what is not signed with it counts as absent, and is left alone where it lies.
import type { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { packBlob } from '../../../lib/cache/format/blob.js'
import type { CachedState } from '../../../lib/cache/cache.js'
import { differenceMessage, hintMessage, waitMessage } from '../../../lib/cache/format/message.js'
import { pointerText } from '../../../lib/cache/format/pointer.js'
import { redisKeys } from '../../../lib/cache/redis/keys.js'
import { signedName } from '../../../lib/cache/format/signed-name.js'
import { makeSealer, type Sealer } from '../../../lib/state/sealed.js'
import { seededRandom } from '../../support/random.js'
import type { RedisServer } from '../../support/redis-server.js'
import { startRedis } from '../../support/services.js'
import { Fleet, patiently } from '../fleet.js'
import {
  ears,
  feature,
  hint,
  identity,
  pointerTo,
  position,
  secret,
  signed,
  state,
  unsigned,
  until,
  write,
} from '../samples.js'

const fleet = new Fleet()
const stranger = makeSealer('the secret of a stranger who has a Redis too')
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

const join = (sealer: Sealer, options = {}) => fleet.join(server.url, { timings: patiently, sealer, ...options })

/** Puts blob and pointer under the names that processes with the secret look at. */
async function plant(sealer: Sealer, planted: CachedState): Promise<void> {
  const keys = redisKeys(signed).of(identity)
  await redis.set(keys.blob(planted), await packBlob(sealer, fleet.address, planted))
  await redis.set(keys.pointer, pointerText(sealer, identity, planted))
}

describe('processes with a secret', () => {
  it.each([
    ['is not signed', unsigned],
    ['is signed with another secret', stranger],
  ])('take no blob and no pointer that %s, warn once, and write their own', async (_what, sealer) => {
    const { cache, logger } = join(signed)
    await cache.beat(identity)
    const planted = state(position(9), [feature('planted')])
    await plant(sealer, planted)
    expect(await cache.find()).toEqual({ identities: [identity], state: null })
    expect(await cache.readPointer(identity)).toBeNull()
    expect(await cache.readNewest(identity)).toBeNull()
    expect(await cache.readBlob(identity, pointerTo(planted))).toBeNull()
    expect(logger.lines).toHaveLength(1)
    expect(logger.lines[0]?.fields).toEqual({ fault: expect.stringContaining('FEATURE_CACHE_SECRET') })
    const good = state(position(7))
    expect(await cache.readPointer(identity)).toBeNull()
    await until(() => write(cache, good, null))
    expect(await cache.find()).toEqual({ identities: [identity], state: good })
    expect(cache.status().warning).toBeNull()
  })

  it('take no blob that was forged under a pointer that is theirs', async () => {
    const { cache } = join(signed)
    const good = state(position(7))
    await write(cache, good, null)
    const forged = state(good.position, [feature('forged')])
    await redis.set(redisKeys(signed).of(identity).blob(good), await packBlob(stranger, fleet.address, forged))
    expect(await cache.readNewest(identity)).toBeNull()
    expect(cache.status().warning).toContain('the blob')
    expect(await cache.readPointer(identity)).toBeNull()
    await until(() => write(cache, good, null))
    expect(await cache.readNewest(identity)).toEqual(good)
  })

  it('take no text of one place for one of another', async () => {
    const { cache } = join(signed)
    const elsewhere = { ...state(position(7)), identity: 'another' }
    const keys = redisKeys(signed).of(identity)
    await redis.set(keys.blob(elsewhere), await packBlob(signed, fleet.address, elsewhere))
    await redis.set(keys.pointer, pointerText(signed, 'another', elsewhere))
    expect(await cache.readNewest(identity)).toBeNull()
    await redis.set(keys.pointer, pointerText(signed, identity, elsewhere))
    expect(await cache.readNewest(identity)).toBeNull()
  })

  it('hear nothing that is not signed, and look for themselves', async () => {
    const { cache } = join(signed)
    const heard = ears()
    cache.subscribe(identity, heard)
    await until(() => heard.unsureCount() === 1)
    const { channel } = redisKeys(signed).of(identity)
    for (const sealer of [unsigned, stranger]) {
      const circle = { sealer, identity }
      await redis.publish(channel, hintMessage(circle, hint(position(1), position(2))))
      await redis.publish(channel, differenceMessage(circle, ['a_flag']))
      await redis.publish(channel, waitMessage(circle, { id: 'an-id', position: position(1) }))
    }
    const told = hint(position(3), position(4))
    await redis.publish(channel, hintMessage({ sealer: signed, identity }, told))
    await until(() => heard.hints.length > 0 && heard.unsureCount() > 1)
    expect(heard.hints).toEqual([told])
    expect([heard.differences, heard.waits]).toEqual([[], []])
  })

  it('count and ask no member, and believe no acknowledgement, that is not signed', async () => {
    const { cache } = join(signed, { processName: 'asking' })
    const keys = redisKeys(signed).of(identity)
    const member = { purpose: 'member', owner: identity } as const
    const forged = [
      'plain',
      signedName(stranger, member, 'strange'),
      signedName(signed, { ...member, owner: 'x' }, 'moved'),
    ]
    for (const name of forged) await redis.zadd(keys.members, Date.now(), name)
    expect(await cache.beat(identity)).toBe(1)
    expect(cache.status().warning).toContain('members')
    const silent = join(signed, { processName: 'silent' }).cache
    expect(await silent.beat(identity)).toBe(2)
    const answers = cache.waitForAll(identity, position(1), 1_000)
    const heard = ears()
    silent.subscribe(identity, heard)
    await until(() => heard.waits.length > 0)
    const id = heard.waits[0]?.id ?? ''
    const ack = { purpose: 'ack', owner: identity } as const
    await redis.zadd(keys.acknowledged(id), 0, 'silent', 0, signedName(stranger, ack, 'silent', `${id} silent`))
    await redis.zadd(keys.acknowledged(id), 0, signedName(signed, ack, 'silent', 'another-id silent'))
    expect(await answers).toEqual({ confirmed: 0, lagging: ['silent'] })
  })

  it.each([
    ['all members', 0, 900],
    ['a third of them', 600, 300],
    ['none but itself', 300, 0],
  ])('estimate the size of a large fleet from a sample in which %s are theirs', async (_what, forged, ours) => {
    const keys = redisKeys(signed).of(identity)
    const member = { purpose: 'member', owner: identity } as const
    const names = [
      ...Array.from({ length: forged }, (_, index) => `forged-${index}`),
      ...Array.from({ length: ours }, (_, index) => signedName(signed, member, `process-${index}`)),
    ]
    const now = Date.now()
    const random = seededRandom()
    const pipeline = redis.pipeline()
    for (const name of names) pipeline.zadd(keys.members, now - random.below(5_000), name)
    await pipeline.exec()
    const { cache } = join(signed, { processName: 'asking' })
    const counts: number[] = []
    for (let count = 0; count < 20; count++) counts.push((await cache.beat(identity)) ?? 0)
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
    expect(mean).toBeGreaterThan(ours * 0.7)
    expect(mean).toBeLessThan(ours * 1.3 + 20)
  })

  it('take no entry of the directory that is not signed for this address, and take the only one that is', async () => {
    const { cache } = join(signed)
    const directory = redisKeys(signed).directory(fleet.address)
    const place = { purpose: 'directory', owner: 'another address' } as const
    await redis.zadd(directory, Date.now() + 1_000, 'planted-one')
    await redis.zadd(
      directory,
      Date.now() + 1_000,
      signedName(stranger, { ...place, owner: fleet.address }, 'planted-two'),
    )
    await redis.zadd(directory, Date.now() + 1_000, signedName(signed, place, 'planted-three'))
    expect(await cache.find()).toEqual({ identities: [], state: null })
    expect(cache.status().warning).toContain('the directory')
    const other = join(signed).cache
    await other.beat(identity)
    const good = state(position(7))
    await write(other, good, null)
    expect(await cache.find()).toEqual({ identities: [identity], state: good })
  })

  it('and processes without one keep apart: neither reads, hears, counts or overwrites the other', async () => {
    const [secretly, openly] = [join(signed).cache, join(unsigned).cache]
    const [theirs, ours] = [state(position(1), [feature('theirs')]), state(position(2), [feature('ours')])]
    const [heard, overheard] = [ears(), ears()]
    secretly.subscribe(identity, heard)
    openly.subscribe(identity, overheard)
    await until(() => heard.unsureCount() > 0 && overheard.unsureCount() > 0)
    for (let round = 0; round < 2; round++) {
      expect(await secretly.beat(identity)).toBe(1)
      expect(await openly.beat(identity)).toBe(1)
      await until(async () => write(secretly, theirs, await secretly.readPointer(identity)))
      await until(async () => write(openly, ours, await openly.readPointer(identity)))
      expect(await secretly.find()).toEqual({ identities: [identity], state: theirs })
      expect(await openly.find()).toEqual({ identities: [identity], state: ours })
    }
    await secretly.publish(identity, hint(position(1), position(2)))
    await until(() => heard.hints.length === 1)
    expect(overheard.hints).toEqual([])
    expect(await openly.waitForAll(identity, position(1), 1_000)).toEqual({ confirmed: 0, lagging: [] })
    for (const cache of [secretly, openly]) expect(cache.status().warning).toBeNull()
  })
})

describe('while a secret changes', () => {
  const next = 'the next secret that is long enough as well'
  const steps = [secret, `${secret},${next}`, `${next},${secret}`, next].map(makeSealer)

  it('processes that are one step apart read, hear and count each other', async () => {
    for (const [index, sealer] of steps.slice(0, -1).entries()) {
      const [one, other] = [join(sealer).cache, join(steps[index + 1] ?? sealer).cache]
      const good = state(position(index))
      await one.beat(identity)
      await until(async () => write(one, good, await one.readPointer(identity)))
      expect(await other.find()).toEqual({ identities: [identity], state: good })
      expect(await other.beat(identity)).toBe(2)
      expect(await one.beat(identity)).toBe(2)
      const heard = ears()
      one.subscribe(identity, heard)
      await until(() => heard.unsureCount() > 0)
      const told = hint(position(1), position(2))
      await other.publish(identity, told)
      await until(() => heard.hints.length > 0)
      expect(heard.hints).toEqual([told])
      for (const cache of [one, other]) expect(cache.status().warning).toBeNull()
      await Promise.all([one.close(), other.close()])
      await until(async () => (await redis.zcard(redisKeys(signed).of(identity).members)) === 0)
    }
  })

  it('the pointer is written again with the new one before the old one goes, and boots use it meanwhile', async () => {
    const old = join(signed).cache
    const good = state(position(7))
    await write(old, good, null)
    const { cache, logger } = join(steps[2] ?? signed)
    expect(await cache.readNewest(identity)).toEqual(good)
    expect(await cache.readPointer(identity)).toBeNull()
    await until(async () => write(cache, good, await cache.readPointer(identity)))
    expect(await cache.readPointer(identity)).toMatchObject({ position: good.position })
    expect(await join(steps[3] ?? signed).cache.readNewest(identity)).toEqual(good)
    expect(logger.lines).toEqual([])
  })

  it('a database that leaves is gone from the directory whichever of the two had signed it', async () => {
    await join(signed).cache.beat(identity)
    const { cache } = join(steps[2] ?? signed)
    await cache.beat(identity)
    expect((await cache.find()).identities).toEqual([identity])
    await cache.leave(identity)
    expect(await cache.find()).toEqual({ identities: [], state: null })
  })
})
