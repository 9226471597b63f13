// Makes the triggers, functions and tables that keep position and history anew if they are lost: by a dump that was restored
// without the functions, by hand, or by an accident. Rows, indices, defaults and everything besides stay as they are.
import { type ClientBase, escapeIdentifier, escapeLiteral } from 'pg'
import { FeatureError } from '../../errors.js'
import { compareTriggers, faultText } from './guard.js'
import { definitionsAfter, type FunctionDefinition } from './guard-definitions.js'
import { type FoundGuard, foundSql, readFound } from './guard-found.js'
import { fillIn, type MigrationFile } from '../migrations/files.js'
import type { ResolvedNames } from '../migrations/names.js'
import { ownTables } from '../postgres/table-names.js'
import { projectTablesOf } from '../project-sql.js'

export interface Repair {
  readonly client: ClientBase
  readonly names: ResolvedNames
  readonly files: readonly MigrationFile[]
}

export interface Loss {
  readonly text: string
  /** Whether changes may have left no trace; false for triggers of an earlier version, which work. */
  readonly isLoss: boolean
}

/** The missing, disabled, altered and older parts. */
export async function findLosses(repair: Repair): Promise<readonly Loss[]> {
  const faults = compareTriggers(await findGuard(repair), repair.files, repair.names.bare)
  const missing = [...(await missingTables(repair)), ...(await missingKeys(repair)).map(({ shown }) => shown)]
  return [
    ...missing.map((text) => ({ text, isLoss: true })),
    ...faults.map((fault) => ({ text: faultText(fault), isLoss: fault.kind !== 'older' })),
  ]
}

/** Whether this database has, or once had, a position. */
export async function hasPosition({ client, names }: Repair): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [names.state])
  return rows[0]?.there === true
}

/**
 * Runs the migrations' files again, which make the missing parts and replace the rest, and takes a position without a row in
 * the history. That is a gap, and no process takes a delta over a gap, so all processes read everything. Throws FeatureError
 * (`store_rejected`) if a part is still wrong afterwards.
 */
export async function repairLosses(repair: Repair): Promise<void> {
  const { client, names, files } = repair
  const found = await findGuard(repair)
  for (const key of await missingKeys(repair)) await makeKey(client, key)
  await dropTriggers(client, found)
  await dropMisshapen(repair, found)
  for (const { sql } of files) await client.query(fillIn(sql, names))
  await enableAlways(client, found)
  const [left] = await findLosses(repair)
  if (left !== undefined) {
    throw new FeatureError('store_rejected', {
      problem: `the repair did not last: ${left.text}`,
      remedy: 'find out what changes it back',
    })
  }
  await client.query(`select ${names.schema}.feature_next_position()`)
}

async function findGuard({ client, names }: Repair): Promise<FoundGuard> {
  const { rows } = await client.query<{ answer: string }>(foundSql(names.bare))
  const found = readFound(JSON.parse(rows[0]?.answer ?? 'null'))
  // The migrating role's own setting does not belong to the database.
  return { ...found, role: 'origin' }
}

/** Tables that came later than the first ones, by the migration that makes them. */
const laterTables: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...projectTablesOf,
  '000007-assignments': { assignments: ownTables.assignments },
  '000008-changes': { changes: ownTables.changes },
  '000009-sign-ins': { sessions: ownTables.sessions, secrets: ownTables.secrets },
}

async function missingTables({ client, names }: Repair): Promise<readonly string[]> {
  const { schema, features, gatesSchema, gates } = names.bare
  const wanted = {
    [`${schema}.${features}`]: names.features,
    [`${gatesSchema}.${gates}`]: names.gates,
    [`${schema}.feature_state`]: names.state,
    [`${schema}.feature_history`]: names.history,
    [`${schema}.feature_tokens`]: names.tokens,
  }
  const applied = await appliedLater(client, names)
  // Before their migration, they are not missing but due.
  const later = Object.entries(laterTables).flatMap(([migration, tables]) =>
    applied.has(migration) ? Object.values(tables) : [],
  )
  const places = [...Object.entries(wanted), ...later.map((table) => placeOf(names, table))]
  const missing: string[] = []
  for (const [shown, quoted] of places) {
    const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [quoted])
    if (rows[0]?.there !== true) missing.push(`table ${shown} (missing)`)
  }
  if (missing.includes(`table ${schema}.feature_state (missing)`)) return missing
  const state = await client.query(`select from ${names.state}`)
  return state.rowCount === 0 ? [...missing, `row of ${schema}.feature_state (missing)`] : missing
}

/** The migrations of later tables that are applied. */
async function appliedLater(client: ClientBase, { migrations }: ResolvedNames): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [migrations])
  if (rows[0]?.there !== true) return new Set()
  const wanted = Object.keys(laterTables)
  const applied = await client.query<{ name: string }>(`select name from ${migrations} where name = any($1)`, [wanted])
  return new Set(applied.rows.map(({ name }) => name))
}

function placeOf({ bare: { schema }, schema: quotedSchema }: ResolvedNames, table: string): readonly [string, string] {
  return [`${schema}.${table}`, `${quotedSchema}.${escapeIdentifier(table)}`]
}

interface Key {
  readonly shown: string
  readonly table: string
  readonly column: string
}

/** A dump that ends before its indices brings our tables without their keys, and the triggers then fail at `on conflict`. */
async function missingKeys({ client, names }: Repair): Promise<readonly Key[]> {
  const { schema } = names.bare
  const wanted: readonly Key[] = [
    { shown: `primary key of ${schema}.feature_state (missing)`, table: names.state, column: 'singleton' },
    { shown: `primary key of ${schema}.feature_tokens (missing)`, table: names.tokens, column: 'id' },
  ]
  const missing: Key[] = []
  for (const key of wanted) {
    const { rowCount } = await client.query(
      `select from pg_class relation
      where relation.oid = to_regclass($1) and not exists (
        select from pg_index index
        join pg_attribute attribute on attribute.attrelid = index.indrelid and attribute.attname = $2
        where index.indrelid = relation.oid and index.indisunique and index.indisvalid and index.indpred is null
        and index.indkey::text = attribute.attnum::text
      )`,
      [key.table, key.column],
    )
    if (rowCount === 1) missing.push(key)
  }
  return missing
}

/** Of rows that are double because the key was missing, the last one stays. */
async function makeKey(client: ClientBase, { table, column }: Key): Promise<void> {
  await client.query(
    `delete from ${table} older using ${table} newer where older.${column} = newer.${column} and older.ctid < newer.ctid`,
  )
  await client.query(`alter table ${table} add primary key (${column})`)
}

/** All triggers that call our functions, also under other names and on other tables: the files make ours again. */
async function dropTriggers(client: ClientBase, { triggers }: FoundGuard): Promise<void> {
  for (const { name, place } of triggers) await client.query(`drop trigger ${escapeIdentifier(name)} on ${place}`)
}

/** `create or replace` cannot change a function's result type or the names of its arguments. */
async function dropMisshapen({ client, names, files }: Repair, { functions }: FoundGuard): Promise<void> {
  const wanted = definitionsAfter(files, names.bare).at(-1)?.functions ?? new Map<string, FunctionDefinition>()
  for (const { name, args, returns } of functions) {
    const definition = wanted.get(name)
    if (definition?.args === args && definition.returns === returns) continue
    await client.query(`do $do$
      begin
        execute (
          select string_agg(format('drop routine %s', oid::regprocedure), '; ')
          from pg_proc
          where pronamespace = ${escapeLiteral(names.schema)}::regnamespace and proname = ${escapeLiteral(name)}
        );
      end
    $do$`)
  }
}

/** If an owner made triggers fire on replicas too, that setting is kept. */
async function enableAlways(client: ClientBase, { triggers }: FoundGuard): Promise<void> {
  for (const { name, place, enabled } of triggers) {
    if (enabled !== 'A') continue
    const { rowCount } = await client.query(
      'select from pg_trigger where tgrelid = to_regclass($1) and tgname = $2 and not tgisinternal',
      [place, name],
    )
    if (rowCount === 1) await client.query(`alter table ${place} enable always trigger ${escapeIdentifier(name)}`)
  }
}
