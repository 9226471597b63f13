// The rights of a role that serves flags: its own rights on the two tables, reading on our own tables, and no more.
import type { ClientBase } from 'pg'
import { ConfigurationError, FeatureError } from '../../errors.js'
import type { MigrationNames } from './names.js'
import { quoteIdentifier } from '../postgres/table-names.js'
import { quoted } from '../../text/printable.js'

/** Grants an application's role the rights that it needs. Throws ConfigurationError if there is no such role. */
export async function grantRights(client: ClientBase, names: MigrationNames, role: string): Promise<void> {
  const found = await client.query('select from pg_roles where rolname = $1', [role])
  if (found.rowCount === 0) {
    throw new ConfigurationError({
      problem: `there is no role ${quoted(role)} in this database`,
      remedy: 'create it, or check the name',
    })
  }
  const to = `to ${quoteIdentifier(role)}`
  await client.query(`grant usage on schema ${names.schema}, ${names.gatesSchema} ${to}`)
  for (const table of [names.features, names.gates]) {
    await client.query(`grant select, insert, update, delete on ${table} ${to}`)
    const { rows } = await client.query<{ sequence: string | null }>(
      `select pg_get_serial_sequence($1, attname)::text as sequence
      from pg_attribute
      where attrelid = to_regclass($1) and attname = 'id'`,
      [table],
    )
    const sequence = rows[0]?.sequence
    if (typeof sequence === 'string') await client.query(`grant usage on sequence ${sequence} ${to}`)
  }
  for (const table of [names.state, names.history, names.tokens, names.migrations]) {
    await client.query(`grant select on ${table} ${to}`)
  }
  // A server notes the use of a token; making and revoking them stays with the owner (docs/decisions/token-rights.md).
  await client.query(`grant update (last_used_at) on ${names.tokens} ${to}`)
  await checkGranted(client, names, role)
}

/** For a role that owns nothing Postgres only warns, and grants nothing. */
async function checkGranted(client: ClientBase, names: MigrationNames, role: string): Promise<void> {
  const all = 'select, insert, update, delete'
  const wanted = { [names.features]: all, [names.gates]: all, [names.state]: 'select', [names.history]: 'select' }
  for (const [table, rights] of Object.entries({ ...wanted, [names.tokens]: 'select' })) {
    for (const right of rights.split(', ')) {
      const { rows } = await client.query<{ has: boolean }>('select has_table_privilege($1, $2, $3) as has', [
        role,
        table,
        right,
      ])
      if (rows[0]?.has === true) continue
      throw new FeatureError('store_rejected', {
        problem: `the role ${quoted(role)} did not get the right to ${right} on ${table}`,
        remedy: 'migrate with the login of the owner of the tables',
      })
    }
  }
}
