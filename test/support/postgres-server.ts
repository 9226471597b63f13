// A private PostgreSQL: own folder, free port on loopback, Unix socket in its folder, no password.
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
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
  /** A cluster that was made by `makeCluster`: the server has a copy of it. Default: it makes its own. */
  readonly cluster?: string
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
  if (options.cluster === undefined) initialise(folder)
  else copyCluster(options.cluster, folder)
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

/** An empty cluster to copy, in a folder that the caller removes. To make one takes fifteen times as long as to copy it. */
export function makeCluster(): string {
  const folder = temporaryFolder('cluster', unprivilegedAccount())
  initialise(folder)
  return folder
}

const data = 'data'

function initialise(folder: string): void {
  const options = ['--auth=trust', '--username=postgres', '--encoding=UTF8', '--locale=C', '--no-sync']
  run(serverBinary('initdb'), ['-D', join(folder, data), ...options], folder)
}

/** Under an identity of its own: two clusters with one would be taken for one database. */
function copyCluster(from: string, folder: string): void {
  const into = join(folder, data)
  run('cp', ['-R', join(from, data), into], folder)
  // The file begins with the identity, 64 bits of which the highest is the sign. Its checksum and the log follow by pg_resetwal.
  const control = openSync(join(into, 'global', 'pg_control'), 'r+')
  const identity = `${randomUUID().replaceAll('-', '').slice(0, 14)}01`
  writeSync(control, Buffer.from(identity, 'hex'))
  closeSync(control)
  run(serverBinary('pg_resetwal'), ['--force', '-D', into], folder)
}

function run(command: string, options: readonly string[], cwd: string): void {
  const ran = spawnSync(command, options, { cwd, encoding: 'utf8', ...(unprivilegedAccount() ?? {}) })
  if (ran.status !== 0) throw new Error(`${command} failed:\n${ran.error ?? ''}${ran.stdout}${ran.stderr}`)
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
