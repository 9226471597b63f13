// The hub that caches in memory share, with the faults that a test asks of it.
import { describe, expect, it } from 'vitest'
import { MemoryCache } from '../../../lib/cache/memory/cache.js'
import { MemoryCacheHub } from '../../../lib/cache/memory/hub.js'
import { ManualClock, settle } from '../../support/manual-clock.js'
import { ears, hint, identity, pointerTo, position, state, write } from '../samples.js'

const [one, two, three] = [position(1), position(2), position(3)]

function versions(heard: ReturnType<typeof ears>): string[] {
  return heard.hints.map((one) => one.to.version)
}

describe('the hub of memory caches', () => {
  it('loses, repeats and reorders what its network does', async () => {
    const late: (() => void)[] = []
    const hub = new MemoryCacheHub({
      network: (message, deliver) => {
        if (message.includes(one.nonce)) return
        late.unshift(deliver, deliver)
      },
    })
    const cache = new MemoryCache({ hub })
    const heard = ears()
    cache.subscribe(identity, heard)
    for (const to of [one, two, three]) await cache.publish(identity, hint(position(0), to))
    await settle()
    expect(heard.hints).toEqual([])
    for (const deliver of late) deliver()
    expect(versions(heard)).toEqual(['3', '3', '2', '2'])
  })

  it('takes a message that its network has changed for garbage', async () => {
    const hub = new MemoryCacheHub()
    const cache = new MemoryCache({ hub })
    const heard = ears()
    cache.subscribe(identity, heard)
    await settle()
    hub.send(identity, 'garbage')
    await settle()
    expect(heard.hints).toEqual([])
    expect(heard.unsureCount()).toBe(2)
  })

  it('is a miss while it is down, and tells every process to look when it is back', async () => {
    const hub = new MemoryCacheHub()
    const cache = new MemoryCache({ hub })
    const heard = ears()
    cache.subscribe(identity, heard)
    await write(cache, state(one), null)
    await settle()
    hub.setDown(true)
    expect(await cache.readPointer(identity)).toBeNull()
    expect(await cache.readBlob(identity, pointerTo(state(one)))).toBeNull()
    expect(await write(cache, state(two), null)).toBe(false)
    await cache.publish(identity, hint(one, two))
    await expect(cache.waitForAll(identity, one, 1_000)).rejects.toMatchObject({ code: 'cache_unavailable' })
    expect(cache.status()).toMatchObject({ connected: false, subscribed: false, warning: expect.any(String) })
    hub.setDown(false)
    await settle()
    expect(heard.unsureCount()).toBe(2)
    expect(heard.hints).toEqual([])
    expect(await cache.readBlob(identity, pointerTo(state(one)))).toEqual(state(one))
  })

  it('ends claims, old blobs and members by its clock', async () => {
    const clock = new ManualClock()
    const hub = new MemoryCacheHub({ clock })
    const [cache, other] = [new MemoryCache({ hub }), new MemoryCache({ hub, processName: 'other' })]
    await other.beat(identity)
    await write(cache, state(one), null)
    expect(await write(cache, state(two), await cache.readPointer(identity))).toBe(false)
    await clock.advance(5_000)
    expect(await write(cache, state(two), await cache.readPointer(identity))).toBe(true)
    expect(hub.room(identity).acknowledgements('an-id', 'one').lagging).toEqual(['other'])
    await clock.advance(30_001)
    expect(hub.room(identity).acknowledgements('an-id', 'one').lagging).toEqual([])
    expect(await cache.readBlob(identity, pointerTo(state(one)))).toEqual(state(one))
    await clock.advance(10 * 60_000)
    expect(await cache.readBlob(identity, pointerTo(state(one)))).toBeNull()
    expect(await cache.readBlob(identity, pointerTo(state(two)))).toEqual(state(two))
  })

  it('forgets everything when it is flushed', async () => {
    const hub = new MemoryCacheHub()
    const cache = new MemoryCache({ hub })
    await write(cache, state(one), null)
    hub.flush()
    expect(await cache.readPointer(identity)).toBeNull()
    expect(await write(cache, state(two), null)).toBe(true)
  })
})
