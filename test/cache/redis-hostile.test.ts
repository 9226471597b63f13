// Whatever is found in Redis or heard on the channel: it is checked or it is nothing, and it does not stay for ever.
import { randomUUID } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hintMessage } from '../../lib/cache/message.js'
import { pointerText } from '../../lib/cache/pointer.js'
import { seal, unseal } from '../../lib/cache/sealed.js'
import { packedFormat, packState } from '../../lib/store/packed-state.js'
import type { RedisServer } from '../support/redis-server.js'
import { startRedis } from '../support/services.js'
import { Fleet, type Member, patiently } from './fleet.js'
import { databaseId, ears, feature, type Heard, hint, position, state, until } from './samples.js'

const fleet = new Fleet()
let server: RedisServer
let redis: Redis
let member: Member

beforeAll(async () => {
  server = await startRedis()
})
beforeEach(() => {
  redis = fleet.outsider(server.url)
  member = fleet.join(server.url, { timings: patiently })
})
afterEach(() => fleet.close())
afterAll(() => server?.stop())

const at = position(7)

const sealed = (message: object) => seal(JSON.stringify({ format: packedFormat, ...message }))
const unsealed = (text: string): object => JSON.parse(unseal(text) ?? '')
const good = state(at)
const limits = { largestBytes: 1_000_000 }
const blobKey = () => fleet.key(`blob:${at.version}:${at.nonce}`)

/** As a poll does: it writes what Postgres holds wherever the pointer does not say so. */
async function repair(): Promise<void> {
  await until(async () => {
    const pointer = await member.cache.readPointer()
    return member.cache.writeBlob(good, pointer)
  })
}

async function expectRepaired(): Promise<void> {
  const fresh = fleet.join(server.url, { timings: patiently }).cache
  expect(await fresh.readPointer()).toMatchObject({ position: at, databaseId })
  expect(await fresh.readBlob(at)).toEqual(good)
  expect(fresh.status().warning).toBeNull()
  await member.cache.readPointer()
  expect(member.cache.status().warning).toBeNull()
  expect(await redis.ttl(fleet.key('pointer'))).toBe(-1)
  expect(await redis.ttl(blobKey())).toBe(-1)
}

describe('a pointer', () => {
  it.each([
    ['garbage', 'garbage'],
    ['only a position', seal('7:n')],
    ['a negative position', seal(`-7:${at.nonce}:${databaseId}`)],
    ['a part of a pattern', seal(`7:*:${databaseId}`)],
    ['a position that nobody has', pointerText(position(7), databaseId)],
    ['bytes that are no text', Buffer.from([0xff, 0x00, 0xfe])],
    ['10 MB', Buffer.alloc(10_000_000, 'x')],
  ])('that holds %s is none, and is written again', async (_what, text) => {
    await redis.set(fleet.key('pointer'), text)
    expect(await member.cache.readPointer()).toBeNull()
    await repair()
    await expectRepaired()
  })

  it('of another type is none, and is written again', async () => {
    await redis.hset(fleet.key('pointer'), 'a', 'b')
    expect(await member.cache.readPointer()).toBeNull()
    expect(member.cache.status().warning).toContain('the pointer')
    await repair()
    await expectRepaired()
  })
})

describe('a blob', () => {
  const other = { ...good, features: [feature('another')] }
  it.each([
    ['garbage', () => Buffer.from('garbage')],
    ['a text that is no gzip of ours', () => gzipSync('garbage')],
    ['a gzip cut in half', async () => (await packed(good)).subarray(0, 60)],
    ['a gzip bomb', () => gzipSync(Buffer.alloc(200_000_000))],
    ['the state of another namespace', () => packState({ ...other, namespace: randomUUID() }, limits)],
    ['the state of another position', () => packed({ ...other, position: position(7) })],
    ['a state without a position', () => packed({ ...other, position: null })],
    ['the state of another database', () => packed({ ...other, databaseId: 'another-database' })],
  ])('that holds %s is a miss and a warning, and is written again', async (_what, content) => {
    await repair()
    await redis.set(blobKey(), await content())
    expect(await member.cache.readPointer()).toMatchObject({ position: at })
    expect(await member.cache.readBlob(at)).toBeNull()
    expect(member.cache.status().warning).toContain('the blob')
    expect(member.logger.lines).toHaveLength(1)
    await repair()
    await expectRepaired()
  })

  it('of another type is a miss and a warning, and is written again', async () => {
    await repair()
    await redis.del(blobKey())
    await redis.lpush(blobKey(), 'a')
    expect(await member.cache.readPointer()).toMatchObject({ position: at })
    expect(await member.cache.readBlob(at)).toBeNull()
    expect(member.cache.status().warning).toContain('the blob')
    await repair()
    await expectRepaired()
  })

  it('gives the state that was written or none, whichever byte of it changes', async () => {
    await repair()
    const whole = await packed(good)
    for (let index = 0; index < whole.length; index++) {
      const changed = Buffer.from(whole)
      changed[index] = (changed[index] ?? 0) ^ 0x10
      await redis.set(blobKey(), changed)
      const read = await member.cache.readBlob(at)
      if (read !== null) expect(read).toEqual(good)
    }
  })

  it('from an older dump is given with its pointer, and is left behind by the next move', async () => {
    await repair()
    const dump = await redis.dumpBuffer(blobKey())
    const pointer = await redis.dumpBuffer(fleet.key('pointer'))
    const newer = state(position(8))
    await until(async () => member.cache.writeBlob(newer, await member.cache.readPointer()))
    await redis.restore(blobKey(), 0, dump, 'REPLACE')
    await redis.restore(fleet.key('pointer'), 0, pointer, 'REPLACE')
    expect(await member.cache.readPointer()).toMatchObject({ position: at })
    expect(await member.cache.readBlob(at)).toEqual(good)
    await until(async () => member.cache.writeBlob(newer, await member.cache.readPointer()))
    expect(await member.cache.readPointer()).toMatchObject({ position: newer.position })
    expect(await redis.pttl(blobKey())).toBeGreaterThan(0)
  })

  function packed(content: typeof good): Promise<Buffer>
  function packed(content: Omit<typeof good, 'position'> & { position: null }): Promise<Buffer>
  function packed(content: Parameters<typeof packState>[0] | typeof good): Promise<Buffer> {
    return packState({ ...content, namespace: fleet.namespace }, limits)
  }
})

describe('a claim', () => {
  it('is not taken by whoever has read an old pointer', async () => {
    await repair()
    await until(async () => (await redis.exists(fleet.key('blob-claim'))) === 0)
    expect(await member.cache.writeBlob(state(position(8)), null)).toBe(false)
    expect(await redis.exists(fleet.key('blob-claim'))).toBe(0)
  })

  it('that ran out while its holder was slow leaves the newer pointer alone', async () => {
    const timings = { ...patiently, claimMs: 20 }
    const [slow, quick] = [fleet.join(server.url, { timings }).cache, fleet.join(server.url, { timings }).cache]
    const features = Array.from({ length: 100_000 }, (_, index) => feature(`flag_${index}`, [`User:${index}`]))
    expect(await slow.readPointer()).toBeNull()
    const writing = slow.writeBlob(state(position(6), features), null)
    await redis.ping() // By now the slow one has its claim; packing takes it much longer than that lasts.
    await until(() => quick.writeBlob(good, null))
    expect(await writing).toBe(false)
    expect(await quick.readPointer()).toMatchObject({ position: at })
  })

  it.each([
    ['of another type', () => redis.lpush(fleet.key('blob-claim'), 'a')],
    ['without an end', () => redis.set(fleet.key('blob-claim'), 'a')],
    ['with an end far away', () => redis.set(fleet.key('blob-claim'), 'a', 'EX', 1_000_000)],
  ])('%s is none', async (_what, spoil) => {
    await spoil()
    await member.cache.readPointer()
    expect(await member.cache.writeBlob(good, null)).toBe(true)
    await expectRepaired()
  })
})

describe('members', () => {
  it('of another type are replaced', async () => {
    await redis.set(fleet.key('members'), 'garbage')
    await member.cache.beat()
    expect(await redis.zcard(fleet.key('members'))).toBe(1)
    expect(member.cache.status().warning).toBeNull()
  })

  it('that are from the future, or called like no process, are not waited for', async () => {
    const names = ['a\u001b[2Jname', 'x'.repeat(10_000), '']
    for (const name of names) await redis.zadd(fleet.key('members'), Date.now(), name)
    await redis.zadd(fleet.key('members'), 1e17, 'future')
    await redis.zadd(fleet.key('members'), Date.now() - 40_000, 'past')
    expect(await member.cache.waitForAll(at, 500)).toEqual({ confirmed: 0, lagging: [] })
    await member.cache.beat()
    expect(await redis.zrange(fleet.key('members'), '0', '-1')).not.toContain('future')
    await redis.zadd(fleet.key('members'), Date.now(), 'present')
    expect(await member.cache.waitForAll(at, 500)).toEqual({ confirmed: 0, lagging: ['present'] })
  })

  it('are forgotten when nobody beats', async () => {
    await member.cache.beat()
    expect(await redis.pttl(fleet.key('members'))).toBeGreaterThan(0)
  })
})

describe('the channel', () => {
  let heard: Heard
  beforeEach(async () => {
    heard = ears()
    member.cache.subscribe(heard)
    await until(() => heard.unsureCount() === 1)
  })

  it.each([
    ['nothing', ''],
    ['10 MB', 'x'.repeat(10_000_000)],
    ['10 MB of zeros', Buffer.alloc(10_000_000)],
    ['from>to', 'from>to'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00])],
    ['a sealed hint with a forged nonce', sealed({ kind: 'hint', from: { version: '1', nonce: '../x' } })],
    ['a hint of another format', sealed({ ...unsealed(hintMessage(hint(at, position(8)), databaseId)), format: 1 })],
    ['a sealed text that is too long', sealed({ kind: 'hint', x: 'x'.repeat(70_000) })],
  ])('with %s on it makes unsure, and no more', async (_what, message) => {
    await redis.publish(fleet.key('hints'), message)
    await until(() => heard.unsureCount() === 2)
    expect(member.logger.lines[0]?.fields).toEqual({ fault: expect.stringContaining('Redis (hints)') })
    expect(heard.hints).toEqual([])
    expect(heard.waits).toEqual([])
    await until(() => member.cache.status().warning === null)
    expect(member.logger.lines.map(({ level }) => level)).toEqual(['warn', 'info'])
  })

  it('flooded with garbage makes unsure rarely, and still lets the hint through', async () => {
    const startedAt = performance.now()
    const told = hint(at, position(8), new Map([['a_flag', feature('a_flag')]]))
    for (let round = 0; round < 20; round++) {
      const flood = redis.pipeline()
      for (let count = 0; count < 500; count++) flood.publish(fleet.key('hints'), `garbage ${count}`)
      await flood.exec()
    }
    await redis.publish(fleet.key('hints'), hintMessage(told, databaseId))
    await until(() => heard.hints.length === 1)
    const rounds = Math.ceil((performance.now() - startedAt) / patiently.unsureMs)
    expect(heard.unsureCount()).toBeLessThanOrEqual(2 + rounds)
    expect(heard.hints).toEqual([{ hint: told, databaseId }])
  })

  it('of another namespace is not heard', async () => {
    await redis.publish(`sluice:${packedFormat}:another:hints`, hintMessage(hint(at, position(8)), databaseId))
    const told = hint(at, position(9))
    await redis.publish(fleet.key('hints'), hintMessage(told, databaseId))
    await until(() => heard.hints.length === 1)
    expect(heard.hints).toEqual([{ hint: told, databaseId }])
  })

  it('does not end the process when whoever listens fails', async () => {
    const failing = fleet.join(server.url, { timings: patiently })
    let unsure = 0
    failing.cache.subscribe({
      hint: () => {
        throw new Error('a fault of the listener')
      },
      unsure: () => {
        unsure += 1
      },
      wait: () => {},
    })
    await until(() => unsure === 1)
    await redis.publish(fleet.key('hints'), hintMessage(hint(at, position(8)), databaseId))
    await until(() => unsure === 2)
    expect(failing.logger.lines[0]?.fields).toEqual({ fault: expect.stringContaining('a fault of the listener') })
  })
})
