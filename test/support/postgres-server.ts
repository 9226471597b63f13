// A private PostgreSQL: own folder, free port on loopback, Unix socket in its folder, no password.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { serverBinary } from './binaries.js'
import { madeOnce } from './made-once.js'
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

const initdbArguments = ['--auth=trust', '--username=postgres', '--encoding=UTF8', '--locale=C', '--no-sync']

/** Copies an empty cluster: making one takes more of the processor than most tests that need a server of their own. */
function initialise(folder: string): void {
  const account = unprivilegedAccount()
  const binary = serverBinary('initdb')
  const { size, mtimeMs } = statSync(binary)
  const of = JSON.stringify(['an empty cluster', binary, size, mtimeMs, initdbArguments, account?.uid ?? null])
  const template = madeOnce({ of, sources: [] }, (made) => {
    // The account may not write into the folder of this repository.
    const own = temporaryFolder('initdb', account)
    ran('initdb', spawnSync(binary, ['-D', join(own, 'data'), ...initdbArguments], { cwd: own, ...(account ?? {}) }))
    copy(join(own, 'data'), made)
    rmSync(own, { recursive: true, force: true })
  })
  copy(join(template, 'data'), folder)
}

/** With owners and rights. */
function copy(from: string, into: string): void {
  ran('cp', spawnSync('cp', ['-a', from, into]))
}

function ran(name: string, { status, stdout, stderr }: SpawnSyncReturns<Buffer>): void {
  if (status !== 0) throw new Error(`${name} failed:\n${stdout}${stderr}`)
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
