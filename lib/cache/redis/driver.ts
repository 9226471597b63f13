// ioredis, as the cache uses it. Versions from 5.3 on and 6 both keep the contract of caches, so an application keeps the one that it has.
import { importNeeded } from '../../packages.js'

export type RedisDriver = Pick<typeof import('ioredis'), 'AbstractConnector' | 'Redis'>

/** Imports ioredis. Throws ConfigurationError where it is missing or too old. */
export async function loadRedisDriver(): Promise<RedisDriver> {
  const [module] = await importNeeded({
    packages: [{ name: 'ioredis', oldest: '5.3.0', install: 'ioredis@6' }],
    subject: 'REDIS_URL (redisUrl)',
    otherwise: 'or unset REDIS_URL',
  })
  return module as RedisDriver
}
