// Whether all migrations are applied, asked without a right to change anything: the role of an application may run `migrate` too,
// and is done where there is nothing to do. Postgres asks for the right to make tables even where `if not exists` makes none.
import type { ClientBase } from 'pg'
import type { MigrationFile } from './files.js'
import type { MigrationNames } from './names.js'

export interface Settled {
  readonly applied: readonly []
  readonly already: readonly string[]
  readonly newer: readonly string[]
}

/** The migrations of a database in which all of them are applied; null if there may be something to do. */
export async function settledMigrations(
  client: ClientBase,
  { migrations }: MigrationNames,
  files: readonly MigrationFile[],
): Promise<Settled | null> {
  const readable = await client.query(
    `select from pg_class where oid = to_regclass($1) and has_table_privilege(oid, 'select')`,
    [migrations],
  )
  if (readable.rowCount !== 1) return null
  const { rows } = await client.query<{ name: string }>(`select name from ${migrations} order by name`)
  const done = rows.map(({ name }) => name)
  const known = new Set(files.map(({ name }) => name))
  const already = done.filter((name) => known.has(name))
  if (already.length < known.size) return null
  return { applied: [], already, newer: done.filter((name) => !known.has(name)) }
}
