// The part of every Postgres answer besides its content: the position, the database's identity, and whether the triggers are
// unchanged.
import { fields, readState, text, textOrNull } from './parse-rows.js'
import { guardSql } from '../triggers/guard-sql.js'
import { identityOf, systemIsPublicSql } from '../identity.js'
import { type Layout, LayoutChanged } from './existing-tables.js'
import type { Position } from '../../state/state.js'

export interface Placed {
  readonly position: Position | null
  readonly identity: string | null
  readonly inRecovery: boolean
}

/**
 * Fields of the answer's object, for `readPlaced`. Each answer asks for all of them again: after a failover, a pg_upgrade or a
 * change of DNS another server may be behind the same address, and even behind the same pool.
 */
export function placedFields({ own, systemIsPublic }: Layout): string {
  if (own === null) return `'recovery', pg_is_in_recovery()`
  // Named only where it may be called: Postgres refuses the statement even if it would never have reached the function.
  const system = systemIsPublic ? '(select system_identifier::text from pg_control_system())' : 'null'
  return `'recovery', pg_is_in_recovery(),
  'state', (
    select json_build_object('version', version::text, 'nonce', nonce, 'database', database_id)
    from ${own.state}
  ),
  'oid', (select oid::text from pg_database where datname = current_database()),
  'systemIsPublic', ${systemIsPublicSql},
  'system', ${system}`
}

/** Throws LayoutChanged if the layout was read from a database with other rights; the caller then reads the layout again. */
export function readPlaced(answer: unknown, layout: Layout, namespace: string | null): Placed {
  const placed = fields(answer, 'answer')
  const inRecovery = placed['recovery'] === true
  const state = readState(placed['state'])
  if (layout.own === null || state === null) return { position: null, identity: null, inRecovery }
  const isPublic = placed['systemIsPublic'] === true
  if (isPublic && !layout.systemIsPublic) throw new LayoutChanged('the rights on pg_control_system() have changed')
  const { schema, features, gatesSchema, gates } = layout.names
  const identity = identityOf({
    databaseId: state.databaseId,
    systemIdentifier: isPublic ? text(placed['system'], 'system identifier') : null,
    databaseOid: text(placed['oid'], 'database'),
    tables: [schema, features, gatesSchema, gates],
    namespace,
  })
  return { position: state.position, identity, inRecovery }
}

export function guardField(layout: Layout): string {
  return `'guard', ${layout.own === null ? 'null' : guardSql(layout.names)}`
}

export function readGuard(answer: unknown): string | null {
  return textOrNull(fields(answer, 'answer')['guard'], 'guard')
}
