// The cache contract, in memory and in Redis.
import { randomUUID } from 'node:crypto'
import * as driver from 'ioredis'
import { afterAll, beforeAll } from 'vitest'
import { MemoryCache } from '../../lib/cache/memory/cache.js'
import { MemoryCacheHub } from '../../lib/cache/memory/hub.js'
import { RedisCache } from '../../lib/cache/redis/cache.js'
import { silentLogger } from '../../lib/log.js'
import { makeSealer } from '../../lib/state/sealed.js'
import { patiently } from '../cache/fleet.js'
import { secret } from '../cache/samples.js'
import type { RedisServer } from '../support/redis-server.js'
import { startRedis } from '../support/services.js'
import { cacheContract, claimMs } from './cache.contract.js'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server?.stop())

cacheContract('memory', async () => {
  const hub = new MemoryCacheHub({ timings: { claimMs } })
  return {
    join: (processName, address = 'here') => new MemoryCache({ hub, processName, address }),
    close: async () => {},
  }
})

for (const [name, sealer] of [
  ['Redis', makeSealer(null)],
  ['signed Redis', makeSealer(secret)],
] as const) {
  cacheContract(name, async () => {
    const here = randomUUID()
    const timings = { ...patiently, claimMs }
    return {
      join: (processName, address = here) =>
        new RedisCache({ driver, url: server.url, address, sealer, processName, logger: silentLogger, timings }),
      close: async () => {},
    }
  })
}
