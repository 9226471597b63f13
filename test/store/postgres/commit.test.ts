// A connection that breaks during COMMIT: the store finds out what happened, or says that it cannot.
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { silentLogger } from '../../../lib/log.js'
import { migrate } from '../../../lib/store/migrations/migrate.js'
import { PostgresStore } from '../../../lib/store/postgres/store.js'
import { changeOf } from '../../support/change.js'
import { createDatabase, startPostgres, type TestDatabase } from '../../support/services.js'
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.js'

const isCommit = (data: Buffer) => data.toString('latin1').toLowerCase().includes('commit\0')

describe('a connection lost during COMMIT', () => {
  let database: TestDatabase
  let proxy: TcpProxy
  let store: PostgresStore
  beforeEach(async () => {
    database = await createDatabase()
    const url = new URL(database.url)
    proxy = await startTcpProxy(Number(url.port))
    url.port = String(proxy.port)
    store = new PostgresStore({
      connection: { connectionString: url.href },
      tables: { features: 'features', gates: 'feature_gates' },
      logger: silentLogger,
      times: { statementMs: 400, outcomeMs: 300 },
    })
  })
  afterEach(async () => {
    await store.close()
    await proxy.close()
    await database.close()
  })
  const enable = () => store.apply(changeOf({ feature: 'a', operation: { kind: 'enable' } }))
  const stored = () => database.query('select key from features')

  it('after it was done is found out to be done', async () => {
    proxy.onRequest = (data) => (isCommit(data) ? 'pass and swallow answers' : 'pass')
    const applied = await enable()
    expect(applied).toMatchObject({ changed: true, position: { version: '1' } })
    expect(await stored()).toEqual([{ key: 'a' }])
  })

  it('before it arrived is found out not to be done', async () => {
    proxy.onRequest = (data) => (isCommit(data) ? 'reset' : 'pass')
    await expect(enable()).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('nothing was written'),
    })
    expect(await stored()).toEqual([])
    proxy.onRequest = () => 'pass'
    expect((await enable()).changed).toBe(true)
  })

  it('with no server to ask is reported as unknown', async () => {
    proxy.onRequest = (data) => {
      if (!isCommit(data)) return 'pass'
      proxy.accepting = false
      return 'pass and swallow answers'
    }
    await expect(enable()).rejects.toMatchObject({ name: 'OutcomeUnknown', code: 'outcome_unknown' })
    expect(await stored()).toEqual([{ key: 'a' }])
  })

  it('with no server to ask is not pondered for a day because the clock is set back by one', async () => {
    proxy.onRequest = (data) => {
      if (!isCommit(data)) return 'pass'
      proxy.accepting = false
      return 'pass and swallow answers'
    }
    const now = Date.now
    let steppedBackMs = 0
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => {
      steppedBackMs += 24 * 60 * 60_000
      return now() - steppedBackMs
    })
    try {
      await expect(enable()).rejects.toMatchObject({ code: 'outcome_unknown' })
    } finally {
      clock.mockRestore()
    }
  })

  it('and swallowed on the way is found out not to be done, as soon as the server has given the transaction up', async () => {
    proxy.holding = true
    proxy.onRequest = (data) => (isCommit(data) ? 'swallow' : 'pass')
    await expect(enable()).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(await stored()).toEqual([])
  })
})

describe('a COMMIT that waits for a replica longer than the store waits', () => {
  it('is reported as unknown, because it may still be done', async () => {
    const server = await startPostgres({
      settings: { synchronous_standby_names: 'absent', synchronous_commit: 'local' },
    })
    const connection = { connectionString: server.url() }
    const tables = { features: 'features', gates: 'feature_gates' }
    await migrate({ connection, tables })
    const admin = new Client(connection)
    await admin.connect()
    await admin.query('alter database postgres set synchronous_commit = on')
    const store = new PostgresStore({
      connection,
      tables,
      logger: silentLogger,
      times: { statementMs: 300, outcomeMs: 200 },
    })
    await expect(store.apply(changeOf({ feature: 'a', operation: { kind: 'enable' } }))).rejects.toMatchObject({
      name: 'OutcomeUnknown',
      message: expect.stringContaining('still being committed'),
    })
    await store.close()
    await admin.end()
    await server.stop()
  })
})

describe('a connection lost before COMMIT', () => {
  it('means that nothing was written, for all changes that wait, and the next one is made', async () => {
    const database = await createDatabase()
    const url = new URL(database.url)
    const proxy = await startTcpProxy(Number(url.port))
    url.port = String(proxy.port)
    const store = new PostgresStore({
      connection: { connectionString: url.href },
      tables: { features: 'features', gates: 'feature_gates' },
      logger: silentLogger,
      times: { statementMs: 300 },
    })
    const enable = (feature: string) => store.apply(changeOf({ feature, operation: { kind: 'enable' } }))
    const sent: string[] = []
    proxy.onRequest = (data) => {
      sent.push(data.toString('latin1'))
      return data.includes('insert into') ? 'swallow' : 'pass'
    }
    const writes = await Promise.allSettled([1, 2, 3, 4, 5, 6, 7, 8].map((number) => enable(`f${number}`)))
    expect(writes.map((write) => write.status === 'rejected' && write.reason.code)).toEqual(
      Array(8).fill('store_unavailable'),
    )
    // A silent server is not waited for once more.
    expect(sent.filter((text) => text.includes('rollback'))).toEqual([])
    proxy.onRequest = () => 'pass'
    expect((await enable('later')).position?.version).toBe('1')
    await store.close()
    await proxy.close()
    await database.close()
  })
})
