// The caches of one test file: they share an address and a database of the test's own, and none is left open.
import { randomUUID } from 'node:crypto'
import * as driver from 'ioredis'
import { Redis } from 'ioredis'
import { RedisCache, type RedisCacheOptions } from '../../lib/cache/redis/cache.js'
import { redisKeys } from '../../lib/cache/redis/keys.js'
import type { Sealer } from '../../lib/state/sealed.js'
import { type RecordingLogger, recordingLogger } from '../support/recording-logger.js'
import { identity, renewIdentity, unsigned } from './samples.js'

export interface Member {
  readonly cache: RedisCache
  readonly logger: RecordingLogger
}

/** Short, so that what happens within seconds in production happens within a test. */
export const quickly = { claimMs: 200, pingMs: 100, silenceMs: 500, reconnectMs: 200, unsureMs: 200 }

/** The same where Redis is well: no command may fail because the machine is busy. */
export const patiently = { ...quickly, connectMs: 20_000, commandMs: 20_000, silenceMs: 20_000 }

export class Fleet {
  address = randomUUID()
  readonly #open: (() => Promise<unknown>)[] = []

  join(url: string, options: Partial<RedisCacheOptions> = {}): Member {
    const logger = recordingLogger()
    const cache = new RedisCache({ driver, url, address: this.address, sealer: unsigned, logger, ...options })
    this.#open.push(() => cache.close())
    return { cache, logger }
  }

  /** Somebody else at the same Redis. */
  outsider(url: string): Redis {
    const redis = new Redis(url)
    this.#open.push(() => redis.quit())
    return redis
  }

  key(name: string, sealer: Sealer = unsigned): string {
    return `${redisKeys(sealer).start}${identity}:${name}`
  }

  /** The key of the directory. */
  directory(sealer: Sealer = unsigned): string {
    return redisKeys(sealer).directory(this.address)
  }

  /** Closes everything and takes another address and identity. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#open.splice(0).map((close) => close()))
    this.address = randomUUID()
    renewIdentity()
  }
}
