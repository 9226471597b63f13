// What every cache must do. One suite for all implementations.
import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import type { Cache } from '../../lib/cache/cache.js'
import {
  ears,
  feature,
  type Heard,
  hint,
  identity,
  pointerTo,
  position,
  renewIdentity,
  state,
  until,
  write,
} from '../cache/samples.js'

/** Makes caches that share what one fleet shares; what they hold and how long a claim lasts (`claimMs`) is its own. */
export interface CacheFleet {
  /** Default: all find their database at one address. */
  join(processName: string, address?: string): Cache
  close(): Promise<void>
}

export const claimMs = 300

/** Runs the suite; each test has a fleet of its own. */
export function cacheContract(name: string, makeFleet: () => Promise<CacheFleet>): void {
  describe(`the ${name} cache`, () => {
    const joined: Cache[] = []
    let fleet: CacheFleet
    const join: Join = async (count, address) => {
      fleet = await makeFleet()
      const caches = Array.from({ length: count }, (_, index) => fleet.join(`process-${index}`, address?.(index)))
      joined.push(...caches)
      return caches
    }
    afterEach(async () => {
      await Promise.all(joined.splice(0).map((cache) => cache.close()))
      await fleet.close()
      renewIdentity()
    })
    blobContract(join)
    claimContract(join)
    directoryContract(join)
    hintContract(join)
    waitContract(join)
    keptContract(join)
    endContract(join)
  })
}

type Join = (count: number, address?: (index: number) => string) => Promise<readonly Cache[]>

/** As many as the tests take apart by position; the fleet has at least so many. */
function the(caches: readonly Cache[], index = 0): Cache {
  const cache = caches[index]
  if (cache === undefined) throw new Error(`there is no cache ${index}`)
  return cache
}

async function listen(cache: Cache, of = identity): Promise<Heard> {
  const heard = ears()
  cache.subscribe(of, heard)
  await until(() => heard.unsureCount() > 0)
  return heard
}

function blobContract(join: Join): void {
  it('has no pointer and no blob at first', async () => {
    const cache = the(await join(1))
    expect(await cache.readPointer(identity)).toBeNull()
    expect(await cache.readBlob(identity, pointerTo(state(position(1))))).toBeNull()
    expect(await cache.readNewest(identity)).toBeNull()
    expect(await cache.find()).toEqual({ identities: [], state: null })
    expect(cache.status()).toMatchObject({ connected: true, warning: null })
  })

  it('gives every process the state that one has written', async () => {
    const caches = await join(2)
    const at = position(7)
    const written = state(at, [
      { key: '__proto__', gates: new Map([['boolean', ['true']]]) },
      feature('a_flag', ['Übung:1', '😀', 'a\nb']),
      { key: 'empty', gates: new Map() },
    ])
    expect(await write(the(caches), written, null)).toBe(true)
    const pointer = await the(caches, 1).readPointer(identity)
    expect(pointer).toMatchObject({ position: at, digest: written.digest })
    expect(await the(caches, 1).readBlob(identity, pointerTo(written))).toEqual(written)
    expect(await the(caches, 1).readNewest(identity)).toEqual(written)
    expect(Object.hasOwn({}, 'polluted')).toBe(false)
  })

  it('keeps what belongs to one database from the processes of another', async () => {
    const caches = await join(2)
    const written = state(position(7))
    await write(the(caches), written, null)
    const other = randomUUID()
    expect(await the(caches, 1).readPointer(other)).toBeNull()
    expect(await the(caches, 1).readNewest(other)).toBeNull()
    expect(await the(caches, 1).readBlob(other, pointerTo(written))).toBeNull()
    const theirs = { ...state(written.position, [feature('theirs')]), identity: other }
    expect(await write(the(caches, 1), theirs, null)).toBe(true)
    expect(await the(caches, 1).readNewest(other)).toEqual(theirs)
    expect(await the(caches).readNewest(identity)).toEqual(written)
  })

  it('has no blob for a position with the same number, or with other content, that is another state', async () => {
    const cache = the(await join(1))
    const written = state(position(7))
    await write(cache, written, null)
    expect(await cache.readBlob(identity, pointerTo({ ...written, position: position(7) }))).toBeNull()
    expect(await cache.readBlob(identity, pointerTo({ ...written, digest: 'abcdef' }))).toBeNull()
  })

  it('moves the pointer only from what the writer had read', async () => {
    const caches = await join(2)
    const [first, second, third] = [state(position(1)), state(position(2)), state(position(3))]
    await write(the(caches), first, null)
    const seen = await the(caches).readPointer(identity)
    await until(() => write(the(caches, 1), second, seen))
    await until(async () => {
      expect(await write(the(caches), third, seen)).toBe(false)
      // A claim that is free would have let it in.
      return write(the(caches), state(position(4)), await the(caches).readPointer(identity))
    })
    expect(await write(the(caches), third, null)).toBe(false)
    expect((await the(caches, 1).readPointer(identity))?.position.version).toBe('4')
  })

  it('moves the pointer to other content of the same position', async () => {
    const caches = await join(2)
    const first = state(position(1))
    await write(the(caches), first, null)
    const healed = state(first.position, [feature('a_flag', ['User:2'])])
    await until(async () => write(the(caches, 1), healed, await the(caches, 1).readPointer(identity)))
    expect(await the(caches).readNewest(identity)).toEqual(healed)
    expect(await the(caches).readBlob(identity, pointerTo(first))).toEqual(first)
  })

  it('keeps the blob that is no longer the newest for processes that are reading it', async () => {
    const cache = the(await join(1))
    const [first, second] = [state(position(1)), state(position(2))]
    await write(cache, first, null)
    const seen = await cache.readPointer(identity)
    await until(() => write(cache, second, seen))
    expect(await cache.readBlob(identity, pointerTo(first))).toEqual(first)
    expect(await cache.readBlob(identity, pointerTo(second))).toEqual(second)
  })

  it('says that the pointer names the state when it does already', async () => {
    const cache = the(await join(1))
    const first = state(position(1))
    await write(cache, first, null)
    const pointer = await cache.readPointer(identity)
    await until(() => write(cache, first, pointer))
    expect(await cache.readPointer(identity)).toEqual(pointer)
  })

  it('writes no state of another database, and none without a digest', async () => {
    const cache = the(await join(1))
    const claim = await cache.claimBlob(identity, null)
    expect(await claim?.write({ ...state(position(1)), identity: 'another-database' })).toBe(false)
    expect(await claim?.write({ ...state(position(1)), digest: 'a:b' })).toBe(false)
    expect(await cache.readPointer(identity)).toBeNull()
  })
}

function keptContract(join: Join): void {
  it('keeps bytes under a name of a database, the newest ones, for every process', async () => {
    const caches = await join(2)
    const [one, other] = [the(caches), the(caches, 1)]
    expect(await one.kept(identity, 'a')).toBeNull()
    await one.keep(identity, 'a', Buffer.from([0, 255, 10]))
    await one.keep(identity, 'a', Buffer.from([1, 254]))
    await other.keep(identity, 'b', Buffer.from('b'))
    expect([...((await other.kept(identity, 'a')) ?? [])]).toEqual([1, 254])
    expect(String(await one.kept(identity, 'b'))).toBe('b')
    expect(await one.kept(`${identity}x`, 'a')).toBeNull()
  })
}

function claimContract(join: Join): void {
  it('lets only one of many claim, and no other one right after it', async () => {
    const caches = await join(5)
    const claims = await Promise.all(caches.map((cache) => cache.claimBlob(identity, null)))
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1)
    expect(await the(caches, 1).claimBlob(identity, null)).toBeNull()
    expect(await claims.find((claim) => claim !== null)?.write(state(position(1)))).toBe(true)
    const pointer = await the(caches).readPointer(identity)
    await until(() => write(the(caches, 1), state(position(10)), pointer))
  })

  it('gives no claim to a process that has read an old pointer', async () => {
    const caches = await join(2)
    await write(the(caches), state(position(1)), null)
    const old = await the(caches, 1).readPointer(identity)
    await until(() => write(the(caches), state(position(2)), old))
    await until(async () => {
      expect(await the(caches, 1).claimBlob(identity, old)).toBeNull()
      expect(await the(caches, 1).claimBlob(identity, null)).toBeNull()
      return (await the(caches, 1).claimBlob(identity, await the(caches, 1).readPointer(identity))) !== null
    })
  })

  it('leaves a pointer alone that moved between claim and write', async () => {
    const caches = await join(2)
    const slow = await the(caches).claimBlob(identity, null)
    await until(() => write(the(caches, 1), state(position(2)), null))
    expect(await slow?.write(state(position(1)))).toBe(false)
    expect((await the(caches).readPointer(identity))?.position.version).toBe('2')
  })
}

function directoryContract(join: Join): void {
  it('finds the newest state of the database that another process has seen at the address', async () => {
    const caches = await join(2)
    const written = state(position(7))
    await the(caches).beat(identity)
    expect(await the(caches, 1).find()).toEqual({ identities: [identity], state: null })
    await write(the(caches), written, null)
    expect(await the(caches, 1).find()).toEqual({ identities: [identity], state: written })
    expect(the(caches, 1).status().warning).toBeNull()
  })

  it('finds no state where two databases are at one address, and both say so', async () => {
    const caches = await join(3)
    const other = randomUUID()
    await the(caches).beat(identity)
    await write(the(caches), state(position(7)), null)
    await the(caches, 1).beat(other)
    await the(caches).beat(identity)
    for (const cache of [the(caches), the(caches, 1)]) expect(cache.status().warning).toContain('namespace')
    const found = await the(caches, 2).find()
    expect(found.state).toBeNull()
    expect([...found.identities].sort()).toEqual([identity, other].sort())
    expect(the(caches, 2).status().warning).toMatch(/2 databases are at one address/)
    expect(await the(caches, 2).readNewest(identity)).toMatchObject({ identity })
  })

  it('is well again when one of two databases has left the address', async () => {
    const caches = await join(2)
    const other = randomUUID()
    await the(caches).beat(other)
    await the(caches, 1).beat(identity)
    await the(caches).leave(other)
    expect(await the(caches, 1).beat(identity)).toBe(1)
    expect(the(caches, 1).status().warning).toBeNull()
    expect(await the(caches).find()).toEqual({ identities: [identity], state: null })
    expect(the(caches).status().warning).toBeNull()
  })

  it('tells the processes that are alive, with the time since each was heard of', async () => {
    const caches = await join(2)
    const own = randomUUID()
    expect(await the(caches).members(own)).toEqual([])
    await the(caches).beat(own)
    await the(caches, 1).beat(own)
    const members = (await the(caches).members(own)) ?? []
    expect(new Set(members.map(({ name }) => name)).size).toBe(2)
    expect(members.every(({ ageMs }) => ageMs >= 0 && ageMs < 60_000)).toBe(true)
    await the(caches, 1).leave(own)
    expect(await the(caches).members(own)).toHaveLength(1)
  })

  it('finds nothing of another address, where processes of the same database hear and count each other all the same', async () => {
    const caches = await join(2, (index) => `address ${index} ${identity}`)
    const written = state(position(7))
    await the(caches).beat(identity)
    await write(the(caches), written, null)
    expect(await the(caches, 1).find()).toEqual({ identities: [], state: null })
    expect(await the(caches, 1).readNewest(identity)).toEqual(written)
    expect(await the(caches, 1).beat(identity)).toBe(2)
    const heard = await listen(the(caches, 1))
    await the(caches).publish(identity, hint(position(1), position(2)))
    await until(() => heard.hints.length === 1)
  })
}

function hintContract(join: Join): void {
  it('tells every process of a change, content and all', async () => {
    const caches = await join(3)
    const heard = await Promise.all(caches.map((cache) => listen(cache)))
    expect(caches.map((cache) => cache.status().subscribed)).toEqual([true, true, true])
    const changed = new Map([
      ['__proto__', feature('__proto__')],
      ['gone', null],
    ])
    const told = { ...hint(position(1), position(4), changed), via: [position(2), position(3)] }
    await the(caches).publish(identity, told)
    await until(() => heard.every(({ hints }) => hints.length > 0))
    for (const { hints } of heard) expect(hints).toEqual([told])
  })

  it('tells the processes of another database nothing', async () => {
    const caches = await join(2)
    const other = randomUUID()
    const [ours, theirs] = [await listen(the(caches)), await listen(the(caches, 1), other)]
    const told = hint(position(1), position(2))
    await the(caches).publish(identity, told)
    await the(caches).tellDifference(identity, ['a_flag'])
    await the(caches, 1).publish(other, hint(position(3), position(4)))
    await until(() => ours.differences.length > 0 && theirs.hints.length > 0)
    expect(ours.hints).toEqual([told])
    expect(theirs.hints).toHaveLength(1)
    expect(theirs.differences).toEqual([])
  })

  it('tells every process of a difference, by name or without', async () => {
    const caches = await join(2)
    const heard = await listen(the(caches, 1))
    const names = Array.from({ length: 101 }, (_, index) => `flag_${index}`)
    for (const told of [['a_flag', 'b_flag'], names.slice(1), names, null]) {
      await the(caches).tellDifference(identity, told)
    }
    await until(() => heard.differences.length === 4)
    expect(heard.differences).toEqual([['a_flag', 'b_flag'], names.slice(1), null, null])
  })

  it('tells positions only where the content is large, and hints in the order they were sent', async () => {
    const caches = await join(2)
    const heard = await listen(the(caches, 1))
    const actors = Array.from({ length: 5_000 }, (_, index) => `Project:${index}`)
    const large = hint(position(1), position(2), new Map([['large', feature('large', actors)]]))
    const many = new Map(Array.from({ length: 3_000 }, (_, index) => [`flag_${index}`, feature(`flag_${index}`)]))
    const wide = hint(position(2), position(3), many)
    const long = {
      ...hint(position(3), position(4)),
      via: Array.from({ length: 2_000 }, (_, index) => position(index)),
    }
    for (const one of [large, wide, long]) await the(caches).publish(identity, one)
    await until(() => heard.hints.length === 3)
    expect(heard.hints).toEqual([
      { ...large, changed: null },
      { ...wide, changed: null },
      { ...long, via: [], changed: null },
    ])
  })

  it('tells nothing any more once the subscription is closed', async () => {
    const caches = await join(2)
    const [closed, open] = [ears(), await listen(the(caches, 1))]
    const listening = the(caches).subscribe(identity, closed)
    await until(() => closed.unsureCount() > 0)
    await listening.close()
    await listening.close()
    await the(caches, 1).publish(identity, hint(position(1), position(2)))
    await until(() => open.hints.length === 1)
    expect(closed.hints).toEqual([])
    expect(the(caches).status().subscribed).toBe(false)
  })
}

function waitContract(join: Join): void {
  it('counts the processes that are alive', async () => {
    const caches = await join(3)
    expect(await the(caches).beat(identity)).toBe(1)
    await the(caches, 1).beat(identity)
    await the(caches, 1).beat(identity)
    expect(await the(caches, 2).beat(identity)).toBe(3)
  })

  it('counts and asks no process of another database', async () => {
    const caches = await join(3)
    const other = randomUUID()
    await the(caches, 2).beat(other)
    expect(await the(caches).beat(identity)).toBe(1)
    const heard = await listen(the(caches, 2), other)
    expect(await the(caches).waitForAll(identity, position(1), 10_000)).toEqual({ confirmed: 0, lagging: [] })
    await the(caches, 2).leave(other)
    await the(caches, 2).beat(identity)
    expect(await the(caches).waitForAll(identity, position(1), 100)).toEqual({ confirmed: 0, lagging: ['process-2'] })
    expect(heard.waits).toEqual([])
  })

  it('waits for no process where no other is alive', async () => {
    const caches = await join(2)
    await the(caches).beat(identity)
    expect(await the(caches).waitForAll(identity, position(1), 10_000)).toEqual({ confirmed: 0, lagging: [] })
  })

  it('waits until all processes that are alive have acknowledged', async () => {
    const caches = await join(3)
    const others = [the(caches, 1), the(caches, 2)]
    const at = position(1)
    const heard = await Promise.all(others.map((cache) => listen(cache)))
    await Promise.all(caches.map((cache) => cache.beat(identity)))
    let done = false
    const waiting = the(caches).waitForAll(identity, at, 10_000)
    void waiting.finally(() => {
      done = true
    })
    await until(() => heard.every(({ waits }) => waits.length > 0))
    expect(done).toBe(false)
    for (const [index, { waits }] of heard.entries()) {
      const [request] = waits
      expect(request?.position).toEqual(at)
      if (request !== undefined) await others[index]?.acknowledge(identity, request)
    }
    expect(await waiting).toEqual({ confirmed: 2, lagging: [] })
  })

  it('names the processes that did not acknowledge in time, and asks them more than once', async () => {
    const caches = await join(3)
    const silent = await listen(the(caches, 2))
    const quick = the(caches, 1)
    quick.subscribe(identity, { ...ears(), wait: (request) => void quick.acknowledge(identity, request) })
    await until(() => quick.status().subscribed)
    await Promise.all(caches.map((cache) => cache.beat(identity)))
    const answers = await the(caches).waitForAll(identity, position(1), 1_500)
    expect(answers).toEqual({ confirmed: 1, lagging: ['process-2'] })
    expect(silent.waits.length).toBeGreaterThan(1)
    expect(new Set(silent.waits.map(({ id }) => id)).size).toBe(1)
  })

  it('does not wait for a process that has ended', async () => {
    const caches = await join(2)
    await Promise.all(caches.map((cache) => cache.beat(identity)))
    const lagging = async () => (await the(caches).waitForAll(identity, position(1), 100)).lagging
    expect(await lagging()).toEqual(['process-1'])
    await the(caches, 1).close()
    await until(async () => expect(await lagging()).toEqual([]))
  })
}

function endContract(join: Join): void {
  it('answers misses once it is closed, and ends without harm when closed twice', async () => {
    const cache = the(await join(1))
    const at = position(1)
    await cache.beat(identity)
    await write(cache, state(at), null)
    const claim = await cache.claimBlob(identity, await cache.readPointer(identity))
    await cache.close()
    await cache.close()
    expect(await cache.find()).toEqual({ identities: [], state: null })
    expect(await cache.readPointer(identity)).toBeNull()
    expect(await cache.readNewest(identity)).toBeNull()
    expect(await cache.readBlob(identity, pointerTo(state(at)))).toBeNull()
    expect(await cache.claimBlob(identity, null)).toBeNull()
    expect(await (claim?.write(state(position(2))) ?? false)).toBe(false)
    await cache.publish(identity, hint(at, position(2)))
    await cache.tellDifference(identity, null)
    expect(await cache.beat(identity)).toBeNull()
    await cache.leave(identity)
    await cache.acknowledge(identity, { id: 'x', position: at })
    expect(cache.status()).toMatchObject({ connected: false, subscribed: false })
    await expect(cache.waitForAll(identity, at, 1_000)).rejects.toMatchObject({
      code: 'cache_unavailable',
      status: 503,
    })
  })
}
