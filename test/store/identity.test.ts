// Which database it is: one identity for all roads to it, another for each copy.
import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../lib/log.js'
import { identityOf } from '../../lib/store/identity.js'
import { MemoryStore } from '../../lib/store/memory/store.js'
import { migrate } from '../../lib/store/migrations/migrate.js'
import { PostgresStore, type PostgresStoreOptions } from '../../lib/store/postgres/store.js'
import { serverBinary } from '../support/binaries.js'
import { createDatabase, startPgBouncer, startPostgres, type TestDatabase } from '../support/services.js'
import { startTcpProxy } from '../support/tcp-proxy.js'

const tables = { features: 'features', gates: 'feature_gates' }

function open(url: string, options: Partial<PostgresStoreOptions> = {}): PostgresStore {
  return new PostgresStore({ connection: { connectionString: url }, tables, logger: silentLogger, ...options })
}

async function identityAt(url: string, options: Partial<PostgresStoreOptions> = {}): Promise<string | null> {
  const store = open(url, options)
  try {
    return (await store.head(null)).identity
  } finally {
    await store.close()
  }
}

function restore(from: string, to: string): void {
  const dump = execFileSync(serverBinary('pg_dump'), ['-d', from])
  execFileSync(serverBinary('psql'), ['-X', '-q', to], { input: dump, stdio: ['pipe', 'ignore', 'pipe'] })
}

describe('the identity of a database', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createDatabase()
  })
  afterEach(() => database.close())

  it('is the same for two roles, one of which may not read the system identifier', async () => {
    const role = `role_${process.pid}_identity`
    await database.query(`create role ${role} login`)
    await migrate({ connection: { connectionString: database.url }, tables, grant: role })
    const url = new URL(database.url)
    url.username = role
    const before = await identityAt(database.url)
    expect(await identityAt(url.href)).toBe(before)
    await database.query('revoke execute on function pg_control_system() from public')
    const [poor, rich] = [await identityAt(url.href), await identityAt(database.url)]
    expect(poor).toMatch(/^[0-9a-f]{32}$/)
    expect(rich).toBe(poor)
    expect(rich).not.toBe(before)
    await database.query(`grant execute on function pg_control_system() to ${role}`)
    expect(await identityAt(url.href)).toBe(poor)
    await database.query(`drop owned by ${role}; drop role ${role}`)
  })

  it('follows the rights of everyone on the system identifier, also in a store that is open', async () => {
    const store = open(database.url)
    const before = (await store.head(null)).identity
    await database.query('revoke execute on function pg_control_system() from public')
    const without = (await store.head(null)).identity
    expect(without).not.toBe(before)
    expect((await store.readAll()).identity).toBe(without)
    await database.query('grant execute on function pg_control_system() to public')
    expect((await store.readSince(null)).identity).toBe(before)
    await store.close()
  })

  it('is the same through a pooler and a tunnel, and after the database was renamed', async () => {
    const identity = await identityAt(database.url)
    const bouncer = await startPgBouncer(database.url)
    expect(await identityAt(bouncer.url)).toBe(identity)
    await bouncer.stop()
    const { port, pathname } = new URL(database.url)
    const proxy = await startTcpProxy(Number(port))
    expect(await identityAt(`postgres://postgres@127.0.0.1:${proxy.port}${pathname}`)).toBe(identity)
    await proxy.close()
    await database.disconnect()
    const renamed = await createDatabase({ migrated: false })
    const [name, other] = [pathname.slice(1), `${pathname.slice(1)}_renamed`]
    await renamed.query(`alter database ${name} rename to ${other}`)
    const url = new URL(database.url)
    url.pathname = `/${other}`
    expect(await identityAt(url.href)).toBe(identity)
    await renamed.query(`alter database ${other} rename to ${name}`)
    await renamed.close()
  })

  it('is another one for a dump in another database of the same cluster, whose position is the same', async () => {
    const copy = await createDatabase({ migrated: false })
    restore(database.url, copy.url)
    const [original, restored] = [open(database.url), open(copy.url)]
    const [one, other] = [await original.head(null), await restored.head(null)]
    expect(other.position).toEqual(one.position)
    expect(other.identity).not.toBe(one.identity)
    await Promise.all([original.close(), restored.close()])
    await copy.close()
  })

  it('is another one for a dump in another cluster, also for a store that is open when the name leads there', async () => {
    const server = await startPostgres()
    const { port, pathname } = new URL(database.url)
    execFileSync(serverBinary('psql'), ['-X', '-q', server.url(), '-c', `create database ${pathname.slice(1)}`])
    restore(database.url, server.url(pathname.slice(1)))
    const proxy = await startTcpProxy(Number(port))
    const store = open(`postgres://postgres@127.0.0.1:${proxy.port}${pathname}`)
    const before = await store.head(null)
    proxy.targetPort = server.port
    proxy.cut()
    const after = await store.head(before.position).catch(() => store.head(before.position))
    expect(after.known).toBe(true)
    expect(after.identity).not.toBe(before.identity)
    await store.close()
    await proxy.close()
    await server.stop()
  })

  it('is another one for a second pair of tables, which shares the state of the first', async () => {
    await database.query('create table other_features (like features); create table other_gates (like feature_gates)')
    const pair = { tables: { features: 'other_features', gates: 'other_gates' } }
    const [first, second] = [open(database.url), open(database.url, pair)]
    const [one, other] = [await first.head(null), await second.head(null)]
    expect(other.position).toEqual(one.position)
    expect(other.identity).not.toBe(one.identity)
    expect(await identityAt(database.url, { tables: { ...tables, gates: 'other_gates' } })).not.toBe(one.identity)
    expect(await identityAt(database.url, { tables: { features: 'public.features', gates: 'feature_gates' } })).toBe(
      one.identity,
    )
    await Promise.all([first.close(), second.close()])
  })

  it('is another one for another namespace, and once the copy has an id of its own', async () => {
    const identity = await identityAt(database.url)
    expect(await identityAt(database.url, { namespace: null })).toBe(identity)
    const named = await identityAt(database.url, { namespace: 'blue' })
    expect(named).not.toBe(identity)
    expect(await identityAt(database.url, { namespace: 'green' })).not.toBe(named)
    await database.query('update feature_state set database_id = gen_random_uuid()')
    expect(await identityAt(database.url)).not.toBe(identity)
  })

  it('is none where the row of the state is gone', async () => {
    await database.query('delete from feature_state')
    expect(await identityAt(database.url)).toBeNull()
  })
})

describe('the identity of a store in memory', () => {
  it('is its own, and stays', async () => {
    const [one, other] = [new MemoryStore(), new MemoryStore({ namespace: 'blue' })]
    const { identity } = await one.head(null)
    expect(identity).toMatch(/^[0-9a-f]{32}$/)
    expect((await one.readAll()).identity).toBe(identity)
    expect((await other.head(null)).identity).not.toBe(identity)
  })
})

describe('an identity', () => {
  it('differs with each of its parts, also where they would read the same side by side', () => {
    const parts = { databaseId: 'a', systemIdentifier: '1', databaseOid: '2', tables: ['s', 'f'], namespace: null }
    const others = [
      parts,
      { ...parts, databaseId: 'b' },
      { ...parts, systemIdentifier: null },
      { ...parts, systemIdentifier: '12', databaseOid: '' },
      { ...parts, databaseOid: '3' },
      { ...parts, tables: ['sf'] },
      { ...parts, namespace: '' },
      { ...parts, namespace: 'null' },
    ]
    expect(new Set(others.map(identityOf)).size).toBe(others.length)
  })
})
