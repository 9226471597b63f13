// A hint of a line of history that the database has left, heard while the store is being read.
import { expect, it } from 'vitest'
import type { Hint } from '../../../lib/cache/cache.js'
import { MemoryCache } from '../../../lib/cache/memory/cache.js'
import { MemoryCacheHub } from '../../../lib/cache/memory/hub.js'
import { silentLogger } from '../../../lib/log.js'
import { Replica } from '../../../lib/replica/replica.js'
import { ModelDatabase } from '../../faults/model/database.js'
import { ManualClock, settle } from '../../support/manual-clock.js'

it('that comes during a read of what changed does not stay in the content', async () => {
  const clock = new ManualClock()
  let latencyMs = 0
  const database = new ModelDatabase({ clock, latencyMs: () => latencyMs })
  const hub = new MemoryCacheHub({ clock })
  const replica = new Replica({
    store: database.connect(),
    definitions: () => new Map(),
    clock,
    logger: silentLogger,
    pollIntervalMs: 10_000,
    listen: false,
    disk: null,
    cache: new MemoryCache({ hub }),
    onSwap: () => {},
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
  expect([...replica.snapshot.flags.keys()].sort()).toEqual(['after', 'kept'])
  await replica.close()
})
