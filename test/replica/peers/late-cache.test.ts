// A cache that answers a boot after the boot has stopped waiting for it.
import { expect, it, vi } from 'vitest'
import type { Found } from '../../../lib/cache/cache.js'
import { MemoryCache } from '../../../lib/cache/memory/cache.js'
import { MemoryCacheHub } from '../../../lib/cache/memory/hub.js'
import type { Store } from '../../../lib/store/store.js'
import { changeOf } from '../../support/change.js'
import { FaultyStore } from '../../support/faulty-store.js'
import { ManualClock, settle } from '../../support/manual-clock.js'
import { makeReplica } from '../../support/replica.js'
import type { FlagReplica } from '../../../lib/replica/flag-content.js'

class SlowCache extends MemoryCache {
  #open: () => void = () => {}
  readonly #opened = new Promise<void>((resolve) => {
    this.#open = resolve
  })

  answer(): void {
    this.#open()
  }

  override async find(): Promise<Found> {
    await this.#opened
    return super.find()
  }
}

/** Has no answer, as while Redis is away. */
class AwayCache extends MemoryCache {
  isAway = true

  override async find(): Promise<Found> {
    return this.isAway ? { identities: [], state: null } : super.find()
  }
}

function replicaOf(store: Store, cache: MemoryCache, clock: ManualClock): FlagReplica {
  return makeReplica({
    store,
    clock,
    pollIntervalMs: 10_000,
    cache,
  })
}

/** A store that cannot be reached any more, after a process has put its content into the cache. */
async function storeThatWentAway() {
  const [store, clock, hub] = [new FaultyStore(), new ManualClock(), new MemoryCacheHub()]
  await store.apply(changeOf({ feature: 'a_flag', operation: { kind: 'enable' } }))
  const first = replicaOf(store, new MemoryCache({ hub }), clock)
  await first.start()
  await clock.advance(300)
  await first.close()
  store.down = true
  return { store, clock, hub }
}

it('a cache that answers late at the start is still believed while the store cannot be reached', async () => {
  const { store, clock, hub } = await storeThatWentAway()

  const cache = new SlowCache({ hub })
  const second = replicaOf(store, cache, clock)
  const started = second.start()
  await clock.advance(2_000)
  await started
  expect(second.status()).toMatchObject({ source: 'definitions', degraded: true })
  cache.answer()
  await settle()
  expect(second.snapshot.entries.get('a_flag')?.answer).toBe(true)
  expect(second.status()).toMatchObject({ source: 'redis' })
  await second.close()
})

it('a cache that is away at the start is asked again while the store cannot be reached, and no longer than that', async () => {
  const { store, clock, hub } = await storeThatWentAway()

  const cache = new AwayCache({ hub })
  const second = replicaOf(store, cache, clock)
  const started = second.start()
  await clock.advance(9_000)
  await started
  expect(second.status()).toMatchObject({ source: 'definitions', degraded: true })
  cache.isAway = false
  await clock.advance(3_000)
  expect(second.snapshot.entries.get('a_flag')?.answer).toBe(true)
  expect(second.status()).toMatchObject({ source: 'redis' })
  const asked = vi.spyOn(cache, 'find')
  await clock.advance(9_000)
  expect(asked).not.toHaveBeenCalled()
  store.down = false
  await clock.advance(10_000)
  expect(second.status()).toMatchObject({ source: 'postgres', degraded: false })
  await second.close()
})
