// When a process tells others what it has read.
import { beforeEach, describe, expect, it } from 'vitest'
import type { Hint } from '../../../lib/cache/cache.js'
import { MemoryCache } from '../../../lib/cache/memory/cache.js'
import { MemoryCacheHub } from '../../../lib/cache/memory/hub.js'
import type { StoredFeature } from '../../../lib/state/state.js'
import { Announcer } from '../../../lib/replica/peers/announcer.js'
import { ManualClock } from '../../support/manual-clock.js'

const position = (version: number) => ({ version: String(version), nonce: `nonce-${version}` })
const hint = (from: number, to: number, flag: string): Hint => ({
  from: position(from),
  via: [],
  to: position(to),
  changed: new Map([[flag, null]]),
})

describe('what a process has read', () => {
  let clock: ManualClock
  let announcer: Announcer<StoredFeature>
  let told: Hint[]
  beforeEach(() => {
    clock = new ManualClock()
    told = []
    const cache = new MemoryCache({ hub: new MemoryCacheHub() })
    cache.publish = async (_, one) => void told.push(one)
    announcer = new Announcer(cache, clock)
  })

  it('is told at once where it has written the newest change', () => {
    announcer.wrote(position(2))
    announcer.announce(hint(1, 2, 'a'), 'database')
    expect(told).toEqual([hint(1, 2, 'a')])
  })

  it('is told a moment later where another process has written it, which may have died', async () => {
    announcer.announce(hint(1, 2, 'a'), 'database')
    expect(told).toEqual([])
    await clock.advance(60)
    expect(told).toEqual([hint(1, 2, 'a')])
  })

  it('is not told where another process tells it meanwhile', async () => {
    announcer.announce(hint(1, 2, 'a'), 'database')
    announcer.heard({ from: position(0), via: [position(1), position(2)], to: position(3), changed: null })
    await clock.advance(60)
    expect(told).toEqual([])
  })

  it('is told with what waited before it, so that a process that stands there can use it', async () => {
    announcer.wrote(position(3))
    announcer.announce(hint(1, 2, 'a'), 'database')
    announcer.announce(hint(2, 3, 'b'), 'database')
    const whole = { from: position(1), via: [position(2)], to: position(3) }
    expect(told).toMatchObject([whole])
    expect([...(told[0]?.changed?.keys() ?? [])]).toEqual(['a', 'b'])
    await clock.advance(60)
    expect(told).toHaveLength(1)
  })

  it('is told at the end where no other process may know of it, and as soon as the answer to COMMIT tells that it is its own', () => {
    announcer.wrote(position(2))
    announcer.announce({ from: position(1), via: [position(2)], to: position(3), changed: null }, 'database')
    expect(told).toEqual([])
    announcer.close()
    expect(told).toMatchObject([{ from: position(1), to: position(3) }])
    announcer.announce(hint(3, 4, 'b'), 'database')
    announcer.wrote(position(4))
    expect(told.at(-1)).toEqual(hint(3, 4, 'b'))
  })

  it('does not wait any longer after the end', async () => {
    announcer.announce(hint(1, 2, 'a'), 'database')
    announcer.close()
    await clock.advance(60)
    expect(told).toEqual([])
    expect(clock.waiting).toBe(0)
  })
})
