// Asks the tables that only a server uses. They are looked up by name: a login that may not use them is told which command gives the
// rights, and one that got them since needs no restart.
import { DatabaseError } from 'pg'
import { StoreUnavailable } from '../../../errors.js'
import { programName } from '../../../text/program-name.js'
import { type Layout, notMigrated, withoutTable } from '../existing-tables.js'
import { ownTables, quoteIdentifier } from '../table-names.js'
import type { Done } from '../query.js'

/** Runs a statement with the names of the tables filled in. Throws StoreUnavailable (`not_migrated`, `server_rights_missing`). */
export async function askDesk(
  sql: string,
  layout: Layout,
  place: string,
  ask: (sql: string) => Promise<Done>,
): Promise<Done> {
  const { tokens, names } = layout
  if (tokens === null) throw withoutTable(layout, [ownTables.tokens], place)
  const beside = (table: string) => `${quoteIdentifier(names.schema)}.${quoteIdentifier(table)}`
  const named = sql
    .replaceAll(':sessions', beside(ownTables.sessions))
    .replaceAll(':secrets', beside(ownTables.secrets))
    .replaceAll(':tokens', tokens)
  try {
    return await ask(named)
  } catch (error) {
    throw missingPart(error, place)
  }
}

function missingPart(error: unknown, place: string): unknown {
  if (!(error instanceof DatabaseError)) return error
  if (error.code === '42P01') return notMigrated(`the database "${place}" has no table "${ownTables.sessions}"`)
  if (error.code !== '42501') return error
  return new StoreUnavailable('server_rights_missing', {
    problem: `the login of DATABASE_URL may not keep sign-ins in the database "${place}"`,
    remedy: `run ${programName()} migrate --grant-server ROLE with the login of the owner of the tables`,
    cause: error,
  })
}
