// Several processes in one test: each with its own snapshot, all with one store and one cache in memory.
import { MemoryCache } from '../cache/memory/cache.js'
import { MemoryCacheHub } from '../cache/memory/hub.js'
import type { FeatureOptions } from '../config/options.js'
import type { FeatureFlags } from '../feature/feature.js'
import { application, createInstance } from '../instance/create.js'
import { MemoryStore } from '../store/memory/store.js'

export interface Fleet {
  /** Started instances, each of which stands for a process. */
  readonly processes: readonly FeatureFlags[]
  /** Stops them all; safe to call twice. */
  stop(): Promise<void>
}

/**
 * Starts `size` instances that share a store and a cache, without Postgres and Redis: for tests of an application's behaviour
 * after another process has changed a flag. Throws as `createFeature` and `start`.
 */
export async function startFleet(size: number, options: FeatureOptions = {}): Promise<Fleet> {
  const store = new MemoryStore()
  const hub = new MemoryCacheHub()
  const processes: FeatureFlags[] = []
  const stop = async () => {
    await Promise.all(processes.map((process) => process.stop()))
  }
  try {
    for (let index = 0; index < size; index++) {
      const cache = new MemoryCache({ hub, processName: `process ${index}` })
      const openStores = async () => ({ store, cache })
      const { feature } = createInstance(
        { listen: false, ...options, databaseUrl: 'memory' },
        { ...application, openStores },
      )
      processes.push(feature)
      await feature.start()
    }
    return { processes, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
