// Who owns the database, seen by plain pg: several seats in one process stand for several processes.
import { existsSync, statSync } from 'node:fs'
import { chmod, lstat, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { silentLogger } from '../../lib/log.js'
import { type EmbeddedFolder, prepareFolder } from '../../lib/embedded-postgres/folder.js'
import { tryToOwn } from '../../lib/embedded-postgres/ownership.js'
import { copyMadeData } from '../support/made-database.js'
import { fullSize } from '../support/full-size.js'
import { EmbeddedPostgres, type EmbeddedPostgresOptions } from '../../lib/embedded-postgres/embedded-postgres.js'

let root: string
let folder: EmbeddedFolder
const closers: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sluice-seat-'))
  folder = await prepareFolder(root)
})

/** Data that were closed well. */
const useMadeData = () => copyMadeData(folder.home)

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  await rm(root, { recursive: true, force: true })
})

function newSeat(options: Partial<EmbeddedPostgresOptions> = {}): EmbeddedPostgres {
  const seat = new EmbeddedPostgres({
    folder,
    logger: silentLogger,
    progress: silentLogger,
    prepare: async () => {},
    ...options,
  })
  closers.push(() => seat.close())
  return seat
}

async function newClient(port = 5432): Promise<Client> {
  const client = new Client({ host: folder.sockets, port, user: 'postgres', database: 'postgres' })
  client.on('error', () => {}) // Cut off when the owner leaves; the next query says so.
  await client.connect()
  closers.push(() => client.end().catch(() => {}))
  return client
}

/** One query over a connection of its own. */
async function ask(sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = await newClient()
  const { rows } = await client.query(sql)
  await client.end()
  return rows
}

const settled = (promise: Promise<unknown>, ms: number) =>
  Promise.race([promise.then(() => true), delay(ms, false, { ref: false })])

describe('the owner of an embedded Postgres', () => {
  beforeEach(useMadeData)

  it('serves a database that only its user can reach', async () => {
    const seat = newSeat()
    await seat.ensureServed()
    expect(seat.owning).toBe(true)
    expect(await ask('select 1 as one')).toEqual([{ one: 1 }])
    expect((await lstat(folder.home)).mode & 0o777).toBe(0o700)
    expect(existsSync(join(folder.home, 'unpacking'))).toBe(false)
    expect(existsSync(join(folder.home, '..', '.gitignore'))).toBe(true)
  })

  it('is one of many that open at the same moment, again and again', async () => {
    for (let round = 0; round < fullSize(2, 10); round++) {
      const seats = Array.from({ length: 6 }, () => newSeat())
      await Promise.all(seats.map((seat) => seat.ensureServed()))
      expect(seats.filter((seat) => seat.owning)).toHaveLength(1)
      expect(await ask('select 1 as one')).toEqual([{ one: 1 }])
      await Promise.all(seats.map((seat) => seat.close()))
      // All of their sockets are gone, and so is the name that clients use.
      expect((await readdir(folder.sockets)).filter((name) => name.startsWith('.s.PGSQL'))).toEqual([])
    }
  })

  it('leaves its data to the next one, whatever a transaction was doing', async () => {
    const first = newSeat()
    await first.ensureServed()
    await ask('create table numbers (n int); insert into numbers values (1)')
    const busy = await newClient()
    await busy.query('begin; insert into numbers values (2)')
    const second = newSeat()
    await second.ensureServed()
    expect(second.owning).toBe(false)
    await first.close()
    await expect(busy.query('commit')).rejects.toThrow()
    await second.ensureServed()
    expect(second.owning).toBe(true)
    expect(await ask('select n from numbers')).toEqual([{ n: 1 }])
  })

  it('lets a transaction under way commit before it leaves', async () => {
    const seat = newSeat()
    await seat.ensureServed()
    await ask('create table numbers (n int)')
    const busy = await newClient()
    await busy.query('begin')
    const closing = seat.close()
    await busy.query('insert into numbers values (2)')
    await busy.query('commit')
    await closing
    await newSeat().ensureServed()
    expect(await ask('select n from numbers')).toEqual([{ n: 2 }])
  })

  it('is found only when it is prepared', async () => {
    const prepare = vi.fn(async (port: number) => {
      const client = await newClient(port)
      await client.query('create table prepared (n int)')
      await client.end()
      await expect(newClient()).rejects.toThrow()
    })
    await newSeat({ prepare }).ensureServed()
    expect(prepare).toHaveBeenCalledTimes(1)
    expect(await ask('select n from prepared')).toEqual([])
  })

  it('gives up what it claimed when preparing fails', async () => {
    await expect(
      newSeat({
        prepare: async () => {
          throw new Error('no')
        },
      }).ensureServed(),
    ).rejects.toThrow('no')
    const next = newSeat()
    await next.ensureServed()
    expect(next.owning).toBe(true)
  })

  it('stops at once when its socket is gone, so that two never write', async () => {
    const logger = { ...silentLogger, error: vi.fn() }
    const seat = newSeat({ logger })
    await seat.ensureServed()
    const client = await newClient()
    for (const name of await readdir(folder.sockets))
      if (/PGSQL\.\d{7}/.test(name)) await rm(join(folder.sockets, name))
    await expect(client.query('create table never (n int)')).rejects.toThrow()
    await vi.waitFor(() => expect(seat.owning).toBe(false))
    expect(logger.error).toHaveBeenCalledTimes(1)
    const next = newSeat()
    await next.ensureServed()
    expect(next.owning).toBe(true)
    expect(await ask(`select to_regclass('never') as never`)).toEqual([{ never: null }])
  })

  it('refuses after close, which is safe to call twice', async () => {
    const seat = newSeat()
    await seat.close()
    await seat.close()
    await expect(seat.ensureServed()).rejects.toMatchObject({ code: 'not_started' })
  })
})

describe('a claim to an embedded Postgres', () => {
  beforeEach(useMadeData)

  it('does not pass over an owner that answers but does not serve', async () => {
    const hung = createServer()
    await new Promise<void>((resolve) => hung.listen(join(folder.sockets, '.s.PGSQL.1234567'), resolve))
    const seat = newSeat({ patienceMs: 200 })
    await expect(seat.ensureServed()).rejects.toMatchObject({ code: 'store_unavailable', message: /another process/ })
    await new Promise((resolve) => hung.close(resolve))
    await seat.ensureServed()
    expect(seat.owning).toBe(true)
  })

  it('does not keep Node from resolving links to packages, as pnpm lays them out', async () => {
    const place = await realpath(await mkdtemp(join(tmpdir(), 'sluice-links-')))
    onTestFinished(() => rm(place, { recursive: true, force: true }))
    await mkdir(join(place, 'node_modules'))
    await writeFile(join(place, 'package.js'), '')
    for (const link of ['one.js', 'two.js', 'three.js', 'four.js'])
      await symlink(join(place, 'package.js'), join(place, 'node_modules', link))
    const { resolve } = createRequire(join(place, 'application.js'))
    // Node remembers the folders above, and the last plain stat, which must not be one of a socket from here on.
    resolve('one.js')
    const { sockets } = await prepareFolder(place)
    statSync(place)
    const claim = await tryToOwn(sockets)

    expect(resolve('two.js')).toBe(join(place, 'package.js'))
    expect(claim?.holds()).toBe(true)
    expect(resolve('three.js')).toBe(join(place, 'package.js'))
    await claim?.release()
    expect(resolve('four.js')).toBe(join(place, 'package.js'))
  })

  it('is not hindered by the socket files of dead processes', async () => {
    // A file nobody listens on refuses like the socket of a process that was killed.
    await writeFile(join(folder.sockets, '.s.PGSQL.7654321'), '')
    await writeFile(join(folder.sockets, '.s.PGSQL.5432'), '')
    const seat = newSeat()
    await seat.ensureServed()
    expect(seat.owning).toBe(true)
    expect(existsSync(join(folder.sockets, '.s.PGSQL.7654321'))).toBe(false)
  })
})

describe('the data folder of an embedded Postgres', () => {
  it('is made anew where the first start was killed half-way', async () => {
    await mkdir(join(folder.home, 'data', 'base'), { recursive: true })
    await writeFile(join(folder.home, 'data', 'PG_VERSION'), '18\n')
    await writeFile(join(folder.home, 'unpacking'), '')
    await newSeat().ensureServed()
    expect(await ask('select 1 as one')).toEqual([{ one: 1 }])
  })

  it('that is damaged is left alone, and the error says what to do', async () => {
    await mkdir(join(folder.home, 'data'))
    await writeFile(join(folder.home, 'data', 'PG_VERSION'), '18\n')
    await expect(newSeat().ensureServed()).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringMatching(/cannot be opened.*move that folder away/),
    })
    expect(existsSync(join(folder.home, 'data', 'PG_VERSION'))).toBe(true)
  })

  it('too deep for a socket has its sockets in a short folder that is the same for all', async () => {
    const deep = join(root, 'x'.repeat(120))
    await mkdir(deep)
    const long = await prepareFolder(deep)
    closers.push(() => rm(long.sockets, { recursive: true, force: true }))
    expect(long.home.startsWith(deep)).toBe(true)
    expect(long.sockets.length).toBeLessThan(60)
    expect((await lstat(long.sockets)).mode & 0o777).toBe(0o700)
    expect(await prepareFolder(deep)).toEqual(long)
    folder = long
    await useMadeData()
    await newSeat().ensureServed()
    expect(await ask('select 1 as one')).toEqual([{ one: 1 }])
  })

  it('that other users could read is closed to them', async () => {
    await chmod(folder.home, 0o755)
    await prepareFolder(root)
    expect((await lstat(folder.home)).mode & 0o777).toBe(0o700)
  })

  it('that is no folder is refused', async () => {
    await rm(folder.home, { recursive: true })
    await writeFile(folder.home, '')
    await expect(prepareFolder(root)).rejects.toMatchObject({ code: 'store_unavailable' })
  })

  it.runIf(process.getuid?.() === 0)('of another user is refused', async () => {
    const { chown } = await import('node:fs/promises')
    await chown(folder.home, 65534, 65534)
    await expect(prepareFolder(root)).rejects.toMatchObject({ code: 'store_unavailable', message: /uid 65534/ })
  })
})

describe('an engine that breaks', () => {
  beforeEach(useMadeData)

  it.each([
    ['COPY FROM STDIN', 'copy numbers from stdin'],
    ['an overflow of the stack', 'select deep(1)'],
  ])('by %s stops for its clients, keeps what was committed and is started again', async (_, breaking) => {
    const seat = newSeat()
    await seat.ensureServed()
    await ask(`create table numbers (n int); insert into numbers values (1);
      create function deep(i int) returns int language plpgsql as $$ begin return deep(i + 1); end $$`)
    const [breaker, other] = [await newClient(), await newClient()]
    await expect(breaker.query(breaking)).rejects.toThrow()
    await vi.waitFor(() => expect(seat.owning).toBe(false))
    expect(
      await settled(
        other.query('select 1').catch(() => {}),
        5_000,
      ),
    ).toBe(true)
    await seat.ensureServed()
    expect(await ask('select n from numbers')).toEqual([{ n: 1 }])
  })
})
