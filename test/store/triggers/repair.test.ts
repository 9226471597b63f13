// Databases that came from a dump, or from a part of one.
import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../lib/log.js'
import { migrate } from '../../../lib/store/migrations/migrate.js'
import { PostgresStore } from '../../../lib/store/postgres/store.js'
import { here } from '../../contract/changes.js'
import { changeOf } from '../../support/change.js'
import { serverBinary } from '../../support/binaries.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'
import { tables } from './losses.js'

const projectTables = [
  ...['directory', 'flags', 'user_lists', 'instance_ids', 'history', 'state', 'positions'],
  ...['clients', 'counts', 'report_batches'],
].map((name) => `table public.project_${name} (missing)`)
const triggersMissing = [
  ...['next_position', 'record', 'flag_changed', 'gate_changed', 'rows_truncated', 'history_settle'].map(
    (name) => `function feature_${name} (missing)`,
  ),
  'trigger feature_history_record on public.features (missing)',
  'trigger feature_history_truncate on public.features (missing)',
  'trigger feature_history_record on public.feature_gates (missing)',
  'trigger feature_history_truncate on public.feature_gates (missing)',
  'trigger feature_history_settle on public.feature_history (missing)',
]

const allMissing = [...projectTables, ...triggersMissing]

const enable = (feature: string) => changeOf({ feature, operation: { kind: 'enable' } })

describe('a database restored from a dump of the tables alone', () => {
  let source: TestDatabase
  let copy: TestDatabase
  let store: PostgresStore
  beforeAll(async () => {
    source = await createDatabase()
    await source.query(`
      insert into features (key) values ('a');
      insert into feature_gates (feature_key, key, value) values ('a', 'actors', 'User:1'), ('a', 'actors', 'User:2')`)
  })
  afterAll(() => source.close())
  beforeEach(async () => {
    copy = await createDatabase({ migrated: false })
    store = new PostgresStore({ connection: connection(), tables, logger: silentLogger })
  })
  afterEach(async () => {
    await store.close()
    await copy.close()
  })
  const connection = () => ({ connectionString: copy.url })
  const repair = async () => (await migrate({ connection: connection(), tables })).repaired
  /** No test changes the source. */
  const dumps = new Map<string, Buffer>()
  const dumped = (options: readonly string[]) => {
    const known = dumps.get(options.join(' '))
    if (known !== undefined) return known
    const dump = execFileSync(serverBinary('pg_dump'), [...options, '-d', source.url])
    dumps.set(options.join(' '), dump)
    return dump
  }
  /** `psql` goes on after the errors about functions that are not there, as people let it. */
  const restore = (...options: string[]) => {
    const dump = dumped(options)
    execFileSync(serverBinary('psql'), ['-X', '-q', copy.url], { input: dump, stdio: ['pipe', 'ignore', 'ignore'] })
  }
  /** What follows a position in the copy is told by its history again. */
  const expectSound = async () => {
    expect(await store.inspectTriggers()).toEqual({ state: 'sound', faults: [] })
    await store.apply(enable('canary'))
    const from = await here(store)
    const { position, changed } = await store.apply(enable('b'))
    expect(changed).toBe(true)
    const { delta } = await store.readSince(from)
    expect(delta).toMatchObject({ position, via: [position] })
    expect(delta?.changed.has('b')).toBe(true)
    await copy.query('truncate feature_gates')
    expect((await store.readSince(position)).delta?.changed.has('b')).toBe(true)
  }

  it('gets the keys back that a dump without its last section lacks', async () => {
    restore('--section=pre-data', '--section=data')
    expect(await repair()).toContain('primary key of public.feature_state (missing)')
    await expectSound()
    expect(await repair()).toEqual([])
  })

  it('tells that its triggers are missing, and that a change is stored and not in the history', async () => {
    restore('-t', 'public.feature*')
    const { state, faults } = await store.inspectTriggers()
    expect(state).toBe('broken')
    expect(faults).toHaveLength(triggersMissing.length)
    const before = await here(store)
    expect(await store.apply(enable('b'))).toEqual({ changed: true, position: null })
    expect(await here(store)).toEqual(before)
    const { delta, also } = await store.readSince(before, { also: ['b'] })
    expect(delta?.changed.size).toBe(0)
    expect(also.get('b')?.gates).toEqual(new Map([['boolean', ['true']]]))
  })

  it('is repaired by migrate as a whole, and keeps rows, indices, defaults and constraints', async () => {
    restore('-t', 'public.feature*')
    await copy.query('create index mine on feature_gates (value); alter table features add column note text default 7')
    const shape = await shapeOf(copy)
    const content = (await store.readAll({ digest: true })).digest
    const before = await here(store)
    expect(await repair()).toEqual(allMissing)
    expect(await shapeOf(copy)).toEqual(shape)
    expect((await store.readAll({ digest: true })).digest).toBe(content)
    expect((await store.readSince(before)).delta).toBeNull()
    expect(await repair()).toEqual([])
    await expectSound()
  })

  it.each([
    ['without comments', ['-t', 'public.feature*', '--no-comments'], allMissing],
    ['without rows, so that the state has none', ['-t', 'public.feature*', '--schema-only'], allMissing],
    [
      'without the gates',
      ['-t', 'public.feature*', '-T', 'public.feature_gates'],
      ['table public.feature_gates (missing)'],
    ],
    ['without the features', ['-t', 'public.feature_*'], ['table public.features (missing)']],
    [
      'without the state',
      ['-t', 'public.feature*', '-T', 'public.feature_state'],
      ['table public.feature_state (missing)'],
    ],
    [
      'without the history',
      ['-t', 'public.feature*', '-T', 'public.feature_history'],
      ['table public.feature_history (missing)'],
    ],
    [
      'without the tokens',
      ['-t', 'public.feature*', '-T', 'public.feature_tokens'],
      ['table public.feature_tokens (missing)'],
    ],
  ])('%s is repaired by migrate as a whole', async (_, options, wanted) => {
    restore(...options)
    const repaired = await repair()
    if (!options.includes('--schema-only')) expect(repaired).toEqual(expect.arrayContaining([...wanted]))
    expect(await repair()).toEqual([])
    await expectSound()
    expect(await store.tokens.list()).toEqual([])
  })

  it('with everything is sound at once, and nothing is repaired', async () => {
    restore()
    expect(await repair()).toEqual([])
    await expectSound()
  })

  it('whose state has lost its row gets one', async () => {
    restore()
    await copy.query('delete from feature_state')
    expect(await repair()).toEqual(['row of public.feature_state (missing)'])
    expect((await store.head(null)).identity).not.toBeNull()
    await expectSound()
  })

  it('is repaired once by eight that migrate at once', async () => {
    restore('-t', 'public.feature*')
    const runs = await Promise.all(Array.from({ length: 8 }, repair))
    expect(runs.filter((repaired) => repaired.length > 0)).toEqual([allMissing])
    await expectSound()
  })

  it('stays as it is, and the error says which rights are missing, for a role that does not own the tables', async () => {
    restore('-t', 'public.feature*')
    const role = `role_${randomUUID().replaceAll('-', '')}`
    await copy.query(`
      create role "${role}" login;
      grant all on schema public to "${role}";
      grant select, insert, update, delete on all tables in schema public to "${role}"`)
    const url = new URL(copy.url)
    url.username = role
    await expect(migrate({ connection: { connectionString: url.href }, tables })).rejects.toMatchObject({
      code: 'store_rejected',
      message: expect.stringContaining('owns the tables'),
    })
    expect(await copy.query(`select from pg_proc where proname = 'feature_record'`)).toEqual([])
    await copy.query(`drop owned by "${role}"; drop role "${role}"`)
  })
})

function shapeOf(database: TestDatabase) {
  return database.query(`
    select 'index' as kind, indexdef::text as what from pg_indexes
    where schemaname = 'public' and tablename like 'feature%'
    union all
    select 'constraint', conrelid::regclass || ' ' || pg_get_constraintdef(oid)
    from pg_constraint
    where connamespace = 'public'::regnamespace and contype <> 't' and conrelid::regclass::text like 'feature%'
    union all
    select 'column', concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default, identity_generation)
    from information_schema.columns
    where table_schema = 'public' and table_name like 'feature%'
    order by 1, 2`)
}
