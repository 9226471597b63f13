// What is asked of the catalog about the triggers and functions that keep position and history.
//
// Their names stand here and not only in the SQL files, so that reading flags needs no files; a test compares the two.
import { escapeLiteral } from 'pg'
import type { BareNames } from './layout.js'
import { ownTables, quoteIdentifier } from './tables.js'

export const guardFunctions = [
  'feature_next_position',
  'feature_record',
  'feature_flag_changed',
  'feature_gate_changed',
  'feature_rows_truncated',
  'feature_history_settle',
] as const

export const guardTriggers = ['feature_history_record', 'feature_history_truncate', 'feature_history_settle'] as const

const listed = (names: readonly string[]) => `(${names.map((name) => escapeLiteral(name)).join(', ')})`

/** SQL: the oid of a table, null where there is none. */
export function oidSql(schema: string, table: string): string {
  return `to_regclass(${escapeLiteral(`${quoteIdentifier(schema)}.${quoteIdentifier(table)}`)})`
}

/**
 * SQL: one hash of all that decides whether changes leave their trace: the functions, the triggers on the three tables
 * that bear our names or call our functions, and the session's own setting. Part of every answer, so it has to be cheap.
 * SHA-256, because a server in FIPS mode refuses md5, and with it every answer.
 */
export function guardSql({ schema, features, gatesSchema, gates }: BareNames): string {
  const tables = [oidSql(schema, features), oidSql(gatesSchema, gates), oidSql(schema, ownTables.history)]
  return `(
    select encode(sha256(convert_to(
      concat_ws(' ', current_setting('session_replication_role'), string_agg(line, E'\\n' order by line collate "C")), 'UTF8'
    )), 'hex')
    from (
      select concat_ws(' ', oid, proname, proargtypes, prorettype, prolang, proisstrict, prosecdef, proconfig, prosrc) as line
      from pg_proc
      where proname in ${listed(guardFunctions)}
      and pronamespace = (select oid from pg_namespace where nspname = ${escapeLiteral(schema)})
      union all
      select concat_ws(
        ' ', tgrelid, tgname, tgfoid, tgtype, tgenabled, tgdeferrable, tginitdeferred, tgattr, encode(tgargs, 'hex'),
        octet_length(tgqual::text), tgoldtable, tgnewtable
      )
      from pg_trigger
      where tgrelid in (${tables.join(', ')}) and not tgisinternal
    ) parts
  )`
}
