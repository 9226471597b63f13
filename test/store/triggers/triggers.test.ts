// Writers that know nothing of Sluice: psql, COPY, Rails. Whatever they do, position and history must tell.
import { execFileSync } from 'node:child_process'
import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../lib/log.js'
import { PostgresStore } from '../../../lib/store/postgres/store.js'
import type { Position } from '../../../lib/state/state.js'
import type { HistoryEntry } from '../../../lib/store/store.js'
import { here } from '../../contract/changes.js'
import { changeOf } from '../../support/change.js'
import { serverBinary } from '../../support/binaries.js'
import { seededRandom } from '../../support/random.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'

describe('the triggers', () => {
  let database: TestDatabase
  let store: PostgresStore
  beforeEach(async () => {
    database = await createDatabase()
    store = new PostgresStore({
      connection: { connectionString: database.url },
      tables: { features: 'features', gates: 'feature_gates' },
      logger: silentLogger,
    })
  })
  afterEach(async () => {
    await store.close()
    await database.close()
  })
  const sql = (text: string) => database.query(text)
  const add = (feature: string, value: string) =>
    `insert into feature_gates (feature_key, key, value) values ('${feature}', 'actors', '${value}');`
  const said = async () => (await store.history({ limit: 100 })).map(shortly).reverse()

  it('record what psql writes, with the name of its user', async () => {
    const write = `begin; insert into features (key) values ('a'); ${add('a', 'User:1')} commit;`
    execFileSync(serverBinary('psql'), ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c', write, database.url])
    expect(await said()).toEqual(['1 +a', '1 +a actors User:1'])
    const [entry] = await store.history({ limit: 1 })
    expect(entry).toMatchObject({ author: 'db:postgres', source: 'sql', reason: null, changeId: null })
  })

  it('record what COPY writes', async () => {
    const copy = `copy feature_gates (feature_key, key, value) from stdin;\na\tactors\tUser:1\na\tactors\tUser:2\n\\.\n`
    execFileSync(serverBinary('psql'), ['-X', '-q', '-v', 'ON_ERROR_STOP=1', database.url], { input: copy })
    expect(await said()).toEqual(['1 +a actors User:1', '1 +a actors User:2'])
    const { items: features } = await store.readAll()
    expect(features).toEqual([{ key: 'a', gates: new Map([['actors', ['User:1', 'User:2']]]) }])
  })

  it('record an update as a row removed and a row added, and one that changes nothing not at all', async () => {
    await sql(`insert into features (key) values ('a'); ${add('a', 'User:1')}`)
    await sql(`update feature_gates set value = 'User:2'; update features set key = 'b' where key = 'a'`)
    await sql(`update feature_gates set updated_at = now(); update features set updated_at = now(), key = key`)
    expect((await said()).slice(2)).toEqual(['2 -a actors User:1', '2 +a actors User:2', '2 -a', '2 +b'])
    expect((await here(store)).version).toBe('2')
  })

  it('record TRUNCATE as rows removed', async () => {
    await sql(`insert into features (key) values ('a'); ${add('a', 'User:1')}`)
    const before = await here(store)
    await sql('truncate features, feature_gates restart identity')
    expect((await said()).slice(2).sort()).toEqual(['2 -a', '2 -a actors User:1'])
    expect((await store.readSince(before)).delta?.changed).toEqual(new Map([['a', null]]))
  })

  it('take no position for what was rolled back, wholly or to a savepoint', async () => {
    await sql(`begin; ${add('a', 'gone')} rollback`)
    await sql(
      `begin; ${add('a', 'kept')} savepoint s; ${add('a', 'gone')} set constraints all immediate; rollback to s; commit`,
    )
    expect(await said()).toEqual(['1 +a actors kept'])
    await sql(
      `begin; savepoint s; ${add('a', 'gone')} set constraints all immediate; rollback to s; ${add('b', 'kept')} commit`,
    )
    expect((await said()).slice(1)).toEqual(['2 +b actors kept'])
  })

  it('take one position for a transaction of many statements, and a new one for the next on the same connection', async () => {
    const client = new Client({ connectionString: database.url })
    await client.connect()
    await client.query(
      `begin; ${add('a', '1')} set constraints all immediate; ${add('a', '2')} delete from feature_gates; commit`,
    )
    await client.query(add('a', '3'))
    await client.query(`set sluice.position = '1 1 00000000-0000-0000-0000-000000000000'; ${add('a', '4')}`)
    await client.end()
    expect((await said()).map((line) => line.split(' ')[0])).toEqual(['1', '1', '1', '1', '2', '3'])
  })

  it('record 10,000 actors of one statement under one position', async () => {
    await sql(
      `insert into feature_gates (feature_key, key, value) select 'a', 'actors', 'User:' || n from generate_series(1, 10000) n`,
    )
    expect((await here(store)).version).toBe('1')
    expect(await sql('select count(*)::int as count from feature_history')).toEqual([{ count: 10_000 }])
  })

  it('go on when the row of the state was deleted', async () => {
    await sql(add('a', '1'))
    const before = await here(store)
    await sql('delete from feature_state')
    expect((await store.head(before)).position).toBeNull()
    await sql(add('a', '2'))
    const head = await store.head(before)
    expect(head.position).not.toEqual(before)
    expect((await store.readSince(before)).delta).toBeNull()
  })

  it('cannot be called, nor position and history be written, by a role with the granted rights', async () => {
    const denied = [
      `update feature_state set version = 0`,
      `insert into feature_history (version, nonce, feature_key, operation, author, source) values (0, gen_random_uuid(), 'a', 'added', 'me', 'sql')`,
      `delete from feature_history`,
      `select feature_next_position()`,
      `select feature_record('a', null, null, 'added')`,
    ]
    await sql(`
      create role granted_${process.pid};
      grant select, insert, update, delete on features, feature_gates to granted_${process.pid};
      grant select on feature_state, feature_history to granted_${process.pid}`)
    for (const statement of denied) {
      await expect(sql(`set role granted_${process.pid}; ${statement}`)).rejects.toThrow('permission denied')
    }
    await sql(`set role granted_${process.pid}; ${add('a', 'User:1')}`)
    expect(await said()).toEqual(['1 +a actors User:1'])
    await sql(`drop owned by granted_${process.pid}; drop role granted_${process.pid}`)
  })

  it('lose no change and cause no deadlock, with 16 writers, TRUNCATE and a reader that follows', async () => {
    await sql(add('shared', 'row'))
    const start = await here(store)
    const follower = follow(store, start)
    const faults = await Promise.all(Array.from({ length: 16 }, (_, index) => writeAtRandom(database.url, index)))
    const { seen, last } = await follower.finish()
    const all = await sql('select distinct version::text as version from feature_history')
    expect(faults.flat()).toEqual([])
    expect(all).toHaveLength(1 + 16 * 20)
    expect(all.filter((row) => !seen.has(String(row['version'])))).toEqual([{ version: start.version }])
    expect(last).toEqual(await here(store))
  })
})

function shortly({ position, operation, feature, gate, value }: HistoryEntry): string {
  const row = [feature, gate, value].filter((part) => part !== null).join(' ')
  return `${position.version} ${operation === 'added' ? '+' : '-'}${row}`
}

/**
 * Transactions whose statements come in random order. They share one row, which none of the triggers looks at, so that
 * a trigger that locked the state's row before the end of the transaction would deadlock.
 */
async function writeAtRandom(url: string, writer: number): Promise<string[]> {
  const random = seededRandom(writer)
  const client = new Client({ connectionString: url })
  await client.connect()
  const faults: string[] = []
  for (let round = 0; round < 20; round++) {
    const statements = [
      `update feature_gates set updated_at = now() where feature_key = 'shared'`,
      `insert into feature_gates (feature_key, key, value) values ('a', 'actors', '${writer}/${round}')`,
      `delete from feature_gates where value = '${writer}/${round - 1}'`,
      ...(writer === 0 ? ['truncate features'] : []),
    ]
    try {
      await client.query('begin')
      for (const statement of random.shuffled(statements)) {
        await client.query(statement)
        await client.query(`select pg_sleep(${random.next() * 0.002})`)
      }
      await client.query('commit')
    } catch (error) {
      faults.push(String(error))
      await client.query('rollback')
    }
  }
  await client.end()
  return faults
}

/** Reads what changed since, again and again, and notes every position passed. */
function follow(store: PostgresStore, start: Position) {
  const seen = new Set<string>()
  let mine = start
  let finishing = false
  const step = async () => {
    const { delta } = await store.readSince(mine)
    for (const position of delta?.via ?? []) seen.add(position.version)
    mine = delta?.position ?? mine
  }
  const running = (async () => {
    while (!finishing) await step()
    await step()
  })()
  const finish = async () => {
    finishing = true
    await running
    return { seen, last: mine }
  }
  return { finish }
}

describe('a change of the store', () => {
  it('is seen in the same position by a reader of the history in SQL', async () => {
    const database = await createDatabase()
    const store = new PostgresStore({
      connection: { connectionString: database.url },
      tables: { features: 'features', gates: 'feature_gates' },
      logger: silentLogger,
    })
    const { position } = await store.apply(changeOf({ feature: 'a', operation: { kind: 'enable' } }))
    const rows = await database.query('select version::text, nonce::text from feature_state')
    expect(rows).toEqual([position])
    await store.close()
    await database.close()
  })
})
