// Listening to the notifications of Postgres.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { PostgresTimes } from '../../../lib/store/postgres/connection/times.js'
import { PostgresStore } from '../../../lib/store/postgres/store.js'
import type { Listening } from '../../../lib/state/state.js'
import { createDatabase, startPgBouncer, type TestDatabase } from '../../support/services.js'
import { systemClock } from '../../../lib/time/clock.js'

const times: Partial<PostgresTimes> = { echoEveryMs: 50, echoWithinMs: 1_000, longestPauseMs: 50 }
const patience = { timeout: 20_000 }

describe('listening', () => {
  let database: TestDatabase
  const ends: (() => Promise<void>)[] = []
  beforeEach(async () => {
    database = await createDatabase()
  })
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
    await database.close()
  })

  function listen(url: string) {
    const events = { hint: vi.fn(), heard: vi.fn() }
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }
    const tables = { features: 'features', gates: 'feature_gates' }
    const store = new PostgresStore({
      connection: { connectionString: url },
      tables,
      logger,
      times,
      clock: { ...systemClock, random: () => 0.5 },
    })
    const listening: Listening | null = store.listen(events)
    ends.push(() => store.close())
    return { store, events, logger, listening }
  }

  it('gives a hint at its start, and one for a write by another connection', async () => {
    const { events } = listen(database.url)
    await vi.waitFor(() => expect(events.heard).toHaveBeenCalledWith(true), patience)
    expect(events.hint).toHaveBeenCalledTimes(1)
    await database.query(`insert into features (key) values ('a')`)
    await vi.waitFor(() => expect(events.hint).toHaveBeenCalledTimes(2), patience)
  })

  it('takes no hint from its own proofs of life, nor from a rolled-back write', async () => {
    const { events, store } = listen(database.url)
    await vi.waitFor(() => expect(events.heard).toHaveBeenCalledWith(true), patience)
    await database.query(`begin; insert into features (key) values ('a'); rollback`)
    const echoes = `select count(*)::int as count from pg_stat_activity where datname = current_database() and query like '%pg_notify%'`
    await vi.waitFor(async () => expect((await database.query(echoes))[0]?.['count']).toBeGreaterThan(0), patience)
    await store.head(null)
    expect(events.hint).toHaveBeenCalledTimes(1)
  })

  it('takes whatever stands in a notification for a hint, and nothing more', async () => {
    const { events } = listen(database.url)
    await vi.waitFor(() => expect(events.heard).toHaveBeenCalledWith(true), patience)
    const payloads = ['', 'not a number', "'; drop table features;--", '9'.repeat(7_999)]
    for (const payload of payloads) await database.query('select pg_notify($1, $2)', ['feature_state', payload])
    await vi.waitFor(() => expect(events.hint).toHaveBeenCalledTimes(1 + payloads.length), patience)
  })

  it('says so when its connection is lost, and hears again afterwards', async () => {
    const { events } = listen(database.url)
    await vi.waitFor(() => expect(events.heard).toHaveBeenCalledWith(true), patience)
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    )
    await vi.waitFor(() => expect(events.heard.mock.calls).toEqual([[true], [false], [true]]), patience)
    expect(events.hint).toHaveBeenCalledTimes(2)
  })

  it('gives up behind a pooler, says so once, and ends', async () => {
    const bouncer = await startPgBouncer(database.url)
    ends.push(() => bouncer.stop())
    const { events, logger, listening, store } = listen(bouncer.url)
    await vi.waitFor(() => expect(logger.warn).toHaveBeenCalledTimes(1), patience)
    expect(logger.warn.mock.calls[0]?.[1]).toContain('pooler')
    expect(events.heard).not.toHaveBeenCalledWith(true)
    await listening?.close()
    await store.close()
  })

  it('tries again and again while the server cannot be reached, without a word to anybody', async () => {
    const { events, logger, listening } = listen('postgres://nobody@127.0.0.1:1/none')
    await vi.waitFor(() => expect(logger.debug.mock.calls.length).toBeGreaterThan(3), patience)
    await listening?.close()
    await listening?.close()
    const tries = logger.debug.mock.calls.length
    await new Promise((done) => setImmediate(done))
    expect(logger.debug.mock.calls.length).toBe(tries)
    expect(logger.warn).not.toHaveBeenCalled()
    expect(events.hint).not.toHaveBeenCalled()
  })
})
