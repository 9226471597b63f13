// Ways to lose the triggers, or what they do, and what is then said about it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, type ClientConfig } from 'pg'
import { silentLogger } from '../../../lib/log.js'
import { EmbeddedStore } from '../../../lib/store/embedded.js'
import { prepareFolder, publicPort } from '../../../lib/embedded-postgres/folder.js'
import { PostgresStore } from '../../../lib/store/postgres/store.js'
import type { Store } from '../../../lib/store/store.js'
import { copyMadeDatabase } from '../../support/made-database.js'
import { createDatabase, type DatabaseOptions } from '../../support/services.js'

export const tables = { features: 'features', gates: 'feature_gates' }

export interface Guarded {
  readonly store: Store
  readonly connection: ClientConfig
  sql(text: string): Promise<readonly Record<string, unknown>[]>
  close(): Promise<void>
}

export async function guardedPostgres(options: DatabaseOptions = {}): Promise<Guarded> {
  const database = await createDatabase(options)
  const connection = { connectionString: database.url }
  const store = new PostgresStore({ connection, tables, logger: silentLogger })
  return { store, connection, sql: database.query, close: () => store.close().then(() => database.close()) }
}

/** In a folder of its own, unless one is given. */
export async function guardedEmbedded(given?: string): Promise<Guarded> {
  const root = given ?? (await mkdtemp(join(tmpdir(), 'sluice-guard-')))
  await copyMadeDatabase(root)
  const store = new EmbeddedStore({ root, tables, logger: silentLogger })
  await store.open()
  const { sockets } = await prepareFolder(root)
  const connection = { host: sockets, port: publicPort, user: 'postgres', database: 'postgres' }
  const sql = async (text: string) => {
    const client = new Client(connection)
    await client.connect()
    try {
      return (await client.query(text)).rows ?? []
    } finally {
      await client.end()
    }
  }
  const close = () => store.close().then(() => rm(root, { recursive: true, force: true }))
  return { store, connection, sql, close }
}

const trigger = (name: string, table: string, kind: string) => `trigger ${name} on public.${table} (${kind})`
const recordOf = (table: string, kind: string) => trigger('feature_history_record', table, kind)
const truncateOf = (table: string, kind: string) => trigger('feature_history_truncate', table, kind)
const settle = (kind: string) => trigger('feature_history_settle', 'feature_history', kind)

const remake = (changes: { readonly deferral?: string; readonly events?: string; readonly end?: string }) => `
  drop trigger feature_history_record on feature_gates;
  create constraint trigger feature_history_record
  after ${changes.events ?? 'insert or update or delete'} on feature_gates
  ${changes.deferral ?? 'deferrable initially deferred'}
  for each row ${changes.end ?? 'execute function feature_gate_changed()'}`

/** What it is called, the SQL, and what is wrong then. */
export type Loss = readonly [title: string, sql: string, faults: readonly string[]]

/** The five that everything is tried with. */
export const mainLosses: readonly Loss[] = [
  [
    'the functions are gone',
    `drop function feature_flag_changed, feature_gate_changed, feature_rows_truncated, feature_history_settle,
      feature_next_position, feature_record cascade`,
    [
      'function feature_next_position (missing)',
      'function feature_record (missing)',
      'function feature_flag_changed (missing)',
      'function feature_gate_changed (missing)',
      'function feature_rows_truncated (missing)',
      'function feature_history_settle (missing)',
      recordOf('features', 'missing'),
      truncateOf('features', 'missing'),
      recordOf('feature_gates', 'missing'),
      truncateOf('feature_gates', 'missing'),
      settle('missing'),
    ],
  ],
  [
    'one trigger is dropped',
    'drop trigger feature_history_record on feature_gates',
    [recordOf('feature_gates', 'missing')],
  ],
  [
    'one trigger is disabled',
    'alter table feature_gates disable trigger feature_history_record',
    [recordOf('feature_gates', 'disabled')],
  ],
  [
    'a table is made anew',
    `create table copy (like feature_gates including all);
    insert into copy (feature_key, key, value) select feature_key, key, value from feature_gates;
    drop table feature_gates; alter table copy rename to feature_gates`,
    [recordOf('feature_gates', 'missing'), truncateOf('feature_gates', 'missing')],
  ],
  [
    'the body of a function is altered',
    `create or replace function feature_gate_changed() returns trigger language plpgsql security definer
    set search_path = pg_catalog, public, pg_temp as $$ begin return null; end $$`,
    ['function feature_gate_changed (altered)'],
  ],
]

export const otherLosses: readonly Loss[] = [
  [
    'all triggers of a table are disabled',
    'alter table features disable trigger all',
    [recordOf('features', 'disabled'), truncateOf('features', 'disabled')],
  ],
  [
    'a trigger fires on replicas only',
    'alter table feature_gates enable replica trigger feature_history_record',
    [recordOf('feature_gates', 'disabled')],
  ],
  [
    'a trigger for TRUNCATE is dropped',
    'drop trigger feature_history_truncate on features',
    [truncateOf('features', 'missing')],
  ],
  [
    'the trigger that settles TRUNCATE is disabled',
    'alter table feature_history disable trigger feature_history_settle',
    [settle('disabled')],
  ],
  [
    'the table is a copy without anything',
    'create table copy as table features; drop table features; alter table copy rename to features',
    [recordOf('features', 'missing'), truncateOf('features', 'missing')],
  ],
  [
    'a table was renamed away, and keeps the triggers',
    'alter table feature_gates rename to feature_gates_old; create table feature_gates (like feature_gates_old including all)',
    [
      recordOf('feature_gates', 'missing'),
      truncateOf('feature_gates', 'missing'),
      recordOf('feature_gates_old', 'altered'),
      truncateOf('feature_gates_old', 'altered'),
    ],
  ],
  [
    'the history was made anew',
    'create table copy (like feature_history including all); drop table feature_history; alter table copy rename to feature_history',
    [settle('missing')],
  ],
  [
    'one function is dropped with what uses it',
    'drop function feature_gate_changed cascade',
    ['function feature_gate_changed (missing)', recordOf('feature_gates', 'missing')],
  ],
  [
    'a function runs with the rights of the writer',
    'alter function feature_gate_changed() security invoker',
    ['function feature_gate_changed (altered)'],
  ],
  [
    'a function has lost its search path',
    'alter function feature_flag_changed() reset all',
    ['function feature_flag_changed (altered)'],
  ],
  [
    'a function has another search path',
    'alter function feature_flag_changed() set search_path = public, pg_catalog',
    ['function feature_flag_changed (altered)'],
  ],
  [
    'a function is not called for null',
    'alter function feature_record(text, text, text, text) strict',
    ['function feature_record (altered)'],
  ],
  [
    'a function has other arguments',
    `drop function feature_record(text, text, text, text);
    create function feature_record(a text, b text, c text, d text) returns void language sql as 'select'`,
    ['function feature_record (altered)'],
  ],
  [
    'a function has another result',
    `drop function feature_next_position();
    create function feature_next_position() returns int language sql as 'select 1'`,
    ['function feature_next_position (altered)'],
  ],
  [
    'a trigger has a condition',
    remake({ end: 'when (false) execute function feature_gate_changed()' }),
    [recordOf('feature_gates', 'altered')],
  ],
  ['a trigger is not deferred', remake({ deferral: 'not deferrable' }), [recordOf('feature_gates', 'altered')]],
  [
    'a trigger is deferrable only',
    remake({ deferral: 'deferrable initially immediate' }),
    [recordOf('feature_gates', 'altered')],
  ],
  ['a trigger misses DELETE', remake({ events: 'insert or update' }), [recordOf('feature_gates', 'altered')]],
  [
    'a trigger looks at one column only',
    remake({ events: 'insert or delete or update of value' }),
    [recordOf('feature_gates', 'altered')],
  ],
  [
    'a trigger calls another function',
    `create function other() returns trigger language plpgsql as $$ begin return null; end $$;
    ${remake({ end: 'execute function other()' })}`,
    [recordOf('feature_gates', 'altered')],
  ],
  [
    'a trigger has another argument',
    `drop trigger feature_history_truncate on features;
    create trigger feature_history_truncate before truncate on features
    for each statement execute function feature_rows_truncated('gates')`,
    [truncateOf('features', 'altered')],
  ],
  [
    'the trigger that settles TRUNCATE has another condition',
    `drop trigger feature_history_settle on feature_history;
    create constraint trigger feature_history_settle after insert on feature_history
    deferrable initially deferred for each row when (new.version = 1) execute function feature_history_settle()`,
    [settle('altered')],
  ],
  [
    'a trigger is altered and disabled',
    `${remake({ deferral: 'not deferrable' })};
    alter table feature_gates disable trigger feature_history_record`,
    [recordOf('feature_gates', 'disabled')],
  ],
  [
    'a trigger of another name records everything twice',
    `create constraint trigger mine after insert or update or delete on feature_gates
    deferrable initially deferred for each row execute function feature_gate_changed()`,
    [trigger('mine', 'feature_gates', 'altered')],
  ],
  [
    'a trigger was renamed',
    'alter trigger feature_history_record on features rename to "Mine"',
    [recordOf('features', 'missing'), trigger('Mine', 'features', 'altered')],
  ],
]
