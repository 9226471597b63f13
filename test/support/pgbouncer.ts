// The real PgBouncer in transaction mode, in front of one database.
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
  const account = unprivilegedAccount()
  const folder = temporaryFolder('pgbouncer', account)
  const port = await freePort()
  const { hostname, port: serverPort, pathname, username } = new URL(databaseUrl)
  const name = pathname.slice(1)
  const configuration = join(folder, 'pgbouncer.ini')
  writeFileSync(
    configuration,
    [
      '[databases]',
      `${name} = host=${hostname} port=${serverPort} dbname=${name} user=${username}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
      'pool_mode = transaction',
      'default_pool_size = 4',
    ].join('\n'),
  )
  const url = `postgres://${username}@127.0.0.1:${port}/${name}`
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
