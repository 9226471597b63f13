// Bytes under a name of one database: what a process may want to find there after its store is gone.
import { largestPackedBlob } from '../format/blob.js'
import type { Faults } from '../cache-health.js'
import type { RedisConnection } from './connection.js'
import { isWrongType } from './failure.js'
import type { RedisKeys } from './keys.js'

export interface KeptOptions {
  readonly connection: RedisConnection
  readonly keys: RedisKeys
  readonly faults: Faults
}

/** What is in use is written again every half hour; what is not must not fill Redis. */
const keptMs = 24 * 60 * 60_000

export class RedisKept {
  readonly #options: KeptOptions

  constructor(options: KeptOptions) {
    this.#options = options
  }

  /** Throws the errors of the connection. */
  async keep(identity: string, name: string, bytes: Buffer): Promise<void> {
    const { connection, keys } = this.#options
    if (bytes.length > largestPackedBlob) return
    await connection.run('writing', (redis) => redis.set(keys.of(identity).kept(name), bytes, 'PX', keptMs))
  }

  /** Null for a miss. Throws the errors of the connection. */
  async read(identity: string, name: string): Promise<Buffer | null> {
    const { connection, keys, faults } = this.#options
    try {
      const bytes: unknown = await connection.run('reading', (redis) =>
        redis.getrangeBuffer(keys.of(identity).kept(name), 0, largestPackedBlob),
      )
      return Buffer.isBuffer(bytes) && bytes.length > 0 ? bytes : null
    } catch (error) {
      if (!isWrongType(error)) throw error
      faults.healed('reading')
      return null
    }
  }
}
