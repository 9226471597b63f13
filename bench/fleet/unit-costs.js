// What one poll, one read, one change and one hint take of the servers' processors: from these a fleet's cost is reckoned.
// Linux only (see processor-time.js). Processor time, unlike time on the clock, hardly depends on what else the machine does.
import * as driver from 'ioredis'
import { Redis } from 'ioredis'
import pg from 'pg'
import { loadPostgresStore, loadRedisCache, loadSealed } from '../support/build.js'
import { crowd, rolloutPercentage, silent } from '../support/fixtures.js'
import { startCache, startDatabase } from '../support/services.js'
import { pause } from './fleet.js'
import { processorMs } from './processor-time.js'

const { PostgresStore } = await loadPostgresStore()
const { RedisCache } = await loadRedisCache()
const { makeSealer } = await loadSealed()

/** @typedef {import('../../lib/store/store.js').Change} Change */
/** @typedef {import('../../lib/store/store.js').Store} Store */
/** @typedef {{ readonly name: string, readonly ms: number }} Cost */

const tables = { features: 'features', gates: 'feature_gates' }
const subscribers = 50
const identity = 'bench'
/** As in a fleet of 1,000 that polls every 10 s. */
const most = 1_250

/**
 * Rows of what, and milliseconds of processor time for one.
 * @param {{ flagCount: number, say: (text: string) => void }} given
 * @returns {Promise<Cost[]>}
 */
export async function unitCosts({ flagCount, say }) {
  const [database, cache] = await Promise.all([startDatabase(), startCache()])
  try {
    say('costs: PostgreSQL')
    const postgres = await ofPostgres(database, flagCount)
    say('costs: Redis')
    return [...postgres, ...(await ofRedis(cache))]
  } finally {
    await Promise.all([database.stop(), cache.stop()])
  }
}

/**
 * @param {import('../support/services.js').PostgresServer} database
 * @param {number} flagCount
 */
async function ofPostgres(database, flagCount) {
  const client = new pg.Client({ connectionString: database.url() })
  await client.connect()
  const [{ file }] = (await client.query("select pg_read_file('postmaster.pid') as file")).rows
  const server = Number(file.split('\n')[0])
  const connection = { connectionString: database.url() }
  const kept = new PostgresStore({ connection, tables, logger: silent })
  // Closed as soon as it is idle, as between two polls of a process that has a Redis.
  const closing = new PostgresStore({ connection, tables, logger: silent, closeIdleAfterMs: 1 })
  try {
    await kept.apply(change(crowd(flagCount).map(stored)))
    await closing.head(null)
    const { position } = await kept.head(null)
    /**
     * @param {string} name
     * @param {number} count
     * @param {(number: number) => Promise<unknown>} work
     * @returns {Promise<Cost>}
     */
    const cost = async (name, count, work) => {
      const before = processorMs(server)
      for (let number = 0; number < count; number++) await work(number)
      // The last connections have ended, and their time is counted with the server's.
      await pause(100)
      return { name, ms: (processorMs(server) - before) / count }
    }
    const costs = [
      await cost('poll over a kept connection', 3_000, () => kept.head(position)),
      await cost('poll over a new connection', 300, async () => {
        await closing.head(position, { guard: false })
        await pause(10)
      }),
      await cost('the same with the fingerprint of the triggers', 300, async () => {
        await closing.head(position)
        await pause(10)
      }),
    ]
    costs.push(
      await cost('change', 300, (number) =>
        kept.apply(change([{ feature: 'changing', operation: { kind: number % 2 === 0 ? 'enable' : 'disable' } }])),
      ),
    )
    // What a poll asks while hints lie over what Postgres has confirmed: after a change, and after 10 s of a hundred a second.
    /**
     * @param {number} changes
     * @param {number} count
     */
    const laidOver = async (changes, count) => {
      const from = await changesSince(kept, changes)
      const name = `poll while hints lie over, changes made since: ${changes.toLocaleString('en')}`
      costs.push(await cost(name, count, () => kept.readSince(from, { most })))
    }
    await laidOver(1, 1_000)
    const own = await changesSince(kept, 1)
    costs.push(
      await cost('own change read back', 1_000, () => kept.readSince(own, { also: ['changed_0'], guard: false })),
    )
    await laidOver(1_000, 200)
    const now = (await kept.head(null)).position
    return [
      ...costs,
      await cost(`poll that compares ${flagCount} flags`, 300, () => kept.readSince(now, { digest: true })),
      await cost(`everything read, ${flagCount} flags`, 100, () => kept.readAll()),
      await cost('everything read with its digest, for a blob', 100, () => kept.readAll({ digest: true })),
    ]
  } finally {
    await Promise.all([kept.close(), closing.close(), client.end()])
  }
}

/**
 * Makes changes one after the other; returns the position that is so many of them behind.
 * @param {Store} store
 * @param {number} count
 */
async function changesSince(store, count) {
  const { position } = await store.head(null)
  for (let number = 0; number < count; number++) {
    const feature = `changed_${number % 10}`
    const kind = Math.floor(number / 10) % 2 === 0 ? 'enable' : 'disable'
    await store.apply(change([{ feature, operation: { kind } }]))
  }
  return position
}

/** @param {import('../support/services.js').RedisServer} cache */
async function ofRedis(cache) {
  const client = new Redis(cache.url)
  const own = new RedisCache({ driver, url: cache.url, address: 'bench', sealer: makeSealer(null), logger: silent })
  const listeners = Array.from({ length: subscribers }, () => new Redis(cache.url))
  try {
    await Promise.all(listeners.map((listener) => listener.subscribe('bench')))
    /**
     * @param {string} name
     * @param {number} count
     * @param {number} per
     * @param {() => Promise<unknown>} work
     * @returns {Promise<Cost>}
     */
    const cost = async (name, count, per, work) => {
      const before = await redisMs(client)
      for (let number = 0; number < count; number++) await work()
      return { name, ms: ((await redisMs(client)) - before) / (count * per) }
    }
    await own.readPointer(identity)
    const hint = 'x'.repeat(700)
    return [
      await cost('poll of the cache', 5_000, 1, () => Promise.all([own.readPointer(identity), own.beat(identity)])),
      await cost('hint of 700 bytes, to one process', 3_000, subscribers, () => client.publish('bench', hint)),
    ]
  } finally {
    await own.close()
    for (const one of [client, ...listeners]) one.disconnect()
  }
}

/**
 * @param {{ name: string, ids: readonly string[] }} flag
 * @returns {Change['steps'][number]}
 */
function stored({ name, ids }) {
  const gates = new Map([
    ['percentage_of_actors', [String(rolloutPercentage)]],
    ['actors', ids],
  ])
  return { feature: name, operation: { kind: 'replace', gates } }
}

/**
 * @param {Change['steps']} steps
 * @returns {Change}
 */
function change(steps) {
  return { id: crypto.randomUUID(), author: 'bench', source: 'code', reason: null, steps }
}

/** @param {Redis} client */
async function redisMs(client) {
  const text = await client.info('cpu')
  /** @param {string} name */
  const seconds = (name) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1] ?? 0)
  return (seconds('used_cpu_sys') + seconds('used_cpu_user')) * 1_000
}
