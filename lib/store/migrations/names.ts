// The schemas of the tables, existing or planned, and whether an existing table is the expected one.
import type { ClientBase } from 'pg'
import { ConfigurationError } from '../../errors.js'
import type { BareNames } from '../postgres/existing-tables.js'
import { ownTables, quoteIdentifier, type TableName, type TableNames } from '../postgres/table-names.js'

/** Names as in SQL: quoted, with their schema. */
export interface MigrationNames {
  readonly schema: string
  readonly gatesSchema: string
  readonly features: string
  readonly gates: string
  readonly state: string
  readonly history: string
  readonly tokens: string
  readonly migrations: string
  readonly assignments: string
  readonly changes: string
  readonly sessions: string
  readonly secrets: string
}

export interface ResolvedNames extends MigrationNames {
  readonly bare: BareNames
}

/**
 * Finds the schema of each table; our own tables are beside the features table. Throws ConfigurationError if a table of that
 * name is of another kind.
 */
export async function resolveNames(client: ClientBase, tables: TableNames): Promise<ResolvedNames> {
  const schema = await schemaOf(client, tables.features)
  const gatesSchema = await schemaOf(client, tables.gates)
  const bare = { schema, features: tables.features.table, gatesSchema, gates: tables.gates.table }
  const names = migrationNames(bare)
  await assertColumns(client, names.features, ['key', 'created_at', 'updated_at'])
  await assertColumns(client, names.gates, ['feature_key', 'key', 'value', 'created_at', 'updated_at'])
  for (const key of [
    'state',
    'history',
    'tokens',
    'migrations',
    'assignments',
    'changes',
    'sessions',
    'secrets',
  ] as const) {
    await assertOurs(client, names[key], ownColumns[key])
  }
  await assertSoleOwner(client, bare, names)
  return { ...names, bare }
}

/** Always quoted, even where Postgres would not quote: the bodies of functions hold these texts, and are compared. */
export function migrationNames({ schema, features, gatesSchema, gates }: BareNames): MigrationNames {
  const own = (table: string) => `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`
  return {
    schema: quoteIdentifier(schema),
    gatesSchema: quoteIdentifier(gatesSchema),
    features: own(features),
    gates: `${quoteIdentifier(gatesSchema)}.${quoteIdentifier(gates)}`,
    state: own(ownTables.state),
    history: own(ownTables.history),
    tokens: own(ownTables.tokens),
    migrations: own(ownTables.migrations),
    assignments: own(ownTables.assignments),
    changes: own(ownTables.changes),
    sessions: own(ownTables.sessions),
    secrets: own(ownTables.secrets),
  }
}

async function schemaOf(client: ClientBase, name: TableName): Promise<string> {
  if (name.schema !== null) return name.schema
  const { rows } = await client.query<{ schema: string | null }>(
    `select coalesce(
      (
        select namespace.nspname::text
        from pg_class relation
        join pg_namespace namespace on namespace.oid = relation.relnamespace
        where relation.oid = to_regclass($1)
      ),
      current_schema()::text
    ) as schema`,
    [name.quoted],
  )
  const schema = rows[0]?.schema
  if (typeof schema === 'string') return schema
  throw new ConfigurationError({
    problem: `there is no schema to create the table "${name.table}" in`,
    remedy: 'create the schema, or name another one in tables (schema.table) or in search_path',
  })
}

/** `features` is a common name: a table of another kind must not get our triggers. */
async function assertColumns(client: ClientBase, table: string, wanted: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select attname::text as name
    from pg_attribute
    where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`,
    [table],
  )
  const found = new Set(rows.map((row) => row.name))
  const missing = wanted.find((column) => !found.has(column))
  if (found.size === 0 || missing === undefined) return
  throw new ConfigurationError({
    problem: `table ${table} exists but has no column "${missing}", so it is not Flipper's`,
    remedy: 'choose other names in tables',
  })
}

const ownColumns = {
  state: ['singleton', 'database_id', 'version', 'nonce', 'origin'],
  history: ['version', 'nonce', 'at', 'feature_key', 'gate_key', 'operation', 'author', 'source', 'change_id'],
  tokens: ['id', 'name', 'digest', 'scopes', 'expires_at', 'revoked_at'],
  migrations: ['name', 'applied_at'],
  assignments: ['actor', 'experiment', 'variant'],
  changes: ['change_id', 'undoes', 'restores'],
  sessions: ['id_hash', 'kind', 'token_id', 'person', 'scopes', 'seen_at', 'expires_at'],
  secrets: ['name', 'key', 'created_at', 'retired_at'],
} as const

/** Recognises our tables by their comment, or by their columns, because copies and dumps may come without comments. */
async function assertOurs(client: ClientBase, table: string, wanted: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ comment: string | null; columns: string[] }>(
    `select
      obj_description(oid, 'pg_class') as comment,
      array(
        select attname::text from pg_attribute where attrelid = pg_class.oid and attnum > 0 and not attisdropped
      ) as columns
    from pg_class
    where oid = to_regclass($1)`,
    [table],
  )
  const [existing] = rows
  if (existing === undefined || existing.comment?.startsWith('Sluice:')) return
  if (wanted.every((column) => existing.columns.includes(column))) return
  throw new ConfigurationError({
    problem: `table ${table} exists but was not made by Sluice`,
    remedy: 'name the two tables with another schema (schema.table)',
  })
}

/**
 * One schema holds one position: a second pair of tables in it would share that position and confuse its readers. Functions
 * that name our tables are ours, whichever triggers call them: a renamed table keeps its triggers.
 */
async function assertSoleOwner(client: ClientBase, { schema }: BareNames, names: MigrationNames): Promise<void> {
  const { rows } = await client.query<{ other: string }>(
    `select trigger.tgrelid::regclass::text as other
    from pg_trigger trigger
    join pg_proc procedure on procedure.oid = trigger.tgfoid
    join pg_namespace namespace on namespace.oid = procedure.pronamespace
    where namespace.nspname = $1
    and procedure.proname in ('feature_flag_changed', 'feature_gate_changed')
    and trigger.tgrelid not in (coalesce(to_regclass($2), 0), coalesce(to_regclass($3), 0))
    and not exists (
      select
      from pg_proc ours
      where ours.pronamespace = namespace.oid
      and ours.proname = 'feature_rows_truncated'
      and strpos(ours.prosrc, $2) > 0
      and strpos(ours.prosrc, $3) > 0
    )`,
    [schema, names.features, names.gates],
  )
  const [first] = rows
  if (first === undefined) return
  throw new ConfigurationError({
    problem: `schema ${names.schema} already keeps the history of table "${first.other}"`,
    remedy: 'put the other tables in another schema',
  })
}
