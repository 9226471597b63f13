// The store contract, on Postgres.
import { silentLogger } from '../../lib/log.js'
import { migrate } from '../../lib/store/migrations/migrate.js'
import { PostgresStore } from '../../lib/store/postgres/store.js'
import { createDatabase, startPgBouncer } from '../support/services.js'
import { storeContract } from './store.contract.js'

const tables = { features: 'features', gates: 'feature_gates' }

storeContract('on Postgres', async () => {
  const database = await createDatabase()
  const store = new PostgresStore({ connection: { connectionString: database.url }, tables, logger: silentLogger })
  return { store, close: () => store.close().then(() => database.close()) }
})

storeContract('on Postgres with names of its own in a schema', async () => {
  const database = await createDatabase({ migrated: false })
  await database.query('create schema "Flags"')
  const named = { features: 'Flags.flipper_features', gates: 'Flags.flipper_gates' }
  const connection = { connectionString: database.url }
  await migrate({ connection, tables: named })
  const store = new PostgresStore({ connection, tables: named, logger: silentLogger })
  return { store, close: () => store.close().then(() => database.close()) }
})

storeContract('on Postgres behind PgBouncer, for a role with the granted rights only', async () => {
  const database = await createDatabase({ migrated: false })
  const role = `role_${Date.now()}_${process.pid}`
  await database.query(`create role ${role} login`)
  await migrate({ connection: { connectionString: database.url }, tables, grant: role })
  // Tokens are made by the tables' owner, and people sign in at servers; the contract does both.
  await database.query(`grant insert, update on feature_tokens to ${role}`)
  await database.query(`grant select, insert, update, delete on feature_sessions, feature_secrets to ${role}`)
  // A server reads what is told of changes.
  await database.query(`grant select on feature_changes to ${role}`)
  const url = new URL(database.url)
  url.username = role
  const bouncer = await startPgBouncer(url.href)
  const store = new PostgresStore({
    connection: { connectionString: bouncer.url },
    tables,
    logger: silentLogger,
    times: { echoWithinMs: 500 },
  })
  const close = async () => {
    await store.close()
    await bouncer.stop()
    await database.close()
  }
  // Nothing is heard by LISTEN behind a pooler.
  return { store, close, givesHints: false }
})
