// A PostgreSQL on a machine of its own: it can lose power, stand still, be restored from a copy, or be the standby of another.
import { execFileSync } from 'node:child_process'
import { chownSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { silentLogger } from '../../lib/log.js'
import { migrate } from '../../lib/store/migrations/migrate.js'
import { PostgresStore, type PostgresStoreOptions } from '../../lib/store/postgres/store.js'
import { KeptConnection } from '../support/kept-connection.js'
import type { PostgresServer } from '../support/postgres-server.js'
import { startPostgres } from '../support/services.js'
import { unprivilegedAccount } from '../support/service-process.js'
import { signalFamily } from './processes.js'

export const tables = { features: 'features', gates: 'feature_gates' }

export function openStore(url: string, more: Partial<PostgresStoreOptions> = {}): PostgresStore {
  return new PostgresStore({ connection: { connectionString: url }, tables, logger: silentLogger, ...more })
}

export class DatabaseMachine {
  readonly #server: PostgresServer
  // To connect takes Postgres longer than a short question. Nothing is kept beyond a fault: the next question finds the server as a stranger does.
  #outsider: KeptConnection | null = null
  #store: PostgresStore | null = null

  private constructor(server: PostgresServer) {
    this.#server = server
  }

  /** Starts a server; migrated, unless it is to become something else. */
  static async start(options: { readonly migrated?: boolean; readonly settings?: Record<string, string> } = {}) {
    const server = await startPostgres({ settings: options.settings ?? {} })
    const machine = new DatabaseMachine(server)
    if (options.migrated !== false) await migrate({ connection: { connectionString: machine.url() }, tables })
    return machine
  }

  get port(): number {
    return this.#server.port
  }

  url(port: number = this.#server.port): string {
    return `postgres://postgres@127.0.0.1:${port}/postgres`
  }

  /** A store that reads and writes past every process under test; after a fault it is another one. Its connection never goes by itself, which would free it for others. */
  get store(): PostgresStore {
    this.#store ??= openStore(this.url(), { closeIdleAfterMs: 0 })
    return this.#store
  }

  /** kill -9 of every process at once. */
  async crash(): Promise<void> {
    this.#disconnect()
    signalFamily(this.#pid(), 'SIGKILL')
    await this.#server.kill()
  }

  /** Starts it again on the same data. */
  async restart(): Promise<void> {
    rmSync(join(this.#data(), 'postmaster.pid'), { force: true })
    await this.#server.restart()
  }

  freeze(): void {
    this.#disconnect()
    signalFamily(this.#pid(), 'SIGSTOP')
  }

  thaw(): void {
    signalFamily(this.#pid(), 'SIGCONT')
  }

  /** Puts a copy in the place of its data; it must not run. */
  restore(copy: string): void {
    rmSync(this.#data(), { recursive: true, force: true })
    execFileSync('cp', ['-a', copy, this.#data()])
    rmSync(join(this.#data(), 'postmaster.pid'), { force: true })
  }

  /** Copies the data of this server, which must not run, to a folder beside it, and returns its path. */
  backUp(): string {
    const copy = join(this.#server.socketFolder, 'backup')
    rmSync(copy, { recursive: true, force: true })
    execFileSync('cp', ['-a', this.#data(), copy])
    return copy
  }

  /** Makes this server, which must not run, the standby of another from its next start on. */
  follow(primary: DatabaseMachine): void {
    const signal = join(this.#data(), 'standby.signal')
    writeFileSync(signal, '')
    const settings = join(this.#data(), 'postgresql.auto.conf')
    writeFileSync(settings, `primary_conninfo = 'host=127.0.0.1 port=${primary.port} user=postgres'\n`)
    const account = unprivilegedAccount()
    if (account === null) return
    for (const file of [signal, settings]) chownSync(file, account.uid, account.gid)
  }

  /** Runs SQL as an outsider would. */
  async query(sql: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
    this.#outsider ??= new KeptConnection(this.url(), { connectionTimeoutMillis: 5_000 })
    return this.#outsider.query(sql, values)
  }

  async stop(): Promise<void> {
    this.#disconnect()
    this.thaw()
    await this.#server.stop()
  }

  /** Without waiting: a server that is about to stand still answers no farewell. */
  #disconnect(): void {
    void this.#outsider?.close()
    void this.#store?.close()
    this.#outsider = null
    this.#store = null
  }

  #data(): string {
    return join(this.#server.socketFolder, 'data')
  }

  #pid(): number {
    try {
      return Number(readFileSync(join(this.#data(), 'postmaster.pid'), 'utf8').split('\n')[0])
    } catch {
      return -1 // It does not run: there is nothing to send a signal to.
    }
  }
}
