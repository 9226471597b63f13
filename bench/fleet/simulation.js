// A large installation on one machine: many replicas in some processes, against one PostgreSQL and one Redis.
import { loadLibrary } from '../support/build.js'
import { percentile } from '../support/figures.js'
import { crowd, rolloutPercentage, silent } from '../support/fixtures.js'
import { made } from '../support/made.js'
import { startCache, startDatabase } from '../support/services.js'
import { now } from '../support/shared-clock.js'
import { tidy } from './database-look.js'
import { pause, ReplicaFleet, waitUntil } from './fleet.js'
import { PostgresMeter, redisCounts } from './meters.js'
import { delaysOf } from './propagation.js'

const { createFeature } = await loadLibrary()

const flagCount = 500
const changes = 100
const changeEveryMs = 100
/** The library's own, which a fleet's cost depends on most. */
const pollIntervalMs = 10_000
/** A process that ended without saying so counts as alive for 30 s: the next fleet is not to be taken for a larger one. */
const forgottenMs = 35_000

/** @typedef {ReturnType<typeof import('./fleet-member.js').commands.memory>} Memory */
/** @typedef {{ readonly transactions: number, readonly sessions: number }} PostgresCounts */
/** @typedef {Awaited<ReturnType<typeof redisCounts>>} RedisCounts */

/**
 * What a change came to.
 * @typedef {{ refused: number, sightings: number, missing: number, p50Ms: number, p99Ms: number, mostMs: number }} Change
 */

/**
 * @typedef {object} Cost
 * @property {string} name
 * @property {number} seconds
 * @property {PostgresCounts & { readonly mostConnections: number }} postgres
 * @property {RedisCounts | null} redis
 */

/** @typedef {{ readyMs: number, readyP50Ms: number, sources: Record<string, number>, mostWhileBooting: number }} Boot */
/** @typedef {{ processorPerSecond: number | null, connectionsOnAverage: number, compared: number }} AfterBoot */
/** @typedef {{ rssPerReplica: number, heapPerReplica: number }} Idle */
/** @typedef {{ meanwhile?: Change, afterwards: Change }} Restart */

/**
 * A phase of a run: what it cost, and what it was to show.
 * @typedef {Cost & Partial<Boot & AfterBoot & Idle & Change & Restart>} Phase
 */

export class Simulation {
  #size
  #copies
  #say
  /** @type {import('../support/services.js').PostgresServer | null} */
  #database = null
  /** @type {import('../support/services.js').RedisServer | null} */
  #cache = null
  /** @type {PostgresMeter | null} */
  #meter = null
  /** @type {import('../../lib/index.js').FeatureFlags | null} */
  #writer = null
  /** @type {ReplicaFleet | null} */
  #fleet = null
  /** @type {Memory[]} */
  #memoryBefore = []
  /** @type {import('../../lib/index.js').FeatureOptions} */
  #options = {}

  /** @param {{ processes: number, copies: number, say: (text: string) => void }} given */
  constructor({ processes, copies, say }) {
    this.#size = processes
    this.#copies = copies
    this.#say = say
  }

  get replicas() {
    return this.#size * this.#copies
  }

  /**
   * Starts the servers, stores the flags, and starts the processes; no replica yet.
   * @param {{ redis: boolean }} given
   */
  async prepare({ redis }) {
    this.#say('starting the servers')
    const database = await startDatabase({ max_connections: '300' })
    this.#database = database
    this.#cache = redis ? await startCache() : null
    const address = this.#cache === null ? {} : { redisUrl: this.#cache.url }
    // No definitions: reading them 1,000 times on one machine is not what 1,000 machines do.
    this.#options = { root: import.meta.dirname, databaseUrl: database.url(), pollIntervalMs, ...address }
    const writer = createFeature({ ...this.#options, env: 'production', diskFile: false, logger: silent })
    this.#writer = writer
    await writer.start()
    const rollout = [String(rolloutPercentage)]
    const stored = crowd(flagCount).map(({ name, ids }) => ({
      key: name,
      gates: { percentage_of_actors: rollout, actors: ids },
    }))
    const file = { format: 'sluice-export', version: 1, position: null, features: stored }
    await writer.import(file, { force: true })
    await pause(6_000) // A blob is written every 5 s at most.
    await writer.refresh()
    await tidy(database.url())
    await this.#startProcesses()
    this.#meter = new PostgresMeter(database)
    await this.#meter.open()
  }

  /** All replicas start at once, when every process is up; `comparing`: as they are, or without. */
  async boot({ comparing = true } = {}) {
    const name = comparing ? 'boot' : 'boot without comparing'
    this.#say(`${name}: ${this.replicas} replicas`)
    this.#memoryBefore = await made(this.#fleet).ask('memory')
    made(this.#meter).takeMost()
    return this.#phase(name, async () => {
      const ready = await made(this.#fleet).start(this.#options, this.#copies, comparing)
      const mostWhileBooting = made(this.#meter).takeMost()
      /** @type {Record<string, number>} */
      const sources = {}
      for (const { source } of ready) sources[source] = (sources[source] ?? 0) + 1
      return {
        readyMs: Math.max(...ready.map(({ readyMs }) => readyMs)),
        readyP50Ms: percentile(
          ready.map(({ readyMs }) => readyMs),
          0.5,
        ),
        sources,
        mostWhileBooting,
      }
    })
  }

  /** Ends all replicas and their processes, and starts as many processes anew. */
  async replaceFleet() {
    this.#say('ending these processes')
    await made(this.#fleet).end()
    this.#fleet = null
    await pause(forgottenMs)
    await this.#startProcesses()
  }

  /**
   * What the time after a boot costs PostgreSQL, and how many replicas have compared their content with it.
   * @param {number} ms
   * @param {string} name
   */
  async afterBoot(ms, name) {
    this.#say(name)
    return this.#phase(name, async () => {
      made(this.#meter).takeMost()
      made(this.#meter).takeAverage()
      const before = await made(this.#meter).processorMs()
      const began = performance.now()
      await pause(ms)
      const after = await made(this.#meter).processorMs()
      const tookMs = performance.now() - began
      const looks = (await made(this.#fleet).ask('look')).flat()
      return {
        processorPerSecond: before === null || after === null ? null : (after - before) / tookMs,
        connectionsOnAverage: made(this.#meter).takeAverage(),
        // What began from Redis says so until its content was compared.
        compared: looks.filter(({ status }) => status.source === 'postgres').length,
      }
    })
  }

  /**
   * Nothing happens but polls. At the end every replica has a snapshot, and its memory is looked at.
   * @param {number} ms
   */
  async idle(ms) {
    this.#say('idle')
    return this.#phase('idle', async () => {
      await pause(ms)
      const memory = await made(this.#fleet).ask('memory')
      /** @param {keyof Memory} kind */
      const grown = (kind) => memory.map((now, index) => (now[kind] - this.#memoryBefore[index][kind]) / this.#copies)
      return { rssPerReplica: percentile(grown('rss'), 0.5), heapPerReplica: percentile(grown('heapUsed'), 0.5) }
    })
  }

  /** Changes one after the other, through the library. */
  async change(prefix = 'change', count = changes) {
    this.#say(`${count} changes`)
    return this.#phase(`${count} changes`, async () => {
      /** @type {Map<string, number>} */
      const begun = new Map()
      let refused = 0
      for (let number = 0; number < count; number++) {
        const name = `${prefix}_${number}`
        const stored = await this.#store(name)
        begun.set(name, stored.at)
        refused += stored.refused
        await pause(changeEveryMs)
      }
      return { refused, ...(await this.#sightings(begun)) }
    })
  }

  /** Redis is killed, a change happens while it is away, and it comes back empty. */
  async restartRedis() {
    this.#say('Redis restarts')
    return this.#phase('Redis restart', async () => {
      const cache = made(this.#cache)
      const { port } = cache
      await cache.stop()
      await pause(1_000)
      const meanwhile = await this.#changeOnce('while_redis_is_away')
      this.#cache = await startCache({ port })
      await pause(2_000)
      return { meanwhile, afterwards: await this.#changeOnce('after_redis') }
    })
  }

  /** PostgreSQL is killed and comes back after a moment. */
  async restartPostgres() {
    this.#say('PostgreSQL restarts')
    return this.#phase('Postgres restart', async () => {
      await made(this.#database).kill()
      await pause(2_000)
      await made(this.#database).restart()
      return { afterwards: await this.#changeOnce('after_postgres') }
    })
  }

  async end() {
    this.#say('ending')
    await this.#fleet?.end()
    await this.#writer?.stop()
    await this.#meter?.close()
    await this.#database?.stop()
    await this.#cache?.stop()
  }

  async #startProcesses() {
    this.#say(`starting ${this.#size} processes`)
    this.#fleet = new ReplicaFleet(this.#size)
    await made(this.#fleet).up()
  }

  /**
   * @param {string} name
   * @returns {Promise<Change>}
   */
  async #changeOnce(name) {
    const { refused, at } = await this.#store(name)
    return { refused, ...(await this.#sightings(new Map([[name, at]]))) }
  }

  /**
   * Tries until the change is stored: the database may be away, or the machine too busy. Its time counts from then.
   * @param {string} name
   */
  async #store(name) {
    let refused = 0
    /** @type {unknown} */
    let last = null
    let at = now()
    const stored = await waitUntil(async () => {
      at = now()
      try {
        await made(this.#writer).enable(name, true, { force: true })
        return true
      } catch (error) {
        refused += 1
        last = error
        return false
      }
    }, 30_000)
    if (!stored) throw new Error(`the change "${name}" could not be stored within 30 s`, { cause: last })
    return { at, refused }
  }

  /** @param {ReadonlyMap<string, number>} begun */
  async #sightings(begun) {
    const { delays, missing } = await delaysOf(made(this.#fleet), begun, this.replicas)
    return {
      sightings: delays.length,
      missing,
      p50Ms: percentile(delays, 0.5),
      p99Ms: percentile(delays, 0.99),
      mostMs: delays.reduce((most, delay) => Math.max(most, delay), 0),
    }
  }

  /**
   * Runs a phase, and says what it cost.
   * @template {object} Shown
   * @param {string} name
   * @param {() => Promise<Shown>} work
   * @returns {Promise<Cost & Shown>}
   */
  async #phase(name, work) {
    const before = await this.#costs()
    const began = performance.now()
    const result = await work()
    const seconds = (performance.now() - began) / 1_000
    const after = await this.#costs()
    const mostConnections = Math.max(
      made(this.#meter).takeMost(),
      'mostWhileBooting' in result ? Number(result.mostWhileBooting) : 0,
    )
    const postgres = { mostConnections, ...grown(before.postgres, after.postgres, ['transactions', 'sessions']) }
    const redis =
      after.redis === null
        ? null
        : { ...after.redis, ...grown(before.redis ?? after.redis, after.redis, ['commands', 'sentBytes']) }
    return { name, seconds, ...result, postgres, redis }
  }

  async #costs() {
    const postgres = await made(this.#meter).counts()
    return { postgres, redis: this.#cache === null ? null : await redisCounts(this.#cache.url) }
  }
}

/**
 * By how much a server's counters have grown. A server that crashed, or was replaced, has counted anew.
 * @template {string} Counter
 * @param {Readonly<Record<Counter, number>>} before
 * @param {Readonly<Record<Counter, number>>} after
 * @param {readonly Counter[]} counters
 */
function grown(before, after, counters) {
  const isRestarted = counters.some((counter) => after[counter] < before[counter])
  const since = counters.map((counter) => [counter, after[counter] - (isRestarted ? 0 : before[counter])])
  return /** @type {Record<Counter, number>} */ (Object.fromEntries(since))
}
