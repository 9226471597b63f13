// The Postgres, PgBouncer and Redis that tests use.
import { describe, expect, it } from 'vitest'
import { pingRedis } from './redis-server.js'
import { createDatabase, startPgBouncer, startRedis } from './services.js'

describe('the test services', () => {
  it('give every caller a database of its own', async () => {
    const [one, other] = await Promise.all([createDatabase(), createDatabase()])
    await one.query(`insert into features (key, created_at, updated_at) values ('mine', now(), now())`)
    expect(await one.query('select key from features')).toEqual([{ key: 'mine' }])
    expect(await other.query('select key from features')).toEqual([])
    await Promise.all([one.close(), other.close()])
  })

  it('give an empty database when asked', async () => {
    const database = await createDatabase({ migrated: false })
    expect(await database.query(`select to_regclass('features') as found`)).toEqual([{ found: null }])
    await database.close()
  })

  it('put the real PgBouncer before a database', async () => {
    const database = await createDatabase()
    const bouncer = await startPgBouncer(database.url)
    const url = new URL(bouncer.url)
    expect(url.pathname).toBe(new URL(database.url).pathname)
    expect(url.port).not.toBe(new URL(database.url).port)
    await bouncer.stop()
    await database.close()
  })

  it('start a Redis that answers PING and is gone afterwards', async () => {
    const redis = await startRedis()
    expect(await pingRedis(redis.port)).toBe(true)
    await redis.stop()
    expect(await pingRedis(redis.port)).toBe(false)
  })
})
