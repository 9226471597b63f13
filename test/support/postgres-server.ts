// A private PostgreSQL: own folder, free port on loopback, Unix socket in its folder, no password.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { serverBinary } from './binaries.js'
import { freePort, ServiceProcess, temporaryFolder, unprivilegedAccount } from './service-process.js'

export interface PostgresServer {
  readonly port: number
  /** The folder of its Unix socket. */
  readonly socketFolder: string
  url(database?: string, user?: string): string
  signal(signal: NodeJS.Signals): void
  /** kill -9 of the postmaster. */
  kill(): Promise<void>
  /** Starts it again on the same data and the same port. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface PostgresOptions {
  /** Off for speed; on for tests that kill the server and look for lost writes. */
  readonly fsync?: boolean
  readonly settings?: Readonly<Record<string, string>>
  /** Every role but `postgres` needs its password over TCP. */
  readonly passwords?: boolean
  /** The lines of pg_hba.conf. */
  readonly rules?: readonly string[]
}

const passwordRules = [
  'local all all trust',
  'host all postgres 127.0.0.1/32 trust',
  'host all all 127.0.0.1/32 scram-sha-256',
]

/** Starts a private PostgreSQL server. Throws where PostgreSQL is not installed. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const account = unprivilegedAccount()
  const folder = temporaryFolder('postgres', account)
  initialise(folder)
  const rules = options.rules ?? (options.passwords === true ? passwordRules : null)
  if (rules !== null) writeFileSync(join(folder, 'data', 'pg_hba.conf'), `${rules.join('\n')}\n`)
  const port = await freePort()
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    fsync: options.fsync === true ? 'on' : 'off',
    full_page_writes: options.fsync === true ? 'on' : 'off',
    max_connections: '200',
    // Not UTC, so that a time written in the session's zone shows.
    timezone: 'Asia/Kolkata',
    shared_buffers: '32MB',
    log_min_messages: 'error',
    ...options.settings,
  }
  const start = () =>
    ServiceProcess.start({
      command: serverBinary('postgres'),
      arguments: [
        '-D',
        join(folder, 'data'),
        ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
      ],
      folder,
      account,
      stopSignal: 'SIGQUIT',
      ready: () => answers(port),
    })
  let service = await start()
  return {
    port,
    socketFolder: folder,
    url: (database = 'postgres', user = 'postgres') => `postgres://${user}@127.0.0.1:${port}/${database}`,
    signal: (signal) => service.signal(signal),
    kill: () => service.kill(),
    restart: async () => {
      await service.kill()
      service = await start()
    },
    stop: () => service.stop(),
  }
}

/** Each makes its own cluster: copies of one would have one identity, and would be taken for one database. */
function initialise(folder: string): void {
  const account = unprivilegedAccount()
  const made = spawnSync(
    serverBinary('initdb'),
    ['-D', join(folder, 'data'), '--auth=trust', '--username=postgres', '--encoding=UTF8', '--locale=C', '--no-sync'],
    { cwd: folder, encoding: 'utf8', ...(account ?? {}) },
  )
  if (made.status !== 0) throw new Error(`initdb failed:\n${made.stdout}${made.stderr}`)
}

async function answers(port: number): Promise<boolean> {
  const client = new Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
  client.on('error', () => {}) // The failed query below says it too.
  try {
    await client.connect()
    await client.query('select 1')
    return true
  } finally {
    await client.end().catch(() => {}) // Never connected: nothing to end.
  }
}
