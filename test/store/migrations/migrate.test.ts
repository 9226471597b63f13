// Migrations, on empty databases and beside the tables of others.
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../lib/log.js'
import { projectTables as ownProjectTables } from '../../../lib/store/project-sql.js'
import { migrate } from '../../../lib/store/migrations/migrate.js'
import { PostgresStore } from '../../../lib/store/postgres/store.js'
import { changeOf } from '../../support/change.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'

const tables = { features: 'features', gates: 'feature_gates' }
const ownTables = ['assignments', 'changes', 'history', 'migrations', 'secrets', 'sessions', 'state', 'tokens'].map(
  (name) => `feature_${name}`,
)
const projectTables = Object.values(ownProjectTables)

describe('migrating', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createDatabase({ migrated: false })
  })
  afterEach(() => database.close())
  const connection = () => ({ connectionString: database.url })

  it('makes all tables in an empty database, and does nothing the second time', async () => {
    const first = await migrate({ connection: connection(), tables })
    expect(first.applied).toEqual([
      '000001-features',
      '000002-history',
      '000003-tokens',
      '000004-projects',
      '000005-project-reports',
      '000006-project-history',
      '000007-assignments',
      '000008-changes',
      '000009-sign-ins',
      '000010-changes-by-id',
      '000011-rows-in-order',
    ])
    expect(await tableNames(database)).toEqual(['feature_gates', ...ownTables, ...projectTables, 'features'].sort())
    const second = await migrate({ connection: connection(), tables })
    expect(second).toEqual({ applied: [], already: first.applied, newer: [], repaired: [] })
  })

  it('finds that tables of reports are due, not lost, where their migration is not applied, and lost where it is', async () => {
    await migrate({ connection: connection(), tables })
    const drop = 'drop table project_clients, project_counts, project_report_batches'
    await database.query(`${drop}; delete from feature_migrations where name = '000005-project-reports'`)
    expect(await migrate({ connection: connection(), tables })).toMatchObject({
      applied: ['000005-project-reports'],
      repaired: [],
    })
    await database.query(drop)
    expect((await migrate({ connection: connection(), tables })).repaired).toEqual([
      'table public.project_clients (missing)',
      'table public.project_counts (missing)',
      'table public.project_report_batches (missing)',
    ])
    expect(await tableNames(database)).toEqual(['feature_gates', ...ownTables, ...projectTables, 'features'].sort())
  })

  it('succeeds for all of eight that start at once, and is done by one', async () => {
    const runs = await Promise.all(Array.from({ length: 8 }, () => migrate({ connection: connection(), tables })))
    expect(runs.filter((run) => run.applied.length === 11)).toHaveLength(1)
    expect(runs.filter((run) => run.already.length === 11)).toHaveLength(7)
    expect(await database.query('select count(*)::int as count from feature_state')).toEqual([{ count: 1 }])
  })

  it.each([
    ['of the gem', 'flipper_features', 'flipper_gates', 'timestamp', 'text'],
    ['of GitLab', 'features', 'feature_gates', 'timestamptz', 'varchar'],
  ])(
    'only adds to the tables %s, and their rows are read, written and recorded',
    async (_, features, gates, time, text) => {
      await makeRailsTables(database, { features, gates, time, text })
      const shape = await columns(database, features, gates)
      const rows = await database.query(`select * from ${gates} order by id`)
      const named = { features, gates }
      await migrate({ connection: connection(), tables: named })
      expect(await columns(database, features, gates)).toEqual(shape)
      expect(await database.query(`select * from ${gates} order by id`)).toEqual(rows)
      const store = new PostgresStore({ connection: connection(), tables: named, logger: silentLogger })
      expect((await store.readAll()).items).toEqual([{ key: 'old', gates: new Map([['actors', ['', 'User:1']]]) }])
      await store.apply(
        changeOf({ feature: 'old', operation: { kind: 'add', gate: 'actors', values: ['User:2', ''] } }),
      )
      const [added] = await database.query(
        `select value, abs(extract(epoch from created_at) - extract(epoch from now())) < 3600 as in_utc
      from ${gates} where value = 'User:2'`,
      )
      expect(added).toEqual({ value: 'User:2', in_utc: true })
      expect(await store.history({ limit: 10 })).toMatchObject([
        { gate: 'actors', value: 'User:2', operation: 'added' },
      ])
      await store.close()
    },
  )

  it('restores triggers and functions when its bookkeeping was lost', async () => {
    await migrate({ connection: connection(), tables })
    await database.query('truncate feature_migrations; drop trigger feature_history_record on feature_gates')
    const { repaired } = await migrate({ connection: connection(), tables })
    expect(repaired).toEqual(['trigger feature_history_record on public.feature_gates (missing)'])
    await database.query(`insert into feature_gates (feature_key, key, value) values ('a', 'boolean', 'true')`)
    // The repair takes one, too.
    expect(await database.query('select version::int from feature_state')).toEqual([{ version: 2 }])
  })

  it('makes the table of changes where a version that did not have it has migrated further already', async () => {
    await migrate({ connection: connection(), tables })
    await database.query(`drop table feature_changes; drop function feature_record_untracked(text);
      drop index feature_history_at, feature_history_author, feature_history_source;
      delete from feature_migrations where name = '000008-changes'`)
    const { applied, repaired } = await migrate({ connection: connection(), tables })
    expect([applied, repaired]).toEqual([['000008-changes'], []])
    const [made] = await database.query(
      `select to_regclass('feature_changes') is not null and to_regclass('feature_history_source') is not null as tables,
        feature_record_untracked('no_such_flag') as recorded`,
    )
    expect(made).toEqual({ tables: true, recorded: 0 })
  })

  it('tolerates a database that a newer version has migrated, and names what it does not know', async () => {
    await migrate({ connection: connection(), tables })
    await database.query(`insert into feature_migrations (name) values ('999999-future')`)
    expect((await migrate({ connection: connection(), tables })).newer).toEqual(['999999-future'])
  })

  it('refuses a table of the same name that is not of Flipper, and leaves nothing behind', async () => {
    await database.query('create table features (id int, title text)')
    await expect(migrate({ connection: connection(), tables })).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('no column "key"'),
    })
    expect(await tableNames(database)).toEqual(['features'])
  })

  it('refuses a foreign table under the name of one of its own', async () => {
    await database.query('create table feature_history (id int)')
    await expect(migrate({ connection: connection(), tables })).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('"public"."feature_history" exists but was not made by Sluice'),
    })
    expect(await tableNames(database)).toEqual(['feature_history'])
  })

  it('refuses a second pair of tables beside the first', async () => {
    await migrate({ connection: connection(), tables })
    const second = { features: 'flipper_features', gates: 'flipper_gates' }
    await expect(migrate({ connection: connection(), tables: second })).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('put the other tables in another schema'),
    })
  })

  it('says what is wrong with a schema that is not there, and with a database that cannot be reached', async () => {
    await expect(
      migrate({ connection: connection(), tables: { features: 'nowhere.features', gates: 'nowhere.gates' } }),
    ).rejects.toMatchObject({ code: 'store_rejected', message: expect.stringContaining('"nowhere"') })
    const unreachable = { connectionString: 'postgres://user:secret@127.0.0.1:1/none' }
    const failed = migrate({ connection: unreachable, tables })
    await expect(failed).rejects.toMatchObject({ code: 'store_unavailable' })
    await expect(failed).rejects.not.toThrow('secret')
  })

  it('gives a role what serving flags takes, and no more', async () => {
    const role = `role_${randomUUID().replaceAll('-', '')}`
    await database.query(`create role "${role}"`)
    await migrate({ connection: connection(), tables, grant: role })
    const granted = await database.query(
      `select table_name::text as table, string_agg(distinct privilege_type::text, ' ' order by privilege_type::text) as rights
      from information_schema.role_table_grants
      where grantee = $1
      group by 1
      order by 1`,
      [role],
    )
    expect(granted).toEqual([
      { table: 'feature_assignments', rights: 'DELETE INSERT SELECT' },
      { table: 'feature_changes', rights: 'INSERT' },
      { table: 'feature_gates', rights: 'DELETE INSERT SELECT UPDATE' },
      { table: 'feature_history', rights: 'SELECT' },
      { table: 'feature_migrations', rights: 'SELECT' },
      { table: 'feature_state', rights: 'SELECT' },
      { table: 'feature_tokens', rights: 'SELECT' },
      { table: 'features', rights: 'DELETE INSERT SELECT UPDATE' },
    ])
    const updatable = await database.query(
      `select column_name::text as column from information_schema.column_privileges
      where grantee = $1 and table_name = 'feature_tokens' and privilege_type = 'UPDATE'`,
      [role],
    )
    expect(updatable).toEqual([{ column: 'last_used_at' }])
    const callable = await database.query(
      `select proname from pg_proc where proname like 'feature\\_%' and has_function_privilege($1, oid, 'execute')`,
      [role],
    )
    // Only for a login that may write flags does it do anything, and then it adds what is true.
    expect(callable).toEqual([{ proname: 'feature_record_untracked' }])
    await database.query(`drop owned by "${role}"; drop role "${role}"`)
  })

  it('says which rights it needs where it may not create tables', async () => {
    const role = `role_${randomUUID().replaceAll('-', '')}`
    await database.query(`create role "${role}" login; revoke create on schema public from public`)
    const url = new URL(database.url)
    url.username = role
    await expect(migrate({ connection: { connectionString: url.href }, tables })).rejects.toMatchObject({
      code: 'store_rejected',
      message: expect.stringMatching(
        /permission denied for schema public \(42501\); migrate with a role that may create/,
      ),
    })
    await database.query(`drop role "${role}"`)
  })

  it('refuses to grant to a role that is not there', async () => {
    await expect(migrate({ connection: connection(), tables, grant: 'nobody"; --' })).rejects.toMatchObject({
      code: 'invalid_configuration',
      message: expect.stringContaining('no role "nobody"; --"'),
    })
    expect(await tableNames(database)).toEqual([])
  })
})

interface RailsTables {
  readonly features: string
  readonly gates: string
  readonly time: string
  readonly text: string
}

/** As Rails' migrations make them: timestamps without default, and rows in them; one value is null. */
async function makeRailsTables(database: TestDatabase, { features, gates, time, text }: RailsTables): Promise<void> {
  await database.query(`
    create table ${features} (
      id bigserial primary key, key varchar not null, created_at ${time} not null, updated_at ${time} not null
    );
    create unique index on ${features} (key);
    create table ${gates} (
      id bigserial primary key, feature_key varchar not null, key varchar not null, value ${text},
      created_at ${time} not null, updated_at ${time} not null
    );
    create unique index on ${gates} (feature_key, key, value);
    insert into ${features} (key, created_at, updated_at) values ('old', '2020-01-02', '2020-01-02');
    insert into ${gates} (feature_key, key, value, created_at, updated_at)
    values ('old', 'actors', 'User:1', '2020-01-02', '2020-01-02'), ('old', 'actors', null, '2020-01-02', '2020-01-02');
  `)
}

async function tableNames(database: TestDatabase): Promise<unknown[]> {
  const rows = await database.query(
    `select tablename::text as name from pg_tables where schemaname = 'public' order by 1`,
  )
  return rows.map((row) => row['name'])
}

function columns(database: TestDatabase, ...names: string[]) {
  return database.query(
    `select table_name::text, column_name::text, data_type::text, is_nullable::text, column_default::text
    from information_schema.columns where table_name = any($1) order by 1, ordinal_position`,
    [names],
  )
}
