// Private servers, by the code that the tests start theirs with: own folders, free ports on loopback, gone at the end.
import { createJiti } from 'jiti'
import { migrate } from '../dist/store/migrations/migrate.js'
import { ensureServers } from '../scripts/servers.js'

// The tests' code is TypeScript, which Node 20 does not read.
const jiti = createJiti(import.meta.url)
const tables = { features: 'features', gates: 'feature_gates' }

/** A PostgreSQL with the tables made. Ends with `stop()`. */
export async function startDatabase(settings = {}) {
  ensureServers()
  const { startPostgres } = await jiti.import('../test/support/postgres-server.ts')
  const server = await startPostgres({ settings })
  await migrate({ connection: { connectionString: server.url() }, tables })
  return server
}

/** A Redis, on a port of its own choice if none is given. Ends with `stop()`. */
export async function startCache(options = {}) {
  ensureServers()
  const { startRedis } = await jiti.import('../test/support/redis-server.ts')
  return startRedis(options)
}
