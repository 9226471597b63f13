// Whatever is found in Redis or heard on the channel: it is checked or it is nothing, and it does not stay for ever.
import { gzipSync } from 'node:zlib'
import type { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CachedState } from '../../../lib/cache/cache.js'
import { differenceMessage, hintMessage, waitMessage } from '../../../lib/cache/format/message.js'
import { pointerText } from '../../../lib/cache/format/pointer.js'
import { type PackableState, packedFormat, packState } from '../../../lib/state/packed-state.js'
import { type Purpose, seal as sealFor, unseal } from '../../../lib/state/sealed.js'
import type { RedisServer } from '../../support/redis-server.js'
import { startRedis } from '../../support/services.js'
import { Fleet, type Member, patiently } from '../fleet.js'
import {
  circle,
  ears,
  feature,
  type Heard,
  hint,
  identity,
  pointerTo,
  position,
  state,
  unsigned,
  until,
  write,
} from '../samples.js'

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

const place = (purpose: Purpose) => ({ purpose, owner: identity })
const seal = (body: string) => sealFor(unsigned, place('pointer'), body)
const sealed = (message: object) =>
  sealFor(unsigned, place('message'), JSON.stringify({ format: packedFormat, identity, ...message }))
const unsealed = (text: string): object => JSON.parse(unseal(unsigned, place('message'), text) ?? '')
let good: CachedState
beforeEach(() => {
  good = state(at)
})
const blobKey = () => fleet.key(`blob:${at.version}:${at.nonce}:${good.digest}`)

const named = ({ position, digest }: CachedState) => ({ position, digest })

/** As a poll does: it writes what Postgres holds wherever the pointer does not say so. */
async function repair(): Promise<void> {
  await until(async () => {
    const pointer = await member.cache.readPointer(identity)
    return write(member.cache, good, pointer)
  })
}

async function expectRepaired(): Promise<void> {
  const fresh = fleet.join(server.url, { timings: patiently }).cache
  expect(await fresh.readPointer(identity)).toMatchObject(named(good))
  expect(await fresh.readBlob(identity, pointerTo(good))).toEqual(good)
  expect(fresh.status().warning).toBeNull()
  await member.cache.readPointer(identity)
  expect(member.cache.status().warning).toBeNull()
  expect(await redis.ttl(fleet.key('pointer'))).toBe(-1)
  expect(await redis.ttl(blobKey())).toBe(-1)
}

describe('a pointer', () => {
  it.each([
    ['garbage', () => 'garbage'],
    ['only a position', () => seal('7:n')],
    ['a negative position', () => seal(`-7:${at.nonce}:${identity}:ab`)],
    ['a part of a pattern', () => seal(`7:*:${identity}:ab`)],
    ['a digest that is none', () => seal(`7:${at.nonce}:${identity}:a*`)],
    ['the position of an older format', () => seal(`7:${at.nonce}:${identity}`)],
    ['a pointer of another database', () => pointerText(unsigned, 'another', good)],
    ['a position that no database has', () => pointerText(unsigned, identity, { ...good, position: position(7) })],
    ['content that no database has', () => pointerText(unsigned, identity, { ...good, digest: 'ab' })],
    ['bytes that are no text', () => Buffer.from([0xff, 0x00, 0xfe])],
    ['10 MB', () => Buffer.alloc(10_000_000, 'x')],
  ])('that holds %s is none, and is written again', async (_what, text) => {
    await redis.set(fleet.key('pointer'), text())
    expect(await member.cache.readPointer(identity)).toBeNull()
    await repair()
    await expectRepaired()
  })

  it('of another type is none, and is written again', async () => {
    await redis.hset(fleet.key('pointer'), 'a', 'b')
    expect(await member.cache.readPointer(identity)).toBeNull()
    expect(member.cache.status().warning).toContain('the pointer')
    await repair()
    await expectRepaired()
  })
})

/** 200 MB, of parts that are packed once: gzip reads one after the other. */
function bomb(): Buffer {
  const part = gzipSync(Buffer.alloc(4_000_000))
  return Buffer.concat(Array.from({ length: 50 }, () => part))
}

describe('a blob', () => {
  const other = () => ({ ...good, items: [feature('another')] })
  it.each([
    ['garbage', () => Buffer.from('garbage')],
    ['a text that is no gzip of ours', () => gzipSync('garbage')],
    ['a gzip cut in half', async () => (await packed(good)).subarray(0, 60)],
    ['a gzip bomb', () => bomb()],
    ['the state of another position', () => packed({ ...other(), position: position(7) })],
    ['a state without a position', () => packed({ ...other(), position: null })],
    ['the state of another database', () => packed({ ...other(), identity: 'another-database' })],
    ['a state that names no database', () => packed({ ...other(), identity: null })],
    ['a state with another digest', () => packed({ ...other(), digest: 'abcdef' })],
    ['a state without a digest', () => packed({ ...other(), digest: null })],
    ['other content under the real position and digest', () => packed(other())],
    ['the same content in another order', () => packed({ ...good, items: [feature('a_flag', ['b', 'a'])] })],
    ['no content under the real position and digest', () => packed({ ...good, items: [] })],
  ])('that holds %s is a miss and a warning, and is written again', async (_what, content) => {
    await repair()
    await redis.set(blobKey(), await content())
    expect(await member.cache.readPointer(identity)).toMatchObject({ position: at })
    expect(await member.cache.readBlob(identity, pointerTo(good))).toBeNull()
    expect(member.cache.status().warning).toContain('the blob')
    expect(member.logger.lines).toHaveLength(1)
    await repair()
    await expectRepaired()
  })

  it('of another type is a miss and a warning, and is written again', async () => {
    await repair()
    await redis.del(blobKey())
    await redis.lpush(blobKey(), 'a')
    expect(await member.cache.readPointer(identity)).toMatchObject({ position: at })
    expect(await member.cache.readBlob(identity, pointerTo(good))).toBeNull()
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
      const read = await member.cache.readBlob(identity, pointerTo(good))
      if (read !== null) expect(read).toEqual(good)
    }
  })

  it('from an older dump is given with its pointer, and is left behind by the next move', async () => {
    await repair()
    const dump = await redis.dumpBuffer(blobKey())
    const pointer = await redis.dumpBuffer(fleet.key('pointer'))
    const newer = state(position(8))
    await until(async () => write(member.cache, newer, await member.cache.readPointer(identity)))
    await redis.restore(blobKey(), 0, dump, 'REPLACE')
    await redis.restore(fleet.key('pointer'), 0, pointer, 'REPLACE')
    expect(await member.cache.readPointer(identity)).toMatchObject({ position: at })
    expect(await member.cache.readBlob(identity, pointerTo(good))).toEqual(good)
    await until(async () => write(member.cache, newer, await member.cache.readPointer(identity)))
    expect(await member.cache.readPointer(identity)).toMatchObject({ position: newer.position })
    expect(await redis.pttl(blobKey())).toBeGreaterThan(0)
  })

  function packed(content: Omit<PackableState, 'address'>): Promise<Buffer> {
    const options = { ...place('blob'), purpose: 'blob', sealer: unsigned, largestBytes: 1_000_000 } as const
    return packState({ address: 'anywhere', ...content }, options)
  }
})

describe('a claim', () => {
  it('is not taken by a process that has read an old pointer', async () => {
    await repair()
    await until(async () => (await redis.exists(fleet.key('blob-claim'))) === 0)
    expect(await write(member.cache, state(position(8)), null)).toBe(false)
    expect(await redis.exists(fleet.key('blob-claim'))).toBe(0)
  })

  it('that ran out while its holder was slow leaves the newer pointer alone', async () => {
    const timings = { ...patiently, claimMs: 20 }
    const [slow, quick] = [fleet.join(server.url, { timings }).cache, fleet.join(server.url, { timings }).cache]
    const features = Array.from({ length: 100_000 }, (_, index) => feature(`flag_${index}`, [`User:${index}`]))
    expect(await slow.readPointer(identity)).toBeNull()
    const writing = write(slow, state(position(6), features), null)
    await redis.ping() // By now the slow one has its claim; packing takes it much longer than that lasts.
    await until(() => write(quick, good, null))
    expect(await writing).toBe(false)
    expect(await quick.readPointer(identity)).toMatchObject({ position: at })
  })

  it.each([
    ['of another type', () => redis.lpush(fleet.key('blob-claim'), 'a')],
    ['without an end', () => redis.set(fleet.key('blob-claim'), 'a')],
    ['with an end far away', () => redis.set(fleet.key('blob-claim'), 'a', 'EX', 1_000_000)],
  ])('%s is none', async (_what, spoil) => {
    await spoil()
    await member.cache.readPointer(identity)
    expect(await write(member.cache, good, null)).toBe(true)
    await expectRepaired()
  })
})

describe('members', () => {
  it('of another type are replaced', async () => {
    await redis.set(fleet.key('members'), 'garbage')
    await member.cache.beat(identity)
    expect(await redis.zcard(fleet.key('members'))).toBe(1)
    expect(member.cache.status().warning).toBeNull()
  })

  it('that are from the future, or called like no process, are not waited for', async () => {
    const names = ['a\u001b[2Jname', 'x'.repeat(10_000), '']
    for (const name of names) await redis.zadd(fleet.key('members'), Date.now(), name)
    await redis.zadd(fleet.key('members'), 1e17, 'future')
    await redis.zadd(fleet.key('members'), Date.now() - 40_000, 'past')
    expect(await member.cache.waitForAll(identity, at, 500)).toEqual({ confirmed: 0, lagging: [] })
    await member.cache.beat(identity)
    expect(await redis.zrange(fleet.key('members'), '0', '-1')).not.toContain('future')
    await redis.zadd(fleet.key('members'), Date.now(), 'present')
    expect(await member.cache.waitForAll(identity, at, 500)).toEqual({ confirmed: 0, lagging: ['present'] })
  })

  it('are forgotten when no process gives a sign of life', async () => {
    await member.cache.beat(identity)
    expect(await redis.pttl(fleet.key('members'))).toBeGreaterThan(0)
  })
})

describe('the channel', () => {
  let heard: Heard
  beforeEach(async () => {
    heard = ears()
    member.cache.subscribe(identity, heard)
    await until(() => heard.unsureCount() === 1)
  })

  it.each([
    ['nothing', ''],
    ['10 MB', 'x'.repeat(10_000_000)],
    ['10 MB of zeros', Buffer.alloc(10_000_000)],
    ['from>to', 'from>to'],
    ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00])],
    ['a sealed hint with a forged nonce', () => sealed({ kind: 'hint', from: { version: '1', nonce: '../x' } })],
    ['a hint of another format', () => sealed({ ...unsealed(hintMessage(circle, hint(at, position(8)))), format: 1 })],
    ['a hint of another database', () => hintMessage({ ...circle, identity: 'another' }, hint(at, position(8)))],
    ['a difference of another database', () => differenceMessage({ ...circle, identity: 'another' }, null)],
    ['a wait of another database', () => waitMessage({ ...circle, identity: 'another' }, { id: 'x', position: at })],
    ['a sealed text that is too long', () => sealed({ kind: 'hint', x: 'x'.repeat(70_000) })],
  ])('with %s on it makes a process unsure, and does no more', async (_what, message) => {
    await redis.publish(fleet.key('hints'), typeof message === 'function' ? message() : message)
    await until(() => heard.unsureCount() === 2)
    expect(member.logger.lines[0]?.fields).toEqual({ fault: expect.stringContaining('Redis (hints)') })
    expect(heard.hints).toEqual([])
    expect(heard.waits).toEqual([])
    expect(heard.differences).toEqual([])
    await until(() => member.cache.status().warning === null)
    expect(member.logger.lines.map(({ level }) => level)).toEqual(['warn', 'info'])
  })

  it('flooded with garbage makes a process unsure rarely, and still lets the hint through', async () => {
    const startedAt = performance.now()
    const told = hint(at, position(8), new Map([['a_flag', feature('a_flag')]]))
    for (let round = 0; round < 20; round++) {
      const flood = redis.pipeline()
      for (let count = 0; count < 500; count++) flood.publish(fleet.key('hints'), `garbage ${count}`)
      await flood.exec()
    }
    await redis.publish(fleet.key('hints'), hintMessage(circle, told))
    await until(() => heard.hints.length === 1)
    const rounds = Math.ceil((performance.now() - startedAt) / patiently.unsureMs)
    expect(heard.unsureCount()).toBeLessThanOrEqual(2 + rounds)
    expect(heard.hints).toEqual([told])
  })

  it('of another database is not heard', async () => {
    await redis.publish(`sluice:${packedFormat}:another:hints`, hintMessage(circle, hint(at, position(8))))
    const told = hint(at, position(9))
    await redis.publish(fleet.key('hints'), hintMessage(circle, told))
    await until(() => heard.hints.length === 1)
    expect(heard.hints).toEqual([told])
  })

  it('does not end the process when its listener fails', async () => {
    const failing = fleet.join(server.url, { timings: patiently })
    let unsure = 0
    failing.cache.subscribe(identity, {
      hint: () => {
        throw new Error('a fault of the listener')
      },
      difference: () => {},
      unsure: () => {
        unsure += 1
      },
      wait: () => {},
    })
    await until(() => unsure === 1)
    await redis.publish(fleet.key('hints'), hintMessage(circle, hint(at, position(8))))
    await until(() => unsure === 2)
    expect(failing.logger.lines[0]?.fields).toEqual({ fault: expect.stringContaining('a fault of the listener') })
  })
})

describe('a state whose digest is not that of its content', () => {
  it('is not written, since no process would believe it', async () => {
    const claim = await member.cache.claimBlob(identity, null)
    expect(await claim?.write({ ...good, items: [feature('another')] })).toBe(false)
    expect(member.cache.status().warning).toContain('a new blob')
    expect(await redis.exists(fleet.key('pointer'))).toBe(0)
    await repair()
    await expectRepaired()
  })
})
