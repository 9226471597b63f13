// ioredis, as the cache uses it. Versions from 5.3 on and 6 both keep the contract of caches, so an application keeps the one that it has.
import { importNeeded } from '../../packages.js'

export type RedisDriver = Pick<typeof import('ioredis'), 'AbstractConnector' | 'Redis'>

/** Looking for the package and importing it takes a part of a millisecond: a process that makes a thousand instances does it once. */
let loading: Promise<RedisDriver> | null = null

/** Imports ioredis. Throws ConfigurationError where it is missing or too old. */
export function loadRedisDriver(): Promise<RedisDriver> {
  loading ??= importDriver().catch((error: unknown) => {
    loading = null // It may be installed before the next start.
    throw error
  })
  return loading
}

async function importDriver(): Promise<RedisDriver> {
  const [module] = await importNeeded({
    packages: [{ name: 'ioredis', oldest: '5.3.0', install: 'ioredis@6' }],
    subject: 'REDIS_URL (redisUrl)',
    otherwise: 'or unset REDIS_URL',
  })
  return module as RedisDriver
}
