// Ways to name a database in a URL, against a real server: a Unix socket, and a schema of the application's own.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { databaseSource } from '../../../lib/config/database-url.js'
import { silentLogger } from '../../../lib/log.js'
import { migrate } from '../../../lib/store/migrations/migrate.js'
import { PostgresStore } from '../../../lib/store/postgres/store.js'
import { changeOf } from '../../support/change.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'

const tables = { features: 'features', gates: 'feature_gates' }
const enable = (feature: string) => changeOf({ feature, operation: { kind: 'enable' } })

let database: TestDatabase
let name: string
let port: string
let folder: string
beforeAll(async () => {
  database = await createDatabase({ migrated: false })
  const url = new URL(database.url)
  name = url.pathname.slice(1)
  port = url.port
  const [row] = await database.query('show unix_socket_directories')
  folder = String(row?.['unix_socket_directories'])
})
afterAll(() => database.close())

async function namesAt(url: string): Promise<readonly string[]> {
  const store = new PostgresStore({ connection: databaseSource(url), tables, logger: silentLogger })
  try {
    return (await store.readAll()).items.map(({ key }) => key)
  } finally {
    await store.close()
  }
}

describe('a schema in options=-c search_path=…', () => {
  const urlOf = (schema: string) => `${database.url}?options=-c%20search_path%3D${schema}`

  it('holds the flags of its own application, for migrate, changes, reads and LISTEN', async () => {
    await database.query('create schema one; create schema two')
    for (const schema of ['one', 'two']) await migrate({ connection: { connectionString: urlOf(schema) }, tables })
    const hint = vi.fn()
    const store = new PostgresStore({ connection: databaseSource(urlOf('one')), tables, logger: silentLogger })
    store.listen({ hint, heard: () => {} })
    await vi.waitFor(() => expect(hint).toHaveBeenCalled(), { timeout: 10_000 })
    hint.mockClear()
    await store.apply(enable('only_in_one'))
    await vi.waitFor(() => expect(hint).toHaveBeenCalled(), { timeout: 10_000 })
    await store.close()
    expect(await namesAt(urlOf('one'))).toEqual(['only_in_one'])
    expect(await namesAt(urlOf('two'))).toEqual([])
    expect(
      await database.query(`select table_schema from information_schema.tables where table_name = 'features'
      order by 1`),
    ).toEqual([{ table_schema: 'one' }, { table_schema: 'two' }])
  })

  it('that is not there is named by migrate', async () => {
    const attempt = migrate({ connection: { connectionString: urlOf('nowhere') }, tables })
    await expect(attempt).rejects.toThrow(/no schema to create the table "features" in; create the schema/)
  })
})

describe('a Unix socket', () => {
  it('is found by each way to name it in a URL', async () => {
    await migrate({ connection: { connectionString: database.url }, tables })
    const encoded = encodeURIComponent(folder)
    for (const url of [
      `postgres://postgres:x@/${name}?host=${folder}&port=${port}`,
      `postgres://postgres@${encoded}:${port}/${name}`,
      `postgres://postgres@/${name}?host=${folder}/.s.PGSQL.${port}`,
      `socket://postgres:x@${folder}?db=${name}&port=${port}`,
    ]) {
      expect(await namesAt(url)).toEqual([])
    }
  })

  it('that is not there is named, with the file that is looked for', async () => {
    const attempt = namesAt(`postgres://postgres:SECRET@/${name}?host=${folder}&port=1`)
    await expect(attempt).rejects.toThrow(/could not be reached.*host names the folder that holds \.s\.PGSQL\.1/)
    await expect(attempt).rejects.not.toThrow('SECRET')
  })
})
