// The identity of a database, the same under every name and address. A dump carries `feature_state`, so its copy has the same
// database id and position; only the cluster and the database that hold them tell the two apart. Two addresses of one database
// (a pooler, a tunnel) have one identity. So do a primary, its standbys and the new primary after a failover.
import { hash } from 'node:crypto'

export interface IdentityParts {
  /** Of `feature_state`, made with the table. */
  readonly databaseId: string
  /** Of the cluster, made by initdb; null if not every role may read it. */
  readonly systemIdentifier: string | null
  /** Of the database within its cluster; a rename keeps it. */
  readonly databaseOid: string
  /** Schemas and names: two pairs of tables in one schema share one `feature_state`. */
  readonly tables: readonly string[]
  /** The configured part, for copies that otherwise look the same. */
  readonly namespace: string | null
}

/** Gives the same text for the same parts, and another text for other parts; can be used in a key. */
export function identityOf(parts: IdentityParts): string {
  const { databaseId, systemIdentifier, databaseOid, tables, namespace } = parts
  return hash('sha256', JSON.stringify([databaseId, systemIdentifier, databaseOid, tables, namespace])).slice(0, 32)
}

/**
 * SQL: whether every role may call pg_control_system(). It asks about `public`, not about the role in use: otherwise two roles
 * of one database would get two identities.
 */
export const systemIsPublicSql = `coalesce(
  has_function_privilege('public', to_regprocedure('pg_catalog.pg_control_system()'), 'execute'), false
)`
