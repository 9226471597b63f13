// Migrations: forward only, all in one transaction under one lock, so that two that start at once both succeed. They never
// alter or delete an existing table or row: a Rails application may own the two tables and their rows. Only the functions and
// triggers are ours, and are made anew if they are lost (store/triggers/repair.ts). docs/decisions/libraries.md says why no library
// runs them.
import { type Client, type ClientConfig, DatabaseError } from 'pg'
import type { Tables } from '../../config/config.js'
import { errorText, FeatureError } from '../../errors.js'
import { grantRights, grantServerRights } from './grant.js'
import { holding } from '../../time/hold.js'
import { fillIn, type MigrationFile, readMigrations } from './files.js'
import { type MigrationNames, resolveNames } from './names.js'
import { settledMigrations } from './nothing-to-do.js'
import { PostgresClient } from '../postgres/connection/client.js'
import { storeError } from '../postgres/errors.js'
import { databaseLabel } from '../postgres/connection/pool.js'
import { findLosses, hasPosition, type Loss, type Repair, repairLosses } from '../triggers/repair.js'
import { checkTables } from '../postgres/table-names.js'

export interface MigrateOptions {
  readonly connection: ClientConfig
  readonly tables: Tables
  /** A role that gets the rights that an application needs, and no more. */
  readonly grant?: string
  /** A role that gets the rights that a server needs, for projects too. */
  readonly grantServer?: string
  /** Whether to take the transaction back, so that nothing changes. Default: false. */
  readonly dryRun?: boolean
}

export interface Migrated {
  readonly applied: readonly string[]
  readonly already: readonly string[]
  /** Applied by a newer version of this package: that is fine, but this version should be updated. */
  readonly newer: readonly string[]
  /** Triggers, functions and tables that were lost or altered, and are restored: `trigger … on … (disabled)`. */
  readonly repaired: readonly string[]
  /** Present if `session_replication_role` keeps triggers from running for this role or in this database. */
  readonly replicaRole?: true
}

/** Any constant will do: every process that migrates takes this lock first. */
const migrationLock = '7362846551'

/**
 * Brings the database's tables up to date. Throws ConfigurationError for names that do not fit the existing tables,
 * StoreUnavailable if the database cannot be reached, FeatureError (`store_rejected`) if it refuses.
 */
export async function migrate(options: MigrateOptions): Promise<Migrated> {
  return holding(migrateTables(options))
}

async function migrateTables(options: MigrateOptions): Promise<Migrated> {
  const tables = checkTables(options.tables)
  const client = new PostgresClient({ connection: { connectionTimeoutMillis: 5_000, ...options.connection } })
  try {
    await client.connect()
    await client.query('begin')
    await client.query(`set local lock_timeout = '10s'; set local idle_in_transaction_session_timeout = '60s'`)
    await client.query('select pg_advisory_xact_lock($1)', [migrationLock])
    const names = await resolveNames(client, tables)
    const files = readMigrations()
    const repair = { client, names, files }
    const before = (await hasPosition(repair)) ? await findLosses(repair) : []
    const settled = before.length === 0 ? await settledMigrations(client, names, files) : null
    const pending = settled ?? (await applyPending(client, names, files))
    const repaired = pending.newer.length > 0 ? [] : await repairAfter(repair, before)
    const migrated = { ...pending, repaired, ...(await replicaRole(client)) }
    if (options.grant !== undefined) await grantRights(client, names, options.grant)
    if (options.grantServer !== undefined) await grantServerRights(client, names, options.grantServer)
    await client.query(options.dryRun === true ? 'rollback' : 'commit')
    return migrated
  } catch (error) {
    throw refusedRights(error) ?? storeError(error, databaseLabel(options.connection))
  } finally {
    await client.end().catch(() => {}) // Already gone; the server rolls back the transaction, if any.
  }
}

/** The setting does not belong to the tables, so no repair can help. */
async function replicaRole(client: Client): Promise<Pick<Migrated, 'replicaRole'>> {
  const { rows } = await client.query<{ role: string }>(`select current_setting('session_replication_role') as role`)
  return rows[0]?.role === 'replica' ? { replicaRole: true } : {}
}

/**
 * A loss from before counts even if the migrations just applied have repaired it: changes may have left no trace since then.
 * The database of a newer version is not repaired, because it need not match this version's expectations.
 */
async function repairAfter(repair: Repair, before: readonly Loss[]): Promise<readonly string[]> {
  const lost = [...before.filter(({ isLoss }) => isLoss), ...(await findLosses(repair))].map(({ text }) => text)
  if (lost.length > 0) await repairLosses(repair)
  return [...new Set(lost)]
}

type Applied = Omit<Migrated, 'repaired' | 'replicaRole'>

async function applyPending(client: Client, names: MigrationNames, files: readonly MigrationFile[]): Promise<Applied> {
  await client.query(
    `create table if not exists ${names.migrations} (
      name text primary key,
      applied_at timestamptz not null default now()
    );
    comment on table ${names.migrations} is 'Sluice: applied migrations'`,
  )
  const before = await client.query<{ name: string }>(`select name from ${names.migrations} order by name`)
  const done = before.rows.map((row) => row.name)
  const pending = files.filter(({ name }) => !done.includes(name))
  for (const { name, sql } of pending) {
    await client.query(fillIn(sql, names))
    await client.query(`insert into ${names.migrations} (name) values ($1)`, [name])
  }
  const known = new Set(files.map((file) => file.name))
  return {
    applied: pending.map(({ name }) => name),
    already: done.filter((name) => known.has(name)),
    newer: done.filter((name) => !known.has(name)),
  }
}

/** Other commands advise to migrate with --grant; the role that migrates needs rights of another kind. */
function refusedRights(error: unknown): FeatureError | null {
  if (!(error instanceof DatabaseError && error.code === '42501')) return null
  return new FeatureError('store_rejected', {
    problem: `Postgres refused: ${errorText(error)} (42501)`,
    remedy: 'migrate with a role that may create tables in the schema, and that owns the tables that are there',
    cause: error,
  })
}
