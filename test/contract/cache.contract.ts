// What every cache must do. One suite for all implementations.
import { afterEach, describe, expect, it } from 'vitest'
import type { Cache } from '../../lib/cache/cache.js'
import { databaseId, ears, feature, type Heard, hint, position, state, until } from '../cache/samples.js'

/** Makes caches that share what one fleet shares; what they hold and how long a claim lasts (`claimMs`) is its own. */
export interface CacheFleet {
  join(processName: string): Cache
  close(): Promise<void>
}

export const claimMs = 300

/** Runs the suite; each test has a fleet of its own. */
export function cacheContract(name: string, makeFleet: () => Promise<CacheFleet>): void {
  describe(`${name} cache`, () => {
    const joined: Cache[] = []
    let fleet: CacheFleet
    const join = async (count: number): Promise<readonly Cache[]> => {
      fleet = await makeFleet()
      const caches = Array.from({ length: count }, (_, index) => fleet.join(`process-${index}`))
      joined.push(...caches)
      return caches
    }
    afterEach(async () => {
      await Promise.all(joined.splice(0).map((cache) => cache.close()))
      await fleet.close()
    })
    blobContract(join)
    hintContract(join)
    waitContract(join)
    endContract(join)
  })
}

type Join = (count: number) => Promise<readonly Cache[]>

/** As many as the tests take apart by position; the fleet has at least so many. */
function the(caches: readonly Cache[], index = 0): Cache {
  const cache = caches[index]
  if (cache === undefined) throw new Error(`there is no cache ${index}`)
  return cache
}

async function listen(cache: Cache): Promise<Heard> {
  const heard = ears()
  cache.subscribe(heard)
  await until(() => heard.unsureCount() > 0)
  return heard
}

function blobContract(join: Join): void {
  it('has no pointer and no blob at first', async () => {
    const cache = the(await join(1))
    expect(await cache.readPointer()).toBeNull()
    expect(await cache.readBlob(position(1))).toBeNull()
    expect(await cache.readNewest()).toBeNull()
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
    expect(await the(caches).writeBlob(written, null)).toBe(true)
    const pointer = await the(caches, 1).readPointer()
    expect(pointer).toMatchObject({ position: at, databaseId })
    expect(await the(caches, 1).readBlob(at)).toEqual(written)
    expect(await the(caches, 1).readNewest()).toEqual(written)
    expect(Object.hasOwn({}, 'polluted')).toBe(false)
  })

  it('has no blob for a position with the same number that is another state', async () => {
    const cache = the(await join(1))
    const at = position(7)
    await cache.writeBlob(state(at), null)
    expect(await cache.readBlob({ ...at, nonce: position(7).nonce })).toBeNull()
  })

  it('moves the pointer only from what the writer had read', async () => {
    const caches = await join(2)
    const [first, second, third] = [state(position(1)), state(position(2)), state(position(3))]
    await the(caches).writeBlob(first, null)
    const seen = await the(caches).readPointer()
    await until(() => the(caches, 1).writeBlob(second, seen))
    await until(async () => {
      expect(await the(caches).writeBlob(third, seen)).toBe(false)
      // A claim that is free would have let it in.
      return the(caches).writeBlob(state(position(4)), await the(caches).readPointer())
    })
    expect(await the(caches).writeBlob(third, null)).toBe(false)
    expect((await the(caches, 1).readPointer())?.position.version).toBe('4')
  })

  it('lets only one of many write, and nobody else right after it', async () => {
    const caches = await join(5)
    const states = caches.map((_, index) => state(position(index)))
    const results = await Promise.all(caches.map((cache, index) => cache.writeBlob(state(position(index)), null)))
    expect(results.filter((written) => written)).toHaveLength(1)
    const pointer = await the(caches).readPointer()
    expect(await the(caches, 1).writeBlob(states[0] ?? state(position(9)), pointer)).toBe(false)
    await until(() => the(caches, 1).writeBlob(state(position(10)), pointer))
  })

  it('keeps the blob that is no longer the newest for those who are reading it', async () => {
    const cache = the(await join(1))
    const [first, second] = [state(position(1)), state(position(2))]
    await cache.writeBlob(first, null)
    const seen = await cache.readPointer()
    await until(() => cache.writeBlob(second, seen))
    expect(await cache.readBlob(first.position ?? position(0))).toEqual(first)
    expect(await cache.readBlob(second.position ?? position(0))).toEqual(second)
  })

  it('says that the pointer names the state when it does already', async () => {
    const cache = the(await join(1))
    const first = state(position(1))
    await cache.writeBlob(first, null)
    expect(await cache.writeBlob(first, await cache.readPointer())).toBe(true)
  })

  it('writes no state that has no position or comes from no known database', async () => {
    const cache = the(await join(1))
    expect(await cache.writeBlob({ ...state(position(1)), position: null }, null)).toBe(false)
    expect(await cache.writeBlob({ ...state(position(1)), databaseId: null }, null)).toBe(false)
    expect(await cache.readPointer()).toBeNull()
  })

  it('takes the state of another database over, where that is the primary now', async () => {
    const cache = the(await join(1))
    await cache.writeBlob(state(position(9)), null)
    const other = { ...state(position(2)), databaseId: 'another-database' }
    const seen = await cache.readPointer()
    await until(() => cache.writeBlob(other, seen))
    expect(await cache.readPointer()).toMatchObject({ databaseId: 'another-database' })
  })
}

function hintContract(join: Join): void {
  it('tells every process of a change, content and all', async () => {
    const caches = await join(3)
    const heard = await Promise.all(caches.map(listen))
    expect(caches.map((cache) => cache.status().subscribed)).toEqual([true, true, true])
    const changed = new Map([
      ['__proto__', feature('__proto__')],
      ['gone', null],
    ])
    const told = { ...hint(position(1), position(4), changed), via: [position(2), position(3)] }
    await the(caches).publish(told, databaseId)
    await until(() => heard.every(({ hints }) => hints.length > 0))
    for (const { hints } of heard) expect(hints).toEqual([{ hint: told, databaseId }])
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
    for (const one of [large, wide, long]) await the(caches).publish(one, databaseId)
    await until(() => heard.hints.length === 3)
    expect(heard.hints.map((one) => one.hint)).toEqual([
      { ...large, changed: null },
      { ...wide, changed: null },
      { ...long, via: [], changed: null },
    ])
  })

  it('tells nothing any more once the subscription is closed', async () => {
    const caches = await join(2)
    const [closed, open] = [ears(), await listen(the(caches, 1))]
    const listening = the(caches).subscribe(closed)
    await until(() => closed.unsureCount() > 0)
    await listening.close()
    await listening.close()
    await the(caches, 1).publish(hint(position(1), position(2)), databaseId)
    await until(() => open.hints.length === 1)
    expect(closed.hints).toEqual([])
    expect(the(caches).status().subscribed).toBe(false)
  })
}

function waitContract(join: Join): void {
  it('counts who is alive', async () => {
    const caches = await join(3)
    expect(await the(caches).beat()).toBe(1)
    await the(caches, 1).beat()
    await the(caches, 1).beat()
    expect(await the(caches, 2).beat()).toBe(3)
  })

  it('waits for nobody where nobody else is alive', async () => {
    const caches = await join(2)
    await the(caches).beat()
    expect(await the(caches).waitForAll(position(1), 10_000)).toEqual({ confirmed: 0, lagging: [] })
  })

  it('waits until all that are alive have acknowledged', async () => {
    const caches = await join(3)
    const others = [the(caches, 1), the(caches, 2)]
    const at = position(1)
    const heard = await Promise.all(others.map(listen))
    await Promise.all(caches.map((cache) => cache.beat()))
    let done = false
    const waiting = the(caches).waitForAll(at, 10_000)
    void waiting.finally(() => {
      done = true
    })
    await until(() => heard.every(({ waits }) => waits.length > 0))
    expect(done).toBe(false)
    for (const [index, { waits }] of heard.entries()) {
      const [request] = waits
      expect(request?.position).toEqual(at)
      if (request !== undefined) await others[index]?.acknowledge(request)
    }
    expect(await waiting).toEqual({ confirmed: 2, lagging: [] })
  })

  it('names those that did not acknowledge in time, and asks them more than once', async () => {
    const caches = await join(3)
    const silent = await listen(the(caches, 2))
    the(caches, 1).subscribe({ ...ears(), wait: (request) => void the(caches, 1).acknowledge(request) })
    await until(() => the(caches, 1).status().subscribed)
    await Promise.all(caches.map((cache) => cache.beat()))
    const answers = await the(caches).waitForAll(position(1), 1_500)
    expect(answers).toEqual({ confirmed: 1, lagging: ['process-2'] })
    expect(silent.waits.length).toBeGreaterThan(1)
    expect(new Set(silent.waits.map(({ id }) => id)).size).toBe(1)
  })

  it('does not wait for a process that has ended', async () => {
    const caches = await join(2)
    await Promise.all(caches.map((cache) => cache.beat()))
    expect((await the(caches).waitForAll(position(1), 100)).lagging).toEqual(['process-1'])
    await the(caches, 1).close()
    await until(async () => expect((await the(caches).waitForAll(position(1), 100)).lagging).toEqual([]))
  })
}

function endContract(join: Join): void {
  it('answers misses once it is closed, and ends without harm when closed twice', async () => {
    const cache = the(await join(1))
    const at = position(1)
    await cache.writeBlob(state(at), null)
    await cache.close()
    await cache.close()
    expect(await cache.readPointer()).toBeNull()
    expect(await cache.readBlob(at)).toBeNull()
    expect(await cache.writeBlob(state(position(2)), null)).toBe(false)
    await cache.publish(hint(at, position(2)), databaseId)
    await cache.beat()
    await cache.acknowledge({ id: 'x', position: at })
    expect(cache.status()).toMatchObject({ connected: false, subscribed: false })
    await expect(cache.waitForAll(at, 1_000)).rejects.toMatchObject({ code: 'cache_unavailable', status: 503 })
  })
}
