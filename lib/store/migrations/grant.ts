// The rights of a role that serves flags: its own rights on the two tables, reading on our own tables, and no more.
import type { ClientBase } from 'pg'
import { ConfigurationError, FeatureError } from '../../errors.js'
import type { MigrationNames } from './names.js'
import { quoteIdentifier } from '../postgres/table-names.js'
import { projectTables } from '../project-sql.js'
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
  // Rows of experiments are written as they are, and never altered.
  await client.query(`grant select, insert, delete on ${names.assignments} ${to}`)
  // What is told of a change, and not read again: a server reads it.
  await client.query(`grant insert on ${names.changes} ${to}`)
  await checkGranted(client, names, role)
}

/**
 * Grants a server's role what it needs beside the rights of an application: reading and writing the flags of projects, their
 * instance IDs and the history, what SDKs report, and sign-ins. Triggers write position and revision as their owner. Throws as
 * `grantRights`.
 */
export async function grantServerRights(client: ClientBase, names: MigrationNames, role: string): Promise<void> {
  await grantRights(client, names, role)
  const to = `to ${quoteIdentifier(role)}`
  const ofProjects = Object.fromEntries(
    Object.entries(serverRights).map(([key, rights]) => [`${names.schema}.${quoteIdentifier(key)}`, rights]),
  )
  const tables = {
    ...ofProjects,
    [names.changes]: 'select',
    [names.sessions]: signInRights,
    [names.secrets]: keyRights,
  }
  for (const [table, rights] of Object.entries(tables)) await client.query(`grant ${rights} on ${table} ${to}`)
  await client.query(`grant usage on sequence ${names.schema}.project_strategy_ids ${to}`)
  await checkRights(client, tables, role)
}

/** History is read and not written: the triggers write it. */
const serverRights = {
  [projectTables.directory]: 'select, insert, update, delete',
  [projectTables.project_flags]: 'select, insert, update, delete',
  [projectTables.user_lists]: 'select, insert, update, delete',
  [projectTables.instance_ids]: 'select, insert, update',
  [projectTables.project_history]: 'select',
  [projectTables.project_state]: 'select',
  [projectTables.project_positions]: 'select',
  [projectTables.clients]: 'select, insert, update, delete',
  [projectTables.counts]: 'select, insert, update, delete',
  [projectTables.report_batches]: 'select, insert, delete',
} as const

/** An application's role has none of these: with a row of its own making it would be an admin. */
const signInRights = 'select, insert, update, delete'
const keyRights = 'select, insert, delete'

/** For a role that owns nothing Postgres only warns, and grants nothing. */
async function checkGranted(client: ClientBase, names: MigrationNames, role: string): Promise<void> {
  const all = 'select, insert, update, delete'
  const wanted = { [names.features]: all, [names.gates]: all, [names.state]: 'select', [names.history]: 'select' }
  const ours = { [names.tokens]: 'select', [names.assignments]: 'select, insert, delete', [names.changes]: 'insert' }
  await checkRights(client, { ...wanted, ...ours }, role)
}

async function checkRights(client: ClientBase, wanted: Readonly<Record<string, string>>, role: string): Promise<void> {
  for (const [table, rights] of Object.entries(wanted)) {
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
