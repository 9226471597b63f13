import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll } from 'vitest'
import { MemoryCache } from '../../lib/cache/memory.js'
import { MemoryCacheHub } from '../../lib/cache/memory-hub.js'
import { RedisCache } from '../../lib/cache/redis.js'
import { silentLogger } from '../../lib/log.js'
import type { RedisServer } from '../support/redis-server.js'
import { patiently } from '../cache/fleet.js'
import { startRedis } from '../support/services.js'
import { cacheContract, claimMs } from './cache.contract.js'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server?.stop())

cacheContract('memory', async () => {
  const hub = new MemoryCacheHub({ timings: { claimMs } })
  return { join: (processName) => new MemoryCache({ hub, processName }), close: async () => {} }
})

cacheContract('Redis', async () => {
  const namespace = randomUUID()
  const timings = { ...patiently, claimMs }
  return {
    join: (processName) => new RedisCache({ url: server.url, namespace, processName, logger: silentLogger, timings }),
    close: async () => {},
  }
})
