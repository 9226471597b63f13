// Opens the store and the cache that the configuration names. Each is imported only when it is used.
import type { Cache } from '../cache/cache.js'
import type { Config } from '../config/config.js'
import { databaseSource } from '../config/database-url.js'
import { ConfigurationError, errorText } from '../errors.js'
import type { Logger } from '../log.js'
import { makeSealer } from '../state/sealed.js'
import type { Store } from '../store/store.js'

export interface Stores {
  readonly store: Store
  readonly cache: Cache | null
  /** Opens a cache for the directory of projects, which is another fleet than that of the flags; null for none. */
  readonly openProjectCache?: () => Promise<Cache | null>
}

async function openCache({ redisUrl, redisTls, cacheSecret, logger }: Config, address: string): Promise<Cache | null> {
  if (redisUrl === null) return null
  const [{ RedisCache }, { loadRedisDriver }] = await Promise.all([
    import('../cache/redis/cache.js'),
    import('../cache/redis/driver.js'),
  ])
  const driver = await loadRedisDriver()
  return new RedisCache({ driver, url: redisUrl, tls: redisTls, address, sealer: makeSealer(cacheSecret()), logger })
}

/** Ends both; safe to call twice. */
export async function closeStores({ store, cache }: Pick<Stores, 'store' | 'cache'>): Promise<void> {
  await cache?.close()
  await store.close()
}

/** Throws ConfigurationError where nothing is configured or an optional package is missing, and what opening throws. */
export async function openStores(config: Config, progress: Pick<Logger, 'info'>): Promise<Stores> {
  const store = await openStore(config, progress)
  try {
    const openProjectCache = () => openCache(config, `${config.address}-projects`)
    return { store, cache: await openCache(config, config.address), openProjectCache }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** pg is CommonJS. esbuild lets it call `require` in a bundle that is an ES module only where the bundle defines it. */
async function inBundle<T>(loading: Promise<T>): Promise<T> {
  try {
    return await loading
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('Dynamic require of'))) throw error
    throw new ConfigurationError({
      problem: `the package pg cannot be loaded in this bundle (${errorText(error)})`,
      remedy:
        'bundle as docs/recipes.md says: to CommonJS, or with a banner that defines require, or with --external:pg',
      cause: error,
    })
  }
}

async function openStore(config: Config, progress: Pick<Logger, 'info'>): Promise<Store> {
  const { store: choice, tables, logger, root, namespace } = config
  const store = await makeStore()
  await store.open()
  return store

  async function makeStore(): Promise<Store> {
    switch (choice.kind) {
      case 'postgres': {
        const { PostgresStore } = await inBundle(import('../store/postgres/store.js'))
        // With a cache the database is asked rarely: a thousand processes that poll need not hold a hundred connections.
        const idle = config.redisUrl === null ? {} : { closeIdleAfterMs: 10, closeIdleAfterWriteMs: 1_000 }
        return new PostgresStore({
          connection: config.database ?? databaseSource(choice.url),
          tables,
          logger,
          namespace,
          ...idle,
        })
      }
      case 'embedded': {
        const { EmbeddedStore } = await inBundle(import('../store/embedded.js'))
        return new EmbeddedStore({ root, tables, logger, namespace, progress })
      }
      case 'memory': {
        const { MemoryStore } = await import('../store/memory/store.js')
        return new MemoryStore({ namespace })
      }
      case 'missing':
        throw new ConfigurationError(choice.fault)
    }
  }
}
