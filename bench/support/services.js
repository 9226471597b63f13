// Private servers, by the code that the tests start theirs with: own folders, free ports on loopback, gone at the end.
import { createJiti } from 'jiti'
import { ensureServers } from '../../scripts/servers.js'
import { loadMigrations } from './build.js'

/** @typedef {import('../../test/support/postgres-server.js').PostgresServer} PostgresServer */
/** @typedef {import('../../test/support/redis-server.js').RedisServer} RedisServer */

// The tests' code is TypeScript, which Node 20 does not read.
const jiti = createJiti(import.meta.url)
const tables = { features: 'features', gates: 'feature_gates' }

/**
 * A PostgreSQL with the tables made. Ends with `stop()`.
 * @param {Readonly<Record<string, string>>} settings
 */
export async function startDatabase(settings = {}) {
  ensureServers()
  /** @type {typeof import('../../test/support/postgres-server.js')} */
  const { startPostgres } = await jiti.import('../../test/support/postgres-server.ts')
  const server = await startPostgres({ settings })
  const { migrate } = await loadMigrations()
  await migrate({ connection: { connectionString: server.url() }, tables })
  return server
}

/**
 * A Redis, on a port of its own choice if none is given. Ends with `stop()`.
 * @param {import('../../test/support/redis-server.js').RedisServerOptions} options
 */
export async function startCache(options = {}) {
  ensureServers()
  /** @type {typeof import('../../test/support/redis-server.js')} */
  const { startRedis } = await jiti.import('../../test/support/redis-server.ts')
  return startRedis(options)
}
