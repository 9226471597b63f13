import type { Command } from 'commander'
import { environmentDoubt } from '../../config/environment-name.js'
import { printable } from '../../definition/printable.js'
import type { Cli } from '../io.js'
import { note, print, printJson } from '../output.js'

interface MigrateOptions {
  readonly grant?: string
  readonly json?: boolean
}

/** `migrate`: brings the tables of the configured Postgres up to date. */
export function addMigrate(program: Command, cli: Cli): void {
  program
    .command('migrate')
    .description('bring the tables of the database up to date')
    .option('--grant <role>', 'give this database role the rights an application needs, and no more')
    .option('--json', 'show the result as JSON')
    .addHelpText(
      'after',
      `
Works on a database that a Rails application with Flipper already uses: it adds, and never alters or deletes.
Repairs lost, disabled or altered triggers, and has every process read everything once. Safe to run again.
The embedded database migrates itself when it starts.

Example:
  DATABASE_URL=postgres://owner@db/app bin/feature-flag migrate --grant app`,
    )
    .action((options: MigrateOptions) => migrateDatabase(cli, options))
}

async function migrateDatabase(cli: Cli, { grant, json }: MigrateOptions): Promise<void> {
  const { io } = cli
  const { readConfig } = await import('../session.js')
  const { env, store, tables } = await readConfig(cli)
  // The environment may have chosen the database.
  const doubt = environmentDoubt(env)
  if (doubt !== null) note(io, `warning: ${doubt}`)
  if (store.kind === 'missing') {
    const { ConfigurationError } = await import('../../errors.js')
    throw new ConfigurationError(store.message)
  }
  if (store.kind !== 'postgres') {
    if (json) return printJson(io, { applied: [], already: [], newer: [], repaired: [] })
    return print(io, `Nothing to do: the database is ${store.kind} and migrates itself when it starts.`)
  }
  const { migrate } = await import('../../store/migrate.js')
  const connection = { connectionString: store.url }
  const migrated = await migrate({ connection, tables, ...(grant === undefined ? {} : { grant }) })
  if (migrated.newer.length > 0) {
    note(io, `warning: applied by a newer version, which should be used here too: ${migrated.newer.join(', ')}`)
  }
  if (json) return printJson(io, migrated)
  for (const name of migrated.applied) print(io, `applied ${name}`)
  for (const name of migrated.repaired) print(io, `repaired ${printable(name)}`)
  if (migrated.applied.length + migrated.repaired.length === 0) print(io, 'Already up to date.')
  if (grant !== undefined) print(io, `granted the rights of an application to ${grant}`)
}
