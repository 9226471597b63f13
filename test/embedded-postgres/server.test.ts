// Many clients of one PGlite, seen by plain pg and, where pg is too polite, by bytes.
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { silentLogger } from '../../lib/log.js'
import { type EmbeddedFolder, prepareFolder } from '../../lib/embedded-postgres/folder.js'
import { EmbeddedPostgres } from '../../lib/embedded-postgres/embedded-postgres.js'
import { copyMadeData } from '../support/made-database.js'
import { queryMessage, readyStatus, startupMessage, syncMessage } from '../../lib/embedded-postgres/wire-protocol.js'

const silenceMs = 300

let root: string
let folder: EmbeddedFolder
let seat: EmbeddedPostgres
const closers: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-server-'))
  folder = await prepareFolder(root)
  await copyMadeData(folder.home)
  seat = new EmbeddedPostgres({ folder, logger: silentLogger, progress: silentLogger, async prepare() {}, silenceMs })
  await seat.ensureServed()
})

afterAll(async () => {
  await seat.close()
  await rm(root, { recursive: true, force: true })
})

beforeEach(() => ask('drop table if exists numbers; create table numbers (n int)'))

afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

async function newClient(): Promise<Client> {
  const client = new Client({ host: folder.sockets, user: 'postgres', database: 'postgres' })
  client.on('error', () => {}) // A connection that is cut off; the next query says so.
  await client.connect()
  closers.push(() => client.end().catch(() => {}))
  return client
}

/** One query over a connection of its own. */
async function ask(sql: string): Promise<void> {
  const client = await newClient()
  await client.query(sql)
  await client.end()
}

it('clients of an embedded Postgres do not mix their queries, even when a message arrives in parts', async () => {
  const long = 'x'.repeat(2_000_000)
  const echo = async (name: string) => {
    const client = await newClient()
    for (let n = 0; n < 20; n++) {
      const { rows } = await client.query('select $1::text as v', [name + n])
      expect(rows).toEqual([{ v: name + n }])
    }
  }
  await Promise.all([echo(`a${long}`), echo(`b${long}`), echo('c'), echo('d')])
})

it('clients of an embedded Postgres are told once that a query with parameters ended, also after an error in its middle', async () => {
  const socket = connect(join(folder.sockets, '.s.PGSQL.5432'))
  let said = Buffer.alloc(0)
  socket.on('data', (data) => {
    said = Buffer.concat([said, data])
  })
  closers.push(async () => socket.destroy())
  socket.write(startupMessage())
  await vi.waitFor(() => expect(readyStatus(said)).toBe('I'))
  said = Buffer.alloc(0)
  socket.write(Buffer.from('P\0\0\0\x0f\0selectt\0\0\0', 'latin1'))
  await vi.waitFor(() => expect(said.toString()).toContain('42601'))
  expect(readyStatus(said)).toBe(null)
  socket.write(syncMessage())
  await vi.waitFor(() => expect(readyStatus(said)).toBe('I'))
})

it('clients of an embedded Postgres are not silent while a long message arrives in parts, however slowly', async () => {
  const socket = connect(join(folder.sockets, '.s.PGSQL.5432'))
  let said = Buffer.alloc(0)
  socket.on('data', (data) => {
    said = Buffer.concat([said, data])
  })
  closers.push(async () => socket.destroy())
  socket.write(startupMessage())
  await vi.waitFor(() => expect(readyStatus(said)).toBe('I'))
  socket.write(queryMessage('begin'))
  await vi.waitFor(() => expect(readyStatus(said)).toBe('T'))
  const query = queryMessage(`select '${'x'.repeat(60)}' as long`)
  // Each pause is half of what counts as silence, and all of them are thrice as long.
  for (let at = 0; at < query.length; at += 15) {
    socket.write(query.subarray(at, at + 15))
    await delay(silenceMs / 2)
  }
  await vi.waitFor(() => expect(said.toString('latin1')).toContain('x'.repeat(60)))
  expect(readyStatus(said)).toBe('T')
})

it('clients of an embedded Postgres do not see the transactions of others', async () => {
  const [a, b] = [await newClient(), await newClient()]
  await a.query('begin')
  await a.query('insert into numbers values (1)')
  const counted = b.query('select count(*)::int as n from numbers')
  await a.query('rollback')
  expect((await counted).rows).toEqual([{ n: 0 }])
})

it.each([
  ['ends without a word', (client: Client) => client.end()],
  ['is cut off', async (client: Client) => void socketOf(client).destroy()],
])('clients of an embedded Postgres go on when one of them %s in the middle of a transaction', async (_, leave) => {
  const [a, b] = [await newClient(), await newClient()]
  await a.query('begin')
  await a.query('insert into numbers values (1)')
  const counted = b.query('select count(*)::int as n from numbers')
  await leave(a)
  expect((await counted).rows).toEqual([{ n: 0 }])
})

it('clients of an embedded Postgres go on when one of them falls silent in the middle of a transaction, which is told why', async () => {
  const [a, b] = [await newClient(), await newClient()]
  const told = new Promise((resolve) => a.once('error', resolve))
  await a.query('begin')
  expect((await b.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  expect(await told).toMatchObject({ code: '25P03' })
})

it('clients of an embedded Postgres may stay silent outside transactions', async () => {
  const client = await newClient()
  await client.query('select 1')
  await delay(2 * silenceMs)
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

it('clients of an embedded Postgres may set limits of time, though PGlite cannot keep them', async () => {
  const client = await newClient()
  await client.query('begin')
  await client.query(`set local statement_timeout = 1; set local lock_timeout = 1;
    set local idle_in_transaction_session_timeout = 1`)
  await delay(silenceMs / 3)
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  await client.query('commit')
})

it('clients of an embedded Postgres leave no settings behind', async () => {
  const client = await newClient()
  await client.query(`set statement_timeout = 12345; set session_replication_role = replica; prepare p as select 1`)
  await client.end()
  const other = await newClient()
  await vi.waitFor(async () => {
    expect((await other.query('show statement_timeout')).rows).toEqual([{ statement_timeout: '0' }])
  })
  expect((await other.query('show session_replication_role')).rows).toEqual([{ session_replication_role: 'origin' }])
  expect((await other.query('show search_path')).rows).toEqual([{ search_path: 'public' }])
  await other.query('prepare p as select 1')
})

it('clients of an embedded Postgres that speak another language are sent away, and the others do not notice', async () => {
  const client = await newClient()
  const socket = connect(join(folder.sockets, '.s.PGSQL.5432'))
  const closed = new Promise((resolve) => socket.once('close', resolve))
  socket.on('error', () => {})
  socket.write('GET / HTTP/1.1\r\n\r\n')
  socket.resume()
  await closed
  expect((await client.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

function socketOf(client: Client): { destroy(): void } {
  // pg has no other way to end a connection as a killed process does.
  const { stream } = (client as unknown as { connection: { stream: { destroy(): void } } }).connection
  return stream
}
