// What a run costs the servers, as they count it themselves.
import { Redis } from 'ioredis'
import pg from 'pg'
import { processorMs } from './processor-time.js'

const sampleEveryMs = 50

/** Counts the connections to a PostgreSQL all the time, and its transactions on demand. Ends with `close()`. */
export class PostgresMeter {
  #server
  /** @type {pg.Client | null} */
  #client = null
  #most = 0
  #sum = 0
  #samples = 0
  #closed = false
  #sampling = Promise.resolve()

  /** @param {import('../support/services.js').PostgresServer} server */
  constructor(server) {
    this.#server = server
  }

  async open() {
    await this.#connect()
    this.#sampling = this.#sample()
  }

  /** The most connections at any time since the last call. */
  takeMost() {
    const most = this.#most
    this.#most = 0
    return most
  }

  /** The connections on average since the last call. */
  takeAverage() {
    const average = this.#samples === 0 ? 0 : this.#sum / this.#samples
    this.#sum = 0
    this.#samples = 0
    return average
  }

  /** Transactions and sessions so far; a poll is one transaction of one statement. */
  async counts() {
    // A session reports what it did when it has been idle for a second.
    await new Promise((resume) => setTimeout(resume, 1_200))
    const [row] = await this.#ask(`
      select xact_commit + xact_rollback as transactions, sessions, tup_returned as rows
      from pg_stat_database
      where datname = 'postgres'`)
    return { transactions: Number(row?.transactions ?? 0), sessions: Number(row?.sessions ?? 0) }
  }

  /** The server's processor time so far; null where the system does not tell. */
  async processorMs() {
    const [row] = await this.#ask("select split_part(pg_read_file('postmaster.pid'), E'\\n', 1) as pid")
    try {
      return processorMs(row?.pid)
    } catch {
      return null // No Linux, or no server at the moment.
    }
  }

  async close() {
    this.#closed = true
    await this.#sampling
    await this.#client?.end()
  }

  async #sample() {
    while (!this.#closed) {
      const [row] = await this.#ask(`
        select count(*)::int as connections
        from pg_stat_activity
        where datname = 'postgres' and backend_type = 'client backend'`)
      this.#most = Math.max(this.#most, row?.connections ?? 0)
      this.#sum += row?.connections ?? 0
      this.#samples += 1
      await new Promise((resume) => setTimeout(resume, sampleEveryMs))
    }
  }

  /**
   * No rows while the server is away: it may be killed while it is measured.
   * @param {string} sql
   */
  async #ask(sql) {
    try {
      const client = this.#client ?? (await this.#connect())
      return (await client.query(sql)).rows
    } catch {
      this.#client = null
      return []
    }
  }

  /** To another database than the one that is counted. */
  async #connect() {
    const client = new pg.Client({ connectionString: this.#server.url('template1') })
    client.on('error', () => {
      this.#client = null
    })
    await client.connect()
    this.#client = client
    return client
  }
}

/**
 * What a Redis says of itself; it may be busy with others that connect, so it has time.
 * @param {string} url
 */
export async function redisCounts(url) {
  const client = new Redis(url, { connectTimeout: 30_000 })
  client.on('error', () => {}) // It tries again until it is connected; the run as a whole has its own deadline.
  try {
    const text = await client.info()
    /** @param {string} name */
    const number = (name) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1] ?? 0)
    /** @param {string} name */
    const seconds = (name) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1] ?? 0)
    return {
      commands: number('total_commands_processed'),
      sentBytes: number('total_net_output_bytes'),
      connections: number('connected_clients') - 1,
      memoryBytes: number('used_memory'),
      processorMs: 1_000 * (seconds('used_cpu_user') + seconds('used_cpu_sys')),
    }
  } finally {
    client.disconnect()
  }
}
