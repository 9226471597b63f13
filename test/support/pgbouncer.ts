// The real PgBouncer: in transaction mode before one database, or in session mode before all of a server.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { serverBinary } from './binaries.js'
import { freePort, ServiceProcess, temporaryFolder, unprivilegedAccount } from './service-process.js'

export interface PgBouncer {
  readonly url: string
  stop(): Promise<void>
}

/** Starts PgBouncer in transaction mode before `databaseUrl`. Throws where it is not installed. */
export async function startPgBouncer(databaseUrl: string): Promise<PgBouncer> {
  const { hostname, port, pathname, username } = new URL(databaseUrl)
  const name = pathname.slice(1)
  const databases = `${name} = host=${hostname} port=${port} dbname=${name} user=${username}`
  return start({ databases, mode: 'transaction', poolSize: 4, path: `${username}@127.0.0.1:PORT/${name}` })
}

/**
 * Starts PgBouncer in session mode before all databases of a server: a client has a connection of the server for itself, as it would
 * without PgBouncer, but one that was there already.
 */
export async function startSessionPooler(serverUrl: string): Promise<PgBouncer> {
  const { hostname, port, username } = new URL(serverUrl)
  const databases = `* = host=${hostname} port=${port} user=${username}`
  return start({ databases, mode: 'session', poolSize: 20, path: `${username}@127.0.0.1:PORT/postgres` })
}

interface Starting {
  readonly databases: string
  readonly mode: 'transaction' | 'session'
  readonly poolSize: number
  /** What its URL has after the protocol. */
  readonly path: string
}

async function start({ databases, mode, poolSize, path }: Starting): Promise<PgBouncer> {
  const account = unprivilegedAccount()
  const folder = temporaryFolder('pgbouncer', account)
  const port = await freePort()
  const configuration = join(folder, 'pgbouncer.ini')
  writeFileSync(
    configuration,
    [
      '[databases]',
      databases,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
      `pool_mode = ${mode}`,
      `default_pool_size = ${poolSize}`,
    ].join('\n'),
  )
  const url = `postgres://${path.replace('PORT', String(port))}`
  const service = await ServiceProcess.start({
    command: serverBinary('pgbouncer'),
    arguments: [configuration],
    folder,
    account,
    stopSignal: 'SIGTERM',
    ready: () => answers(url),
  })
  return { url, stop: () => service.stop() }
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {}) // The failed query below says it too.
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } finally {
    await client.end().catch(() => {}) // Never connected: nothing to end.
  }
}
