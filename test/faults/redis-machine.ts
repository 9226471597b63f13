// A Redis on a machine of its own: it can die and come back empty on the same port, stand still, refuse, and hold what it should not.
import { Redis } from 'ioredis'
import { type RedisServer, startRedis } from '../support/redis-server.js'

export class RedisMachine {
  readonly port: number
  #server: RedisServer
  readonly #admin: Redis

  private constructor(server: RedisServer) {
    this.port = server.port
    this.#server = server
    this.#admin = new Redis({ port: server.port, retryStrategy: () => 50, maxRetriesPerRequest: null })
    this.#admin.on('error', () => {}) // Killed on purpose; commands wait until it is back.
  }

  static async start(): Promise<RedisMachine> {
    return new RedisMachine(await startRedis())
  }

  url(port: number = this.port): string {
    return `redis://127.0.0.1:${port}`
  }

  /** Runs a command as an administrator, who has a connection from before things went wrong. */
  async run(command: string, ...values: readonly (string | number | Buffer)[]): Promise<unknown> {
    return this.#admin.call(command, ...values)
  }

  /** The bytes of a text; null where there is none. */
  async bytes(key: string): Promise<Buffer | null> {
    return this.#admin.getBuffer(key)
  }

  /** Everything it holds, to be put back later. */
  async dump(): Promise<ReadonlyMap<string, Buffer>> {
    const kept = new Map<string, Buffer>()
    for (const key of await this.#admin.keys('*')) {
      const value = await this.#admin.dumpBuffer(key)
      if (value !== null) kept.set(key, value)
    }
    return kept
  }

  /** Makes it hold exactly what was dumped. */
  async restore(kept: ReadonlyMap<string, Buffer>): Promise<void> {
    await this.#admin.flushall()
    for (const [key, value] of kept) await this.#admin.restore(key, 0, value, 'REPLACE')
  }

  async keys(pattern: string): Promise<readonly string[]> {
    return this.#admin.keys(pattern)
  }

  freeze(): void {
    this.#server.signal('SIGSTOP')
  }

  thaw(): void {
    this.#server.signal('SIGCONT')
  }

  async crash(): Promise<void> {
    await this.#server.kill()
  }

  /** Starts another one, empty, in the place of one that crashed. */
  async restart(): Promise<void> {
    await this.#server.stop()
    this.#server = await startRedis({ port: this.port })
  }

  async stop(): Promise<void> {
    this.#admin.disconnect()
    await this.#server.stop()
  }
}
