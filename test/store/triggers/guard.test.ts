// Triggers that are lost, told apart from those that are as they should be, and made anew.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../lib/log.js'
import { compareTriggers, faultText } from '../../../lib/store/triggers/guard.js'
import { definitionsAfter } from '../../../lib/store/triggers/guard-definitions.js'
import { foundSql, readFound } from '../../../lib/store/triggers/guard-found.js'
import { guardFunctions, guardTriggers } from '../../../lib/store/triggers/guard-sql.js'
import { migrate } from '../../../lib/store/migrations/migrate.js'
import { readMigrations } from '../../../lib/store/migrations/files.js'
import { PostgresStore } from '../../../lib/store/postgres/store.js'
import { recordUntracked } from '../../../lib/store/postgres/table-names.js'
import { here } from '../../contract/changes.js'
import { changeOf } from '../../support/change.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'
import { type Guarded, guardedEmbedded, guardedPostgres, mainLosses, otherLosses, tables } from './losses.js'

const write = `insert into feature_gates (feature_key, key, value) values ('a', 'actors', 'User:' || random())`

// One database for all: to make or to open it takes longer than to lose and repair its triggers, and each test leaves it sound. One that
// fails leaves a database that is broken, which is not the next one's fault.
describe.each([
  ['Postgres', () => guardedPostgres({ pooled: true }), [...mainLosses, ...otherLosses]],
  ['an embedded Postgres', () => guardedEmbedded(), mainLosses],
] as const)('the guard of %s', (_, make, losses) => {
  let guarded: Guarded
  beforeAll(async () => {
    guarded = await make()
  })
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return
    await guarded.close()
    guarded = await make()
  })
  afterAll(() => guarded.close())

  it.each(losses)('tells when %s, and migrate repairs it', async (_, sql, faults) => {
    const { store, connection } = guarded
    await guarded.sql(write)
    const before = await store.head(null)
    await guarded.sql(sql)
    const lost = await store.head(before.position)
    expect(lost.guard).not.toBe(before.guard)
    expect((await store.readSince(null)).guard).toBe(lost.guard)
    const report = await store.inspectTriggers()
    expect({ ...report, faults: report.faults.map(faultText) }).toEqual({ state: 'broken', faults })

    const { repaired, ...rest } = await migrate({ connection, tables })
    expect(repaired).toEqual(faults)
    expect(rest).toMatchObject({ applied: [], newer: [] })
    expect(await store.inspectTriggers()).toEqual({ state: 'sound', faults: [] })
    expect((await store.readSince(before.position)).delta).toBeNull()
    // The position of the repair is in no history either: the change after it costs everyone one more whole read.
    await guarded.sql(write)
    const from = await here(store)
    await guarded.sql(write)
    const { delta } = await store.readSince(from)
    expect(delta?.via).toHaveLength(1)
    expect([...(delta?.changed.keys() ?? [])]).toEqual(['a'])
    const recorded = `select count(*)::int as rows from feature_history where version > ${from.version}`
    expect(await guarded.sql(recorded)).toEqual([{ rows: 1 }])
    // No delta leads over the repair, also once there were changes after it.
    expect((await store.readSince(before.position)).delta).toBeNull()

    const again = await here(store)
    expect((await migrate({ connection, tables })).repaired).toEqual([])
    expect(await here(store)).toEqual(again)
  })

  it('finds nothing wrong with triggers that also fire on replicas, and a repair leaves them so', async () => {
    const { store, connection } = guarded
    await guarded.sql('alter table features enable always trigger feature_history_record')
    expect(await store.inspectTriggers()).toEqual({ state: 'sound', faults: [] })
    await guarded.sql('drop trigger feature_history_record on feature_gates')
    await migrate({ connection, tables })
    const states = `select tgenabled::text as state from pg_trigger where tgname = 'feature_history_record' order by 1`
    expect(await guarded.sql(states)).toEqual([{ state: 'A' }, { state: 'O' }])
  })

  it('finds nothing wrong with triggers and functions of others', async () => {
    const { store } = guarded
    await guarded.sql(`
      create function audit() returns trigger language plpgsql as $$ begin return null; end $$;
      create trigger audit after insert on features for each row execute function audit()`)
    expect(await store.inspectTriggers()).toEqual({ state: 'sound', faults: [] })
  })
})

describe('the guard', () => {
  let database: TestDatabase
  let store: PostgresStore
  beforeEach(async () => {
    database = await createDatabase()
    store = new PostgresStore({ connection: { connectionString: database.url }, tables, logger: silentLogger })
  })
  afterEach(async () => {
    await store.close()
    await database.close()
  })
  const connection = () => ({ connectionString: database.url })

  it('names the functions and triggers that the SQL files make', () => {
    const names = { schema: 's', features: 'f', gatesSchema: 's', gates: 'g' }
    const files = readMigrations()
    const current = definitionsAfter(files, names).at(-1)
    expect([...(current?.functions.keys() ?? [])]).toEqual(Object.keys(guardFunctions))
    expect(new Set([...(current?.triggers.values() ?? [])].map(({ name }) => name))).toEqual(new Set(guardTriggers))
    const sql = files.map((file) => file.sql).join('\n')
    const isCalled = (name: string) => name === recordUntracked
    const made = [...sql.matchAll(/create or replace function :schema\.(feature_\w+)/g)].map(([, name = '']) => name)
    expect(current?.functions.size).toBe(new Set(made.filter((name) => !isCalled(name))).size)
    expect(current?.triggers.size).toBe(sql.match(/^create (constraint )?trigger feature_/gm)?.length)
  })

  it('believes a newer version, whatever it finds, and migrate replaces nothing there', async () => {
    await database.query(`
      insert into feature_migrations (name) values ('999999-future');
      drop trigger feature_history_record on features`)
    expect(await store.inspectTriggers()).toEqual({ state: 'newer', faults: [] })
    const before = await here(store)
    expect(await migrate({ connection: connection(), tables })).toMatchObject({
      newer: ['999999-future'],
      repaired: [],
    })
    expect(await here(store)).toEqual(before)
    expect(await database.query(`select from pg_trigger where tgname = 'feature_history_record'`)).toHaveLength(1)
  })

  it('names triggers of others that call our functions in one order, wherever the catalog has them', async () => {
    await database.query(`
      create table z (like features); create table b (like features);
      create trigger two after insert on b for each row execute function feature_flag_changed();
      create trigger one after insert on z for each row execute function feature_flag_changed();
      create trigger one after insert on b for each row execute function feature_flag_changed()`)
    const names = { schema: 'public', features: 'features', gatesSchema: 'public', gates: 'feature_gates' }
    const [row] = await database.query(foundSql(names))
    const found = readFound(JSON.parse(String(row?.['answer'])))
    const places = ['one on public.b', 'two on public.b', 'one on public.z']
    const faults = places.map((place) => `trigger ${place} (altered)`)
    expect(compareTriggers(found, readMigrations(), names).map(faultText)).toEqual(faults)
    const turned = { ...found, triggers: found.triggers.toReversed() }
    expect(compareTriggers(turned, readMigrations(), names).map(faultText)).toEqual(faults)
  })

  it('tells what an earlier migration made from what is altered or missing', async () => {
    const names = { schema: 'public', features: 'features', gatesSchema: 'public', gates: 'feature_gates' }
    const [row] = await database.query(foundSql(names))
    const found = readFound(JSON.parse(String(row?.['answer'])))
    const later = {
      name: '000009-later',
      sql: `create or replace function :schema.feature_gate_changed() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, :schema, pg_temp
as $$ begin return new; end $$;

create or replace function :schema.feature_new() returns trigger
language plpgsql
as $$ begin return new; end $$;

create trigger feature_new
after insert on :gates
for each row execute function :schema.feature_new();
`,
    }
    const files = [...readMigrations(), later]
    expect(compareTriggers(found, files, names).map(faultText)).toEqual([
      'function feature_gate_changed (older)',
      'function feature_new (older)',
      'trigger feature_new on public.feature_gates (older)',
    ])
    const [first, ...others] = found.triggers
    const less = { ...found, triggers: others }
    const kinds = compareTriggers(less, files, names).map(({ kind, name }) => `${kind} ${name}`)
    expect(kinds).toContain(`missing ${first?.name}`)
    expect(kinds).toContain('older feature_gate_changed')
    expect(kinds).toContain('missing feature_new')
  })

  it('works for a role that may not read the names of the migrations', async () => {
    const role = `poor_${process.pid}_guard`
    await database.query(`
      create role ${role} login;
      grant select on features, feature_gates, feature_state, feature_history to ${role}`)
    const url = new URL(database.url)
    url.username = role
    const poor = new PostgresStore({ connection: { connectionString: url.href }, tables, logger: silentLogger })
    expect(await poor.inspectTriggers()).toEqual({ state: 'sound', faults: [] })
    expect((await poor.head(null)).guard).toBe((await store.head(null)).guard)
    await database.query('drop trigger feature_history_record on features')
    expect(await poor.inspectTriggers()).toMatchObject({ state: 'broken' })
    await poor.close()
    await database.query(`drop owned by ${role}; drop role ${role}`)
  })

  it('tells a session that counts itself a replica, whose writes fire no triggers', async () => {
    const before = await store.head(null)
    const name = new URL(database.url).pathname.slice(1)
    await database.query(`alter database ${name} set session_replication_role = replica`)
    const replica = new PostgresStore({ connection: connection(), tables, logger: silentLogger })
    expect((await replica.head(null)).guard).not.toBe(before.guard)
    const fault = { kind: 'disabled', what: 'setting', name: 'session_replication_role', table: null }
    expect(await replica.inspectTriggers()).toEqual({ state: 'broken', faults: [fault] })
    expect(await migrate({ connection: connection(), tables })).toMatchObject({ repaired: [], replicaRole: true })
    const applied = await replica.apply(changeOf({ feature: 'a', operation: { kind: 'enable' } }))
    expect(applied).toEqual({ changed: true, position: null })
    await replica.close()
  })

  it('finds lines that end as on Windows unaltered', async () => {
    const [row] = await database.query(`select prosrc from pg_proc where proname = 'feature_record'`)
    const body = String(row?.['prosrc']).replaceAll('\n', '\r\n')
    await database.query(`
      create or replace function feature_record(feature_key text, gate_key text, value text, operation text) returns void
      language plpgsql set search_path = pg_catalog, pg_temp as $$${body}$$`)
    expect(await store.inspectTriggers()).toEqual({ state: 'sound', faults: [] })
  })

  it('says that all is missing where the database was never migrated', async () => {
    const bare = await createDatabase({ migrated: false })
    await bare.query(`
      create table features (id bigserial, key text, created_at timestamp, updated_at timestamp);
      create table feature_gates (id bigserial, feature_key text, key text, value text, created_at timestamp, updated_at timestamp)`)
    const rails = new PostgresStore({ connection: { connectionString: bare.url }, tables, logger: silentLogger })
    expect((await rails.head(null)).guard).toBeNull()
    const { state, faults } = await rails.inspectTriggers()
    expect(state).toBe('broken')
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(['missing']))
    await rails.close()
    await bare.close()
  })
})

describe('the guard of tables with other names', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createDatabase({ migrated: false })
  })
  afterAll(() => database.close())

  it.each([
    ['in a schema whose name needs quotes', 'Flags.Features', 'Flags.gates', 'Flags.Features'],
    ['in two schemas', 'one.features', 'Two.feature_gates', 'one.features'],
    ['with names that are words of SQL', 'select.table', 'select.user', 'select.table'],
  ])('%s finds nothing wrong, tells a loss, and migrate repairs it', async (_, features, gates, shown) => {
    await database.query('create schema if not exists "Flags"; create schema if not exists one')
    await database.query('create schema if not exists "Two"; create schema if not exists "select"')
    const named = { features, gates }
    const connection = { connectionString: database.url }
    await migrate({ connection, tables: named })
    const store = new PostgresStore({ connection, tables: named, logger: silentLogger })
    expect(await store.inspectTriggers()).toEqual({ state: 'sound', faults: [] })
    const before = await store.head(null)
    const quoted = features
      .split('.')
      .map((part) => `"${part}"`)
      .join('.')
    await database.query(`drop trigger feature_history_record on ${quoted}`)
    expect((await store.head(null)).guard).not.toBe(before.guard)
    const { repaired } = await migrate({ connection, tables: named })
    expect(repaired).toEqual([`trigger feature_history_record on ${shown} (missing)`])
    expect(await store.inspectTriggers()).toEqual({ state: 'sound', faults: [] })
    await store.close()
  })
})
