// The connection over which a test looks into its database. Postgres takes longer to make one than for most statements, so it is kept,
// and each statement finds a session as it is right after connecting.
import { Client, type ClientConfig } from 'pg'

export class KeptConnection {
  readonly #config: ClientConfig
  #client: Promise<Client> | null = null
  #asking = false

  constructor(url: string, settings: ClientConfig = {}) {
    this.#config = { connectionString: url, ...settings }
  }

  /** Runs SQL. Rejects with what the server says. */
  async query(sql: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> {
    // Not after the one that is under way: that one may wait for what this one does.
    if (this.#asking) return askOnce(this.#config, sql, values)
    this.#asking = true
    try {
      const client = await this.#connected()
      try {
        return await ask(client, sql, values)
      } finally {
        await this.#forgetSession(client)
      }
    } finally {
      this.#asking = false
    }
  }

  /** Resolves when the server has been told; the next statement connects again. */
  async close(): Promise<void> {
    const client = this.#client
    this.#client = null
    await (await client?.catch(() => undefined))?.end() // Never connected: nothing to end.
  }

  async #connected(): Promise<Client> {
    const client = this.#client ?? this.#connect()
    try {
      return await client
    } catch (error) {
      this.#forget(client)
      throw error
    }
  }

  #connect(): Promise<Client> {
    const client = connect(this.#config, () => this.#forget(client))
    this.#client = client
    return client
  }

  #forget(client: Promise<Client>): void {
    if (this.#client === client) this.#client = null
  }

  /** Settings, locks and prepared statements go. Inside a transaction that was left open the server refuses, and the connection goes. */
  async #forgetSession(client: Client): Promise<void> {
    await client.query('discard all').catch(() => this.close())
  }
}

async function connect(config: ClientConfig, onLost: () => void): Promise<Client> {
  const client = new Client(config)
  client.on('error', onLost)
  client.on('end', onLost)
  await client.connect()
  return client
}

async function askOnce(config: ClientConfig, sql: string, values: readonly unknown[]) {
  const client = await connect(config, () => {})
  try {
    return await ask(client, sql, values)
  } finally {
    await client.end()
  }
}

async function ask(client: Client, sql: string, values: readonly unknown[]) {
  return (await client.query<Record<string, unknown>>(sql, [...values])).rows ?? []
}
