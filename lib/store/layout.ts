// Which tables are there and may be read. Without our own the store still works, on a Rails application's two alone.

import { StoreUnavailable } from '../errors.js'
import { fields, textOrNull } from './answers.js'
import { ownTables, type TableNames } from './tables.js'

export interface OwnTables {
  readonly state: string
  readonly history: string
}

export interface Layout {
  /** Names as they stand in SQL: quoted, with their schema. */
  readonly features: string
  readonly gates: string
  /** Null where they are missing, or where our role may not read them. */
  readonly own: OwnTables | null
  readonly tokens: string | null
}

/** The statement that finds the tables: `$1` and `$2` are the quoted names as configured. */
export const layoutSql = `
with features as (
  select relation.relnamespace, format('%I.%I', namespace.nspname, relation.relname) as name
  from pg_class relation
  join pg_namespace namespace on namespace.oid = relation.relnamespace
  where relation.oid = to_regclass($1)
), gates as (
  select format('%I.%I', namespace.nspname, relation.relname) as name
  from pg_class relation
  join pg_namespace namespace on namespace.oid = relation.relnamespace
  where relation.oid = to_regclass($2)
), own as (
  select relation.relname::text as key, format('%I.%I', namespace.nspname, relation.relname) as name
  from features
  join pg_class relation on relation.relnamespace = features.relnamespace
  join pg_namespace namespace on namespace.oid = relation.relnamespace
  where relation.relname in ('${ownTables.state}', '${ownTables.history}', '${ownTables.tokens}')
  and has_table_privilege(relation.oid, 'select')
)
select json_build_object(
  'features', (select name from features),
  'gates', (select name from gates),
  'state', (select name from own where key = '${ownTables.state}'),
  'history', (select name from own where key = '${ownTables.history}'),
  'tokens', (select name from own where key = '${ownTables.tokens}')
)::text as answer`

/** Throws StoreUnavailable `not_migrated` where one of the two tables is missing. */
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
    own: state === null || history === null ? null : { state, history },
    tokens: name('tokens'),
  }
}

export function notMigrated(what: string): StoreUnavailable {
  return new StoreUnavailable('not_migrated', `${what}: run bin/feature-flag migrate`)
}
