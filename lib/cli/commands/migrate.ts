// `migrate`: brings the tables of Postgres, or of the embedded one, up to date and prints the steps done. The work is in
// store/migrations/ and store/triggers/.
import type { Command } from 'commander'
import { environmentDoubt } from '../../config/environment-name.js'
import { printable } from '../../text/printable.js'
import type { Config } from '../../config/config.js'
import type { ConnectionSource } from '../../config/connection-source.js'
import type { Migrated } from '../../store/migrations/migrate.js'
import type { Cli } from '../terminal/io.js'
import { note, print, printJson } from '../terminal/output.js'

interface MigrateOptions {
  readonly grant?: string
  readonly grantServer?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** `migrate`: brings the tables of the configured Postgres up to date. */
export function addMigrate(program: Command, cli: Cli): void {
  program
    .command('migrate')
    .description('bring the tables of the database up to date')
    .option('--grant <role>', 'give this database role the rights an application needs, and no more')
    .option('--grant-server <role>', 'give it the rights that a server needs, which also reads and changes projects')
    .option('--dry-run', 'do all of it in a transaction that is taken back, and show what was done')
    .option('--json', 'show the result as JSON')
    .addHelpText(
      'after',
      `
Works on a database that a Rails application with Flipper already uses: it adds, and never alters or deletes.
Repairs lost, disabled or altered triggers, and has every process read everything once. Safe to run again.
The embedded database also does all this by itself when it starts.

Examples:
  bin/feature-flag migrate --dry-run
  DATABASE_URL=postgres://owner@db/app bin/feature-flag migrate --grant app --grant-server flags_server`,
    )
    .action((options: MigrateOptions) => migrateDatabase(cli, options))
}

const nothing: Migrated = { applied: [], already: [], newer: [], repaired: [] }

async function migrateDatabase(cli: Cli, options: MigrateOptions): Promise<void> {
  const { grant, grantServer, dryRun = false, json } = options
  const { io } = cli
  const { readConfig } = await import('../session.js')
  const config = await readConfig(cli)
  const { env, store } = config
  if (store.kind === 'missing') {
    const { ConfigurationError } = await import('../../errors.js')
    throw new ConfigurationError(store.fault)
  }
  // The environment may have chosen the database.
  const doubt = environmentDoubt(env)
  if (doubt !== null) note(io, `warning: ${doubt}`)
  if (store.kind === 'memory') {
    if (json) return printJson(io, nothing)
    return print(io, 'Nothing to do: the flags are kept in memory.')
  }
  const { database } = config
  if (dryRun && database === null) {
    if (json) return printJson(io, { ...nothing, dry_run: true })
    return print(
      io,
      'The embedded database is brought up to date by the next command that opens it. Nothing was changed (--dry-run).',
    )
  }
  const migrated = database === null ? await migrateEmbedded(config) : await migratePostgres(database, config, options)
  if (migrated.newer.length > 0) {
    note(io, `warning: applied by a newer version, which should be used here too: ${migrated.newer.join(', ')}`)
  }
  if (migrated.replicaRole === true) {
    note(
      io,
      'warning: session_replication_role is "replica" for this role or database: no trigger runs, and changes leave no history. ' +
        'Run alter role … (or alter database …) reset session_replication_role',
    )
  }
  if (json) return printJson(io, dryRun ? { ...migrated, dry_run: true } : migrated)
  const did = (done: string, would: string) => (dryRun ? `would ${would}` : done)
  for (const name of migrated.applied) print(io, `${did('applied', 'apply')} ${name}`)
  for (const name of migrated.repaired) print(io, `${did('repaired', 'repair')} ${printable(name)}`)
  if (migrated.applied.length + migrated.repaired.length === 0) print(io, 'Already up to date.')
  if (store.kind !== 'postgres') return
  const granted = did('granted', 'grant')
  if (grant !== undefined) print(io, `${granted} the rights of an application to ${grant}`)
  if (grantServer !== undefined) print(io, `${granted} the rights of a server to ${grantServer}`)
  if (dryRun) note(io, 'Nothing was changed (--dry-run).')
}

async function migratePostgres(
  database: ConnectionSource,
  { tables }: Config,
  { grant, grantServer, dryRun = false }: MigrateOptions,
): Promise<Migrated> {
  const [{ migrate }, { holding }] = await Promise.all([
    import('../../store/migrations/migrate.js'),
    import('../../time/hold.js'),
  ])
  const connection = { connectionString: await holding(database.resolve()) }
  const grants = { ...(grant === undefined ? {} : { grant }), ...(grantServer === undefined ? {} : { grantServer }) }
  return migrate({ connection, tables, dryRun, ...grants })
}

async function migrateEmbedded({ root, tables, logger }: Config): Promise<Migrated> {
  const { EmbeddedStore } = await import('../../store/embedded.js')
  const store = new EmbeddedStore({ root, tables, logger })
  try {
    return await store.migrate()
  } finally {
    await store.close()
  }
}
