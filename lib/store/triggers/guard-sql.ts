// The part of every answer about the triggers and functions that keep position and history: one hash of them all.
//
// Their names stand here and not only in the SQL files, so that reading flags needs no files; a test compares the two.
import { escapeLiteral } from 'pg'
import type { BareNames } from '../postgres/existing-tables.js'
import { ownTables, quoteIdentifier } from '../postgres/table-names.js'

/** With the types of their arguments. */
export const guardFunctions: Readonly<Record<string, string>> = {
  feature_next_position: '',
  feature_record: 'text, text, text, text',
  feature_flag_changed: '',
  feature_gate_changed: '',
  feature_rows_truncated: '',
  feature_history_settle: '',
}

export const guardTriggers = ['feature_history_record', 'feature_history_truncate', 'feature_history_settle'] as const

/** The three tables that have our triggers, as text for a literal of SQL. */
export function guardedTables({ schema, features, gatesSchema, gates }: BareNames): readonly string[] {
  const places = [
    [schema, features],
    [gatesSchema, gates],
    [schema, ownTables.history],
  ]
  return places.map((names) => escapeLiteral(names.map(quoteIdentifier).join('.')))
}

/**
 * SQL: one hash of everything that decides whether changes leave their trace: the functions, the triggers on the three tables
 * and the session's own setting. It is part of every answer, so it must be cheap: it does not search pg_proc for the functions,
 * which takes twice as long to plan. SHA-256, because a server in FIPS mode refuses md5, and every answer with it.
 */
export function guardSql(names: BareNames): string {
  const functions = Object.entries(guardFunctions).map(([name, types]) => {
    const signature = `${quoteIdentifier(names.schema)}.${name}(${types})`
    return `pg_get_functiondef(to_regprocedure(${escapeLiteral(signature)}))`
  })
  return `encode(sha256(convert_to(concat_ws(
    ' ',
    current_setting('session_replication_role'),
    ${functions.join(',\n    ')},
    (
      select string_agg(concat_ws(
        ' ', tgrelid, tgname, tgfoid, tgtype, tgenabled, tgdeferrable, tginitdeferred, tgattr, encode(tgargs, 'hex'),
        tgqual::text, tgoldtable, tgnewtable
      ), ',' order by oid)
      from pg_trigger
      where tgrelid in (${guardedTables(names)
        .map((table) => `${table}::regclass`)
        .join(', ')}) and not tgisinternal
    )
  ), 'UTF8')), 'hex')`
}
