// Which database it is, whatever name or address leads to it. A dump carries `feature_state`, so its copy has the same
// database id and position: what tells the two apart is the cluster and the database that hold them. Two addresses of one
// database (a pooler, a tunnel) have one identity, and so have a primary, its standbys and what a failover makes of them.
import { hash } from 'node:crypto'

export interface IdentityParts {
  /** Of `feature_state`, made with the table. */
  readonly databaseId: string
  /** Of the cluster, made by initdb; null where not every role may read it. */
  readonly systemIdentifier: string | null
  /** Of the database within its cluster; a rename keeps it. */
  readonly databaseOid: string
  /** Schemas and names: two pairs of tables in one schema share one `feature_state`. */
  readonly tables: readonly string[]
  /** What the configuration adds, for copies that nothing else tells apart. */
  readonly namespace: string | null
}

/** The same text for the same parts, and another one for others; fit for a key. */
export function identityOf(parts: IdentityParts): string {
  const { databaseId, systemIdentifier, databaseOid, tables, namespace } = parts
  return hash('sha256', JSON.stringify([databaseId, systemIdentifier, databaseOid, tables, namespace])).slice(0, 32)
}

/**
 * SQL: whether every role may call pg_control_system(). Asked of `public`, not of the own role: two roles of one database
 * would otherwise get two identities.
 */
export const systemIsPublicSql = `coalesce(
  has_function_privilege('public', to_regprocedure('pg_catalog.pg_control_system()'), 'execute'), false
)`
