// A connection that the server ends in the packet that makes it: whoever makes it, the process goes on.
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { findBinary } from '../../../../scripts/find-binary.js'
import { silentLogger } from '../../../../lib/log.js'
import { migrate } from '../../../../lib/store/migrations/migrate.js'
import { PostgresClient } from '../../../../lib/store/postgres/connection/client.js'
import { PostgresStore } from '../../../../lib/store/postgres/store.js'
import { changeOf } from '../../../support/change.js'
import { type Certificates, makeCertificates } from '../../../support/certificates.js'
import type { PostgresServer } from '../../../support/postgres-server.js'
import { createDatabase, startPostgres, type TestDatabase } from '../../../support/services.js'
import { startTcpProxy } from '../../../support/tcp-proxy.js'
import { postgresFarewell, type StrikingProxy, startStrikingProxy } from '../../../support/striking-proxy.js'
import { systemClock } from '../../../../lib/time/clock.js'

const tables = { features: 'features', gates: 'feature_gates' }
const patience = { timeout: 20_000, interval: 5 }

describe('a connection that is ended in the packet that makes it', () => {
  let database: TestDatabase
  let proxy: StrikingProxy
  let store: PostgresStore
  let connection: { connectionString: string }
  let striking = false
  beforeEach(async () => {
    striking = false
    database = await createDatabase()
    const url = new URL(database.url)
    proxy = await startStrikingProxy({ target: Number(url.port), protocol: 'postgres', farewell: postgresFarewell })
    const isReady = (_packet: number, data: Buffer) => (data[0] === 'Z'.charCodeAt(0) ? ('join' as const) : null)
    proxy.strike = () => (striking ? isReady : null)
    url.port = String(proxy.port)
    connection = { connectionString: url.href }
    store = new PostgresStore({
      connection,
      tables,
      logger: silentLogger,
      closeIdleAfterMs: 1,
      clock: { ...systemClock, random: () => 0.01 },
    })
  })
  afterEach(async () => {
    striking = false
    await store.close()
    await proxy.close()
    await database.close()
  })
  const isIdle = () => vi.waitFor(async () => expect(await connectionsOf(database)).toBe(0), patience)

  it('refuses a write, and the next one is written', async () => {
    await store.head(null)
    await isIdle()
    striking = true
    const enable = () => store.apply(changeOf({ feature: 'a', operation: { kind: 'enable' } }))
    await expect(enable()).rejects.toMatchObject({ code: 'store_unavailable' })
    expect(proxy.struck).toBe(1)
    striking = false
    expect((await enable()).changed).toBe(true)
  })

  it('refuses a read, and the next one is answered', async () => {
    striking = true
    await expect(store.head(null)).rejects.toMatchObject({ code: 'store_unavailable' })
    striking = false
    expect(await store.head(null)).toMatchObject({ position: { version: '0' } })
  })

  it('is no end to listening', async () => {
    striking = true
    const heard = vi.fn()
    store.listen({ hint: () => {}, heard })
    await vi.waitFor(() => expect(proxy.struck).toBeGreaterThan(3), patience)
    striking = false
    await vi.waitFor(() => expect(heard).toHaveBeenCalledWith(true), patience)
  })

  it('refuses a migration', async () => {
    striking = true
    await expect(migrate({ connection, tables })).rejects.toMatchObject({ code: 'store_unavailable' })
  })
})

describe('what is no message of Postgres', () => {
  let server: Server
  afterEach(() => new Promise((done) => server.close(done)))

  it.each([
    ['an unknown kind of login', Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 99])],
    ['a message that is shorter than it says inside', Buffer.from([0x44, 0, 0, 0, 6, 0x7f, 0xff])],
    ['another protocol', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('costs the connection and not the process: %s', async (_what, bytes) => {
    server = createServer((socket) => {
      socket.on('error', () => {}) // The client hangs up.
      socket.once('data', () => socket.end(bytes))
    })
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no TCP port was given')
    const client = new PostgresClient({
      connection: { host: '127.0.0.1', port: address.port, user: 'a', connectionTimeoutMillis: 5_000 },
    })
    await expect(client.connect()).rejects.toThrow()
    await client.end()
  })
})

describe('a server that falls silent', () => {
  it('does not hold up the end of a store that listens', { timeout: 60_000 }, async () => {
    const database = await createDatabase()
    const url = new URL(database.url)
    const proxy = await startTcpProxy(Number(url.port))
    url.port = String(proxy.port)
    const store = new PostgresStore({ connection: { connectionString: url.href }, tables, logger: silentLogger })
    const heard = vi.fn()
    store.listen({ hint: () => {}, heard })
    await vi.waitFor(() => expect(heard).toHaveBeenCalledWith(true), patience)
    proxy.holding = true
    proxy.onRequest = () => 'swallow'
    await store.close()
    await proxy.close()
    await database.close()
  })
})

// Comes with the packages of PostgreSQL nearly everywhere.
describe.skipIf(findBinary('openssl') === null)('the certificate of Postgres', () => {
  let certificates: Certificates
  let server: PostgresServer
  beforeAll(async () => {
    certificates = makeCertificates()
    const { keyFile, certificateFile } = certificates
    server = await startPostgres({
      settings: { ssl: 'on', ssl_key_file: keyFile, ssl_cert_file: certificateFile },
      rules: [
        'local all all trust',
        'host postgres all 127.0.0.1/32 trust',
        'hostssl encrypted all 127.0.0.1/32 trust',
        'hostnossl plain all 127.0.0.1/32 trust',
      ],
    })
    await migrate({ connection: { connectionString: server.url() }, tables })
    const client = new PostgresClient({ connection: { connectionString: server.url() } })
    await client.connect()
    for (const name of ['encrypted', 'plain', 'closed']) await client.query(`create database ${name}`)
    await client.end()
  })
  afterAll(async () => {
    await server?.stop()
    certificates?.remove()
  })
  const head = async (query: string) => {
    const connection = { connectionString: `${server.url()}?${query}` }
    const store = new PostgresStore({ connection, tables, logger: silentLogger })
    return store.head(null).finally(() => store.close())
  }

  it('is refused where it is not trusted, and the error names every remedy', async () => {
    const refused = head('sslmode=verify-full')
    await expect(refused).rejects.toMatchObject({ code: 'store_unavailable' })
    await expect(refused).rejects.toThrow(/not trusted.*NODE_EXTRA_CA_CERTS.*sslrootcert.*sslmode=no-verify/)
  })

  it('is accepted where its authority is named, or where none is asked for', async () => {
    expect(readFileSync(certificates.authority, 'utf8')).toContain('CERTIFICATE')
    const trusting = `sslmode=verify-full&sslrootcert=${encodeURIComponent(certificates.authority)}`
    expect(await head(trusting)).toMatchObject({ position: { version: '0' } })
    expect(await head('sslmode=no-verify')).toMatchObject({ position: { version: '0' } })
  })

  it.each([
    // Which rule of the server holds, what the URL asks for, and whether the connection is encrypted.
    ['postgres', 'sslmode=prefer', true],
    ['postgres', 'sslmode=allow', false],
    ['postgres', 'sslmode=disable', false],
    ['postgres', '', false],
    ['encrypted', 'sslmode=prefer', true],
    ['encrypted', 'sslmode=allow', true],
    ['plain', 'sslmode=prefer', false],
    ['plain', 'sslmode=allow', false],
    ['postgres', 'sslmode=require&uselibpqcompat=true', true],
    ['postgres', 'ssl=no-verify', true],
    ['postgres', 'ssl=false', false],
    ['postgres', 'sslmode=no-verify&ssl_min_protocol_version=TLSv1.3', true],
  ])('in the database %s, the URL with ?%s is answered', async (name, query, encrypted) => {
    expect(await isEncrypted(`${server.url(name)}?${query}`)).toBe(encrypted)
  })

  it.each([
    ['closed', 'sslmode=prefer', /no pg_hba\.conf entry.*let pg_hba\.conf of the server allow|write sslmode/],
    ['encrypted', 'sslmode=disable', /no encryption.*write sslmode=verify-full.*sslrootcert.*sslmode=no-verify/],
    ['postgres', 'sslmode=require', /not trusted.*NODE_EXTRA_CA_CERTS.*sslrootcert.*sslmode=no-verify/],
    ['postgres', 'sslmode=verify-full&sslrootcert=/no/such.pem', /file of sslrootcert cannot be read.*path of a PEM/],
    ['nowhere', 'sslmode=disable', /no pg_hba\.conf entry/],
  ])('in the database %s, the URL with ?%s is refused with what to do', async (name, query, said) => {
    const store = new PostgresStore({
      connection: { connectionString: `${server.url(name)}?${query}` },
      tables,
      logger: silentLogger,
    })
    await expect(store.head(null)).rejects.toThrow(said)
    await store.close()
  })

  it('is no matter on a Unix socket, whatever the URL asks for', async () => {
    const host = encodeURIComponent(server.socketFolder)
    expect(await isEncrypted(`postgres://postgres:x@/plain?host=${host}&port=${server.port}&sslmode=require`)).toBe(
      false,
    )
  })

  it('lets a process end while it listens, also after the first way to connect has failed', async () => {
    const client = new PostgresClient({ connection: { connectionString: `${server.url('plain')}?sslmode=prefer` } })
    client.unref()
    const alive = setInterval(() => {}, 1_000)
    await client.connect()
    clearInterval(alive)
    const handle: unknown = Reflect.get(client.connection.stream, '_handle')
    expect(Reflect.apply(Reflect.get(Object(handle), 'hasRef'), handle, [])).toBe(false)
    await client.end()
  })
})

describe('a server without TLS', () => {
  it('is reached in clear with prefer, and refused with a mode that demands TLS', async () => {
    const database = await createDatabase()
    expect(await isEncrypted(`${database.url}?sslmode=prefer`)).toBe(false)
    const connection = { connectionString: `${database.url}?sslmode=require` }
    const store = new PostgresStore({ connection, tables, logger: silentLogger })
    await expect(store.head(null)).rejects.toThrow(
      /does not support SSL connections; write sslmode=disable or sslmode=prefer/,
    )
    await store.close()
    await database.close()
  })
})

async function isEncrypted(connectionString: string): Promise<unknown> {
  const client = new PostgresClient({ connection: { connectionString, connectionTimeoutMillis: 5_000 } })
  await client.connect()
  const { rows } = await client.query<{ ssl: boolean }>('select ssl from pg_stat_ssl where pid = pg_backend_pid()')
  await client.end()
  return rows[0]?.ssl
}

async function connectionsOf(database: TestDatabase): Promise<number> {
  const others =
    'select count(*)::int as count from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'
  return Number((await database.query(others))[0]?.['count'])
}
