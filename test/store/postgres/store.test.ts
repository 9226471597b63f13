// What is particular to Postgres: databases that are not ours alone, and faults of the server.

import { Client } from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { silentLogger } from '../../../lib/log.js'
import { digestOf } from '../../../lib/state/digest.js'
import { migrate } from '../../../lib/store/migrations/migrate.js'
import { PostgresStore, type PostgresStoreOptions } from '../../../lib/store/postgres/store.js'
import { unique } from '../../contract/changes.js'
import { changeOf } from '../../support/change.js'
import { seededRandom } from '../../support/random.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'
import { systemClock } from '../../../lib/time/clock.js'

const tables = { features: 'features', gates: 'feature_gates' }
const enable = (feature: string) => changeOf({ feature, operation: { kind: 'enable' } })

function open(url: string, options: Partial<PostgresStoreOptions> = {}): PostgresStore {
  return new PostgresStore({ connection: { connectionString: url }, tables, logger: silentLogger, ...options })
}

describe('a database without our own tables', () => {
  let database: TestDatabase
  let store: PostgresStore
  beforeEach(async () => {
    database = await createDatabase({ migrated: false })
    store = open(database.url)
  })
  afterEach(async () => {
    await store.close()
    await database.close()
  })

  it('with none of the two tables either, is reported as not migrated, until it is', async () => {
    for (const use of [
      () => store.head(null),
      () => store.readAll(),
      () => store.readSince(null, { digest: true }),
      () => store.inspectTriggers(),
      () => store.apply(enable('a')),
    ]) {
      await expect(use()).rejects.toMatchObject({ code: 'not_migrated', message: expect.stringContaining('migrate') })
    }
    await migrate({ connection: { connectionString: database.url }, tables })
    expect((await store.apply(enable('a'))).position?.version).toBe('1')
  })

  it('works without position and history, and has both as soon as it is migrated', async () => {
    await makeRailsTables(database)
    expect(await store.apply(enable('a'))).toEqual({ changed: true, position: null })
    const feature = { key: 'a', gates: new Map([['boolean', ['true']]]) }
    const state = await store.readAll({ digest: true })
    const nowhere = { position: null, identity: null, inRecovery: false }
    expect(state).toEqual({ ...nowhere, items: [feature], digest: await digestOf([feature]) })
    expect(await store.head({ version: '1', nonce: crypto.randomUUID() })).toMatchObject({
      position: null,
      known: false,
    })
    for (const from of [null, { version: '1', nonce: crypto.randomUUID() }]) {
      expect(await store.readSince(from, { also: ['a', 'b'], most: 0, digest: true })).toEqual({
        ...nowhere,
        guard: null,
        delta: null,
        leftOut: [],
        also: new Map([
          ['a', feature],
          ['b', null],
        ]),
        digest: state.digest,
      })
    }
    await expect(store.history({ limit: 1 })).rejects.toMatchObject({ code: 'not_migrated' })
    await expect(store.tokens.list()).rejects.toMatchObject({ code: 'not_migrated' })
    await migrate({ connection: { connectionString: database.url }, tables })
    expect((await store.apply(enable('b'))).position?.version).toBe('1')
    expect(await store.history({ limit: 1 })).toHaveLength(1)
  })

  it('works for a role that may not read our tables, and its changes are still recorded', async () => {
    await migrate({ connection: { connectionString: database.url }, tables })
    const role = `poor_${process.pid}`
    await database.query(`
      create role ${role} login;
      grant select, insert, update, delete on features, feature_gates to ${role};
      grant usage on all sequences in schema public to ${role}`)
    const url = new URL(database.url)
    url.username = role
    const poor = open(url.href)
    expect(await poor.apply(enable('a'))).toEqual({ changed: true, position: null })
    expect((await poor.readAll()).position).toBeNull()
    expect(await store.history({ limit: 1 })).toMatchObject([{ feature: 'a', author: 'tester' }])
    await poor.close()
    await database.query(`drop owned by ${role}; drop role ${role}`)
  })

  it('reads null as empty text, keeps duplicates and gates it does not know, and gates without a feature', async () => {
    await database.query(`
      create table features (id serial, key text, created_at timestamp, updated_at timestamp);
      create table feature_gates (id serial, feature_key text, key text, value text, created_at timestamp, updated_at timestamp);
      insert into features (key) values ('odd');
      insert into feature_gates (feature_key, key, value) values
        ('odd', 'boolean', null), ('odd', 'percentage_of_time', 'TRUE'), ('odd', 'percentage_of_time', '5'),
        ('odd', 'expression', '{}'), ('alone', 'actors', 'User:1'), ('alone', 'actors', 'User:1')`)
    const { items: features, digest } = await store.readAll({ digest: true })
    expect(features).toEqual([
      { key: 'alone', gates: new Map([['actors', ['User:1', 'User:1']]]) },
      {
        key: 'odd',
        gates: new Map([
          ['boolean', ['']],
          ['expression', ['{}']],
          ['percentage_of_time', ['5', 'TRUE']],
        ]),
      },
    ])
    expect(digest).toBe(await digestOf(features))
    await store.apply(enable('odd'))
    await store.apply(changeOf({ feature: 'alone', operation: { kind: 'drop', gate: 'actors', values: ['User:1'] } }))
    expect((await store.readAll()).items).toEqual([
      { key: 'alone', gates: new Map() },
      { key: 'odd', gates: new Map([['boolean', ['true']]]) },
    ])
  })
})

describe('a server with faults', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createDatabase()
  })
  afterEach(() => database.close())

  it('that cannot be reached is reported without the password', async () => {
    const store = open('postgres://user:hunter2@127.0.0.1:1/flags')
    const failed = store.head(null)
    await expect(failed).rejects.toMatchObject({ name: 'StoreUnavailable', code: 'store_unavailable' })
    await expect(failed).rejects.toThrow('"127.0.0.1:1/flags"')
    await expect(failed).rejects.not.toThrow('hunter2')
    await store.close()
  })

  it('that has no such database or role is reported as not usable', async () => {
    const url = new URL(database.url)
    url.pathname = '/nowhere'
    const store = open(url.href)
    await expect(store.head(null)).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('nowhere'),
    })
    await store.close()
  })

  it('that is read-only is reported as such, and is still read', async () => {
    await database.query(
      `alter database ${new URL(database.url).pathname.slice(1)} set default_transaction_read_only = on`,
    )
    const store = open(database.url)
    await expect(store.apply(enable('a'))).rejects.toMatchObject({
      code: 'store_unavailable',
      message: expect.stringContaining('read-only'),
    })
    expect((await store.readAll()).items).toEqual([])
    await store.close()
  })

  it('that ends idle connections does no harm', async () => {
    const store = open(database.url)
    await store.head(null)
    await database.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
    await vi.waitFor(async () => expect((await store.head(null)).position?.version).toBe('0'), 5_000)
    await store.close()
  })

  it('that refuses a statement is reported with what it said, and nothing is written', async () => {
    const store = open(database.url)
    const random = seededRandom()
    const tooLong = [...Array(5_000)].map(() => String.fromCodePoint(0x4e00 + random.below(20_000))).join('')
    const refused = changeOf(
      { feature: 'a', operation: { kind: 'enable' } },
      { feature: 'b', operation: { kind: 'add', gate: 'actors', values: [tooLong] } },
    )
    await expect(store.apply(refused)).rejects.toMatchObject({
      code: 'store_rejected',
      message: expect.stringContaining('index'),
    })
    expect((await store.readAll()).items).toEqual([])
    expect((await store.apply(enable('canary'))).changed).toBe(true)
    await store.close()
  })

  it('whose rows are locked by another writer is given up after a while', async () => {
    const store = open(database.url, { times: { lockMs: 100 } })
    await store.apply(enable('a'))
    const other = new Client({ connectionString: database.url })
    await other.connect()
    await other.query(`begin; select from features for update`)
    await expect(store.apply(changeOf({ feature: 'a', operation: { kind: 'disable' } }))).rejects.toMatchObject({
      code: 'store_conflict',
    })
    await other.query('rollback')
    await other.end()
    expect((await store.apply(changeOf({ feature: 'a', operation: { kind: 'disable' } }))).changed).toBe(true)
    await store.close()
  })

  it.each([
    ['succeeds after three transactions lost', 3, { changed: true }],
    ['is given up after the fourth', 4, null],
  ])('that says "serialization failure": a change %s', async (_, failures, outcome) => {
    await database.query(`
      create sequence attempts;
      create function lose() returns trigger language plpgsql as $$
      begin
        if nextval('attempts') <= ${failures} then raise serialization_failure; end if;
        return new;
      end $$;
      create trigger lose before insert on feature_gates for each row execute function lose()`)
    const store = open(database.url, { clock: { ...systemClock, random: () => 0 } })
    const feature = unique()
    const applied = store.apply(enable(feature))
    if (outcome === null) await expect(applied).rejects.toMatchObject({ code: 'store_conflict' })
    else await expect(applied).resolves.toMatchObject(outcome)
    expect((await store.readAll()).items).toHaveLength(outcome === null ? 0 : 1)
    await store.close()
  })

  it('is not asked once the store is closed', async () => {
    const store = open(database.url)
    await store.close()
    await expect(store.head(null)).rejects.toMatchObject({ code: 'not_started' })
    await expect(store.apply(enable('a'))).rejects.toMatchObject({ code: 'not_started' })
  })
})

async function makeRailsTables(database: TestDatabase): Promise<void> {
  await database.query(`
    create table features (id bigserial primary key, key varchar not null unique, created_at timestamp not null, updated_at timestamp not null);
    create table feature_gates (
      id bigserial primary key, feature_key varchar not null, key varchar not null, value varchar,
      created_at timestamp not null, updated_at timestamp not null, unique (feature_key, key, value)
    )`)
}

describe('connections', () => {
  const url = () => `${database.url}${database.url.includes('?') ? '&' : '?'}application_name=idle_test`
  let database: TestDatabase
  let watcher: Client
  let store: PostgresStore
  beforeEach(async () => {
    database = await createDatabase()
    watcher = new Client(database.url)
    await watcher.connect()
  })
  afterEach(async () => {
    await store.close()
    await watcher.end()
    await database.close()
  })
  const count = async () => {
    const counted = "select count(*)::int as n from pg_stat_activity where application_name = 'idle_test'"
    return (await watcher.query<{ n: number }>(counted)).rows[0]?.n
  }

  it('are closed right after a read, so that a thousand processes do not hold a thousand', async () => {
    store = open(url(), { closeIdleAfterMs: 10, closeIdleAfterWriteMs: 60_000 })
    await store.head(null)
    await vi.waitFor(async () => expect(await count()).toBe(0), { timeout: 5_000 })
  })

  it('are kept for a while after a write, which others mostly follow', async () => {
    store = open(url(), { closeIdleAfterMs: 10, closeIdleAfterWriteMs: 60_000 })
    await store.apply(enable('a'))
    await store.head(null)
    await new Promise((resume) => setTimeout(resume, 200))
    expect(await count()).toBe(1)
  })
})
