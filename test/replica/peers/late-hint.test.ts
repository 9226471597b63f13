// A hint of a line of history that the database has left, heard while the store is being read.
import { expect, it } from 'vitest'
import type { Hint } from '../../../lib/cache/cache.js'
import { MemoryCache } from '../../../lib/cache/memory/cache.js'
import { MemoryCacheHub } from '../../../lib/cache/memory/hub.js'
import { ModelDatabase } from '../../faults/model/database.js'
import { ManualClock, settle } from '../../support/manual-clock.js'
import { makeReplica } from '../../support/replica.js'

it('a hint that comes during a read of what changed does not stay in the content', async () => {
  const clock = new ManualClock()
  let latencyMs = 0
  const database = new ModelDatabase({ clock, latencyMs: () => latencyMs })
  const hub = new MemoryCacheHub({ clock })
  const replica = makeReplica({
    store: database.connect(),
    clock,
    pollIntervalMs: 10_000,
    cache: new MemoryCache({ hub }),
  })
  database.write(['kept'])
  await replica.start()
  const from = database.newest.position
  database.write(['lost'])
  const late: Hint = { from, via: [], to: database.newest.position, changed: new Map([...database.newest.features]) }
  database.restore(1)
  database.write(['after'])
  database.write(['after'])

  latencyMs = 50
  const refreshed = replica.refreshNow()
  await clock.advance(60)
  await new MemoryCache({ hub }).publish(database.identity, late)
  await settle()
  expect(replica.snapshot.position).toEqual(late.to)
  latencyMs = 0
  await clock.advance(50)
  await refreshed

  await clock.advance(13_000)
  expect(replica.snapshot.position).toEqual(database.newest.position)
  expect([...replica.snapshot.entries.keys()].sort()).toEqual(['after', 'kept'])
  await replica.close()
})
