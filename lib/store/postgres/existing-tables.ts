// Finds the tables that exist and may be read, and the other facts of a database that are asked for once. Without our own
// tables the store still works, on the two tables of a Rails application alone.

import { FeatureError, StoreUnavailable } from '../../errors.js'
import { fields, list, text, textOrNull } from './parse-rows.js'
import { systemIsPublicSql } from '../identity.js'
import { projectTables } from '../project-sql.js'
import { ownTables, quoteIdentifier, recordUntracked, type TableNames } from './table-names.js'
import { programName } from '../../text/program-name.js'

export interface OwnTables {
  readonly state: string
  readonly history: string
}

/** Names as they are, without quotes. */
export interface BareNames {
  /** Of the features table and of our own tables. */
  readonly schema: string
  readonly features: string
  readonly gatesSchema: string
  readonly gates: string
}

export interface Layout {
  /** Names as in SQL: quoted, with their schema. */
  readonly features: string
  readonly gates: string
  readonly names: BareNames
  /** Null if they are missing, or if our role may not read them. */
  readonly own: OwnTables | null
  readonly tokens: string | null
  /** The table of applied migrations; null if it is missing, or if our role may not read it. */
  readonly migrations: string | null
  /** The table of experiments; null if it is missing, or if our role may not read it. */
  readonly assignments: string | null
  /** The table of what is told of changes; null if it is missing, or if our role may not read it. */
  readonly changes: string | null
  /** The same; null if it is missing, or if our role may not add to it. */
  readonly changesToWrite: string | null
  /** Whether the function is there that adds to the history what was written past the triggers, and our role may call it. */
  readonly mayRecord: boolean
  /** Our own tables that are there, and that our role may not read. */
  readonly unreadable: readonly string[]
  readonly mayMakeTokens: boolean
  /** Whether the tables of projects are there, and our role may use them. */
  readonly hasProjects: boolean
  /** Whether every role may read the cluster's system identifier. */
  readonly systemIsPublic: boolean
  /** Whether the database holds any text; otherwise a name may be one that it cannot even receive in a question. */
  readonly holdsAnyText: boolean
}

/** The database is not the one whose layout was read, or its rights have changed. */
export class LayoutChanged extends Error {}

/** The name of the function as in SQL. */
export function untrackedFunction({ schema }: BareNames): string {
  return `${quoteIdentifier(schema)}.${recordUntracked}`
}

/** The statement that finds the tables: `$1` and `$2` are the quoted names as configured. */
export const layoutSql = `
with features as (
  select relation.relnamespace, namespace.nspname::text as schema, relation.relname::text as bare,
    format('%I.%I', namespace.nspname, relation.relname) as name
  from pg_class relation
  join pg_namespace namespace on namespace.oid = relation.relnamespace
  where relation.oid = to_regclass($1)
), gates as (
  select namespace.nspname::text as schema, relation.relname::text as bare,
    format('%I.%I', namespace.nspname, relation.relname) as name
  from pg_class relation
  join pg_namespace namespace on namespace.oid = relation.relnamespace
  where relation.oid = to_regclass($2)
), own as (
  select relation.relname::text as key, format('%I.%I', namespace.nspname, relation.relname) as name,
    has_table_privilege(relation.oid, 'select') as readable, has_table_privilege(relation.oid, 'insert') as writable
  from features
  join pg_class relation on relation.relnamespace = features.relnamespace
  join pg_namespace namespace on namespace.oid = relation.relnamespace
  where relation.relname in (
    '${ownTables.state}', '${ownTables.history}', '${ownTables.tokens}', '${ownTables.assignments}', '${ownTables.migrations}',
    '${ownTables.changes}', '${projectTables.directory}'
  )
)
select json_build_object(
  'features', (select name from features),
  'gates', (select name from gates),
  'names', json_build_object(
    'schema', (select schema from features),
    'features', (select bare from features),
    'gatesSchema', (select schema from gates),
    'gates', (select bare from gates)
  ),
  'state', (select name from own where readable and key = '${ownTables.state}'),
  'history', (select name from own where readable and key = '${ownTables.history}'),
  'tokens', (select name from own where readable and key = '${ownTables.tokens}'),
  'migrations', (select name from own where readable and key = '${ownTables.migrations}'),
  'assignments', (select name from own where readable and key = '${ownTables.assignments}'),
  'changes', (select name from own where readable and key = '${ownTables.changes}'),
  'changesToWrite', (select name from own where writable and key = '${ownTables.changes}'),
  'mayRecord', exists (
    select
    from pg_proc procedure
    join features on features.relnamespace = procedure.pronamespace
    where procedure.proname = '${recordUntracked}' and has_function_privilege(procedure.oid, 'execute')
  ),
  'unreadable', coalesce((select json_agg(key order by key) from own where not readable and key <> '${projectTables.directory}'), '[]'),
  'mayMakeTokens', coalesce((select writable from own where key = '${ownTables.tokens}'), false),
  'projects', exists (select from own where readable and key = '${projectTables.directory}'),
  'systemIsPublic', ${systemIsPublicSql},
  'encoding', getdatabaseencoding()::text
)::text as answer`

/** Throws StoreUnavailable (`not_migrated`) if one of the two tables is missing. */
export function readLayout(answer: unknown, tables: TableNames, place: string): Layout {
  const found = fields(answer, 'tables')
  const name = (key: string) => textOrNull(found[key], key)
  const [features, gates, state, history] = [name('features'), name('gates'), name('state'), name('history')]
  if (features === null || gates === null) {
    const missing = features === null ? tables.features : tables.gates
    throw notMigrated(`the database "${place}" has no table ${missing.quoted}`)
  }
  return {
    features,
    gates,
    names: readBareNames(found['names']),
    own: state === null || history === null ? null : { state, history },
    tokens: name('tokens'),
    migrations: name('migrations'),
    assignments: name('assignments'),
    changes: name('changes'),
    changesToWrite: name('changesToWrite'),
    mayRecord: found['mayRecord'] === true,
    unreadable: list(found['unreadable'], 'unreadable').map((table) => text(table, 'unreadable')),
    mayMakeTokens: found['mayMakeTokens'] === true,
    hasProjects: found['projects'] === true,
    systemIsPublic: found['systemIsPublic'] === true,
    holdsAnyText: ['UTF8', 'SQL_ASCII'].includes(text(found['encoding'], 'encoding')),
  }
}

function readBareNames(value: unknown): BareNames {
  const names = fields(value, 'names')
  const name = (key: string) => text(names[key], key)
  return {
    schema: name('schema'),
    features: name('features'),
    gatesSchema: name('gatesSchema'),
    gates: name('gates'),
  }
}

export function notMigrated(what: string, remedy = `run ${programName()} migrate`): StoreUnavailable {
  return new StoreUnavailable('not_migrated', { problem: what, remedy })
}

/** The error where one of our own tables cannot be read: it is missing, or it is there and our role has no right to it. */
export function withoutTable({ unreadable }: Layout, wanted: readonly string[], place: string): FeatureError {
  const table = wanted.find((name) => unreadable.includes(name))
  if (table === undefined) return notMigrated(`the database "${place}" has no table "${wanted[0]}"`)
  return new FeatureError('store_rejected', {
    problem: `the login of DATABASE_URL may not read the table "${table}" of the database "${place}"`,
    remedy: `run ${programName()} migrate --grant ROLE with the login of the owner of the tables`,
  })
}
