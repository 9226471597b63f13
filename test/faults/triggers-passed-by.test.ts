// Writes that no trigger saw: found by comparing the whole content.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../lib/replica/clock.js'
import { Replica } from '../../lib/replica/replica.js'
import type { PostgresStore } from '../../lib/store/postgres.js'
import { recordingLogger } from '../support/recording-logger.js'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { atMost } from './figures.js'
import { openStore, seed, waiting } from './fleet.js'

const compareIntervalMs = 200

describe('a write that passed the triggers by', () => {
  let database: TestDatabase
  let store: PostgresStore
  let replica: Replica
  beforeEach(async () => {
    database = await createDatabase()
    store = openStore(database.url)
    await seed(store)
    replica = new Replica({
      store,
      definitions: () => new Map(),
      clock: systemClock,
      logger: recordingLogger(),
      pollIntervalMs: 50,
      listen: false,
      disk: null,
      cache: null,
      compareIntervalMs,
      onSwap: () => {},
    })
    await replica.start()
  })
  afterEach(async () => {
    await replica.close()
    await store.close()
    await database.close()
  })

  const deletion = `delete from feature_gates where feature_key = 'stable_on'`
  it.each([
    ['replica role', `begin; set local session_replication_role = replica; ${deletion}; commit`],
    [
      'triggers disabled',
      `alter table feature_gates disable trigger all; ${deletion}; alter table feature_gates enable trigger all`,
    ],
    ['triggers missing', `drop trigger feature_history_record on feature_gates; ${deletion}`],
  ])('(%s) is found, and told by status()', async (how, sql) => {
    expect(replica.snapshot.flags.get('stable_on')?.answer).toBe(true)
    await database.query(sql)
    const before = performance.now()
    await vi.waitFor(() => expect(replica.snapshot.flags.get('stable_on')?.answer).toBe(false), waiting)
    expect(replica.status().warnings.join()).toContain('triggers off or missing')
    const foundMs = performance.now() - before
    // The interval is 30 min in production: what is measured is how many of them it takes.
    atMost(`triggers: ${how}`, 'found within intervals of the comparison', 2, foundMs / compareIntervalMs)
    await vi.waitFor(() => expect(replica.status().warnings).toEqual([]), waiting)
  })
})
