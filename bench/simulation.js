// A large installation on one machine: many replicas in some processes, against one PostgreSQL and one Redis.
import { createFeature } from '../dist/index.js'
import { tidy } from './database-look.js'
import { Fleet, pause, percentile, waitUntil } from './fleet.js'
import { PostgresMeter, redisCounts } from './meters.js'
import { delaysOf } from './propagation.js'
import { startCache, startDatabase } from './services.js'
import { now } from './shared-clock.js'
import { silent } from './silent.js'
import { crowd, rolloutPercentage } from './world.js'

const flagCount = 500
const changes = 100
const changeEveryMs = 100
/** The library's own, which a fleet's cost depends on most. */
const pollIntervalMs = 10_000
/** A process that ended without saying so counts as alive for 30 s: the next fleet is not to be taken for a larger one. */
const forgottenMs = 35_000
const countersOf = { postgres: ['transactions', 'sessions'], redis: ['commands', 'sentBytes'] }

export class Simulation {
  #size
  #copies
  #say
  #database
  #cache = null
  #meter
  #writer
  #fleet = null
  #memoryBefore = []
  #options

  constructor({ processes, copies, say }) {
    this.#size = processes
    this.#copies = copies
    this.#say = say
  }

  get replicas() {
    return this.#size * this.#copies
  }

  /** Starts the servers, stores the flags, and starts the processes; no replica yet. */
  async prepare({ redis }) {
    this.#say('starting the servers')
    this.#database = await startDatabase({ max_connections: '300' })
    this.#cache = redis ? await startCache() : null
    const address = this.#cache === null ? {} : { redisUrl: this.#cache.url }
    // No definitions: reading them 1,000 times on one machine is not what 1,000 machines do.
    this.#options = { root: import.meta.dirname, databaseUrl: this.#database.url(), pollIntervalMs, ...address }
    this.#writer = createFeature({ ...this.#options, env: 'production', diskFile: false, logger: silent })
    await this.#writer.start()
    const rollout = [String(rolloutPercentage)]
    const stored = crowd(flagCount).map(({ name, ids }) => ({
      key: name,
      gates: { percentage_of_actors: rollout, actors: ids },
    }))
    const file = { format: 'sluice-export', version: 1, position: null, features: stored }
    await this.#writer.import(file, { force: true })
    await pause(6_000) // A blob is written every 5 s at most.
    await this.#writer.refresh()
    await tidy(this.#database.url())
    await this.#startProcesses()
    this.#meter = new PostgresMeter(this.#database)
    await this.#meter.open()
  }

  /** All replicas start at once, when every process is up; `comparing`: as they are, or without. */
  async boot({ comparing = true } = {}) {
    const name = comparing ? 'boot' : 'boot without comparing'
    this.#say(`${name}: ${this.replicas} replicas`)
    this.#memoryBefore = await this.#fleet.ask('memory')
    this.#meter.takeMost()
    return this.#phase(name, async () => {
      const ready = await this.#fleet.start(this.#options, this.#copies, comparing)
      const mostWhileBooting = this.#meter.takeMost()
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
    await this.#fleet.end()
    this.#fleet = null
    await pause(forgottenMs)
    await this.#startProcesses()
  }

  /** What the time after a boot costs PostgreSQL, and how many replicas have compared their content with it. */
  async afterBoot(ms, name) {
    this.#say(name)
    return this.#phase(name, async () => {
      this.#meter.takeMost()
      this.#meter.takeAverage()
      const before = await this.#meter.processorMs()
      const began = performance.now()
      await pause(ms)
      const after = await this.#meter.processorMs()
      const tookMs = performance.now() - began
      const looks = (await this.#fleet.ask('look')).flat()
      return {
        processorPerSecond: before === null || after === null ? null : (after - before) / tookMs,
        connectionsOnAverage: this.#meter.takeAverage(),
        // What began from Redis says so until its content was compared.
        compared: looks.filter(({ status }) => status.source === 'postgres').length,
      }
    })
  }

  /** Nothing happens but polls. At the end everybody has a snapshot, and its memory is looked at. */
  async idle(ms) {
    this.#say('idle')
    return this.#phase('idle', async () => {
      await pause(ms)
      const memory = await this.#fleet.ask('memory')
      const grown = (kind) => memory.map((now, index) => (now[kind] - this.#memoryBefore[index][kind]) / this.#copies)
      return { rssPerReplica: percentile(grown('rss'), 0.5), heapPerReplica: percentile(grown('heapUsed'), 0.5) }
    })
  }

  /** Changes one after the other, through the library. */
  async change(prefix = 'change', count = changes) {
    this.#say(`${count} changes`)
    return this.#phase(`${count} changes`, async () => {
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
      const { port } = this.#cache
      await this.#cache.stop()
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
      await this.#database.kill()
      await pause(2_000)
      await this.#database.restart()
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
    this.#fleet = new Fleet(this.#size)
    await this.#fleet.up()
  }

  async #changeOnce(name) {
    const { refused, at } = await this.#store(name)
    return { refused, ...(await this.#sightings(new Map([[name, at]]))) }
  }

  /** Tries until the change is stored: the database may be away, or the machine too busy. Its time counts from then. */
  async #store(name) {
    let refused = 0
    let last = null
    let at = now()
    const stored = await waitUntil(async () => {
      at = now()
      try {
        await this.#writer.enable(name, true, { force: true })
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

  async #sightings(begun) {
    const { delays, missing } = await delaysOf(this.#fleet, begun, this.replicas)
    return {
      sightings: delays.length,
      missing,
      p50Ms: percentile(delays, 0.5),
      p99Ms: percentile(delays, 0.99),
      mostMs: delays.reduce((most, delay) => Math.max(most, delay), 0),
    }
  }

  /** Runs a phase, and says what it cost. */
  async #phase(name, work) {
    const before = await this.#costs()
    const began = performance.now()
    const result = await work()
    const seconds = (performance.now() - began) / 1_000
    const after = await this.#costs()
    // A server that crashed, or was replaced, has counted anew.
    const since = (counter, store) => after[store][counter] - (restarted(store) ? 0 : before[store][counter])
    const restarted = (store) => countersOf[store].some((counter) => after[store][counter] < before[store][counter])
    const mostConnections = Math.max(this.#meter.takeMost(), result?.mostWhileBooting ?? 0)
    const postgres = {
      mostConnections,
      transactions: since('transactions', 'postgres'),
      sessions: since('sessions', 'postgres'),
    }
    const redis =
      after.redis === null
        ? null
        : { ...after.redis, commands: since('commands', 'redis'), sentBytes: since('sentBytes', 'redis') }
    return { name, seconds, ...result, postgres, redis }
  }

  async #costs() {
    const postgres = await this.#meter.counts()
    return { postgres, redis: this.#cache === null ? null : await redisCounts(this.#cache.url) }
  }
}
