// What test files use: databases of their own on the shared PostgreSQL, and private servers.
import { randomUUID } from 'node:crypto'
import { Client } from 'pg'
import { administer } from './administrator.js'
import { KeptConnection } from './kept-connection.js'
import { type PostgresOptions, type PostgresServer, startPostgres as startServer } from './postgres-server.js'
import { sharedService } from './shared-service.js'

export { startPgBouncer } from './pgbouncer.js'
export { startRedis } from './redis-server.js'

/** Starts a private PostgreSQL server on a copy of the cluster that is made once for all tests. Throws where it is not installed. */
export async function startPostgres(options: Omit<PostgresOptions, 'cluster'> = {}): Promise<PostgresServer> {
  return startServer({ ...options, cluster: await sharedService('cluster') })
}

export interface TestDatabase {
  readonly url: string
  /** Runs SQL as an outsider would, in a session of its own; what it sets there is gone afterwards. */
  query(sql: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>
  /** Closes the connection of `query`, which is kept otherwise. */
  disconnect(): Promise<void>
  /** Drops the database. Throws where the test left a connection to it open. */
  close(): Promise<void>
}

export interface DatabaseOptions {
  readonly migrated?: boolean
  /**
   * Its URL leads through a pooler that gives each client a connection of the server for itself, one that was there already. For tests of
   * which each connects many times: to make a connection takes longer than what most of them ask.
   */
  readonly pooled?: boolean
  /** Of an empty one; default UTF8. */
  readonly encoding?: string
}

/** A database of its own: with the migrations applied, or empty with `{ migrated: false }`. */
export async function createDatabase(options: DatabaseOptions = {}): Promise<TestDatabase> {
  const serverUrl = await sharedService('postgres')
  const name = `test_${randomUUID().replaceAll('-', '')}`
  const template = options.migrated === false ? 'template0' : 'sluice_template'
  const encoding = options.encoding === undefined ? '' : ` encoding '${options.encoding}'`
  await administer(
    serverUrl,
    `create database ${name} template ${template}${encoding}${await copyingOption(serverUrl)}`,
  )
  const url = urlOf(serverUrl, name)
  const kept = new KeptConnection(url)
  const pooler = options.pooled === true ? await sharedService('pooler') : null
  return {
    url: pooler === null ? url : urlOf(pooler, name),
    query: (sql, values) => kept.query(sql, values),
    disconnect: () => kept.close(),
    close: async () => {
      await kept.close()
      const left = await (pooler === null ? connectionsLeft(serverUrl, name) : clientsLeft(pooler, name))
      await administer(serverUrl, `drop database if exists ${name} with (force)`)
      if (left > 0) throw new Error(`the test left ${left} connection(s) to its database open`)
    },
  }
}

function urlOf(server: string, database: string): string {
  const url = new URL(server)
  url.pathname = `/${database}`
  return url.href
}

let option: string | null = null

/** Databases are copied as files, as PostgreSQL 14 always does it: to copy the blocks through the log takes five times as long. */
async function copyingOption(serverUrl: string): Promise<string> {
  if (option !== null) return option
  const asks = `select current_setting('server_version_num')::int >= 150000 as asks`
  const [server] = await administer(serverUrl, asks)
  option = server?.['asks'] === true ? ' strategy file_copy' : ''
  return option
}

/** A closed connection is gone from the server's list only a moment later. */
async function soonNone(count: () => Promise<number>): Promise<number> {
  const deadline = Date.now() + 3_000
  for (;;) {
    const left = await count()
    if (left === 0 || Date.now() > deadline) return left
    await new Promise((done) => setTimeout(done, 10))
  }
}

function connectionsLeft(serverUrl: string, database: string): Promise<number> {
  // A test that writes much is met by the server's own processes, too: those that clean up and analyze tables.
  const left = `select count(*)::int as count from pg_stat_activity where datname = $1 and backend_type = 'client backend'`
  return soonNone(async () => Number((await administer(serverUrl, left, [database]))[0]?.['count']))
}

/** The pooler keeps its own connections to the server until the database goes. */
async function clientsLeft(pooler: string, database: string): Promise<number> {
  const console = new Client({ connectionString: urlOf(pooler, 'pgbouncer') })
  await console.connect()
  try {
    return await soonNone(async () => {
      const { rows } = await console.query<{ database: string }>('show clients')
      return rows.filter((client) => client.database === database).length
    })
  } finally {
    await console.end()
  }
}
