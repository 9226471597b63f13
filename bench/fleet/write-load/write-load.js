// Many writes a second while many replicas hold a large snapshot: writers are processes of their own; readers share some,
// as no single machine runs hundreds of processes.
import { cpus } from 'node:os'
import { loadLibrary } from '../../support/build.js'
import { DiskAges } from './disk-ages.js'
import { historySince, readWhole, tidy } from '../database-look.js'
import { Fleet, pause, waitUntil } from '../fleet.js'
import { PostgresMeter, redisCounts } from '../meters.js'
import { unwritten } from './paced-writes.js'
import { RedisMemory } from '../redis-memory.js'
import { startCache, startDatabase } from '../../support/services.js'
import { silent } from '../../support/fixtures.js'
import { made } from '../../support/made.js'
import { summarise } from './write-load-figures.js'

const { createFeature } = await loadLibrary()

/** @typedef {import('../../../lib/index.js').FeatureOptions} FeatureOptions */
/** @typedef {import('../../../lib/index.js').Position} Position */
/** @typedef {typeof import('./write-load-member.js').commands} Commands */

const member = new URL('write-load-member.js', import.meta.url)
const writeEveryMs = 100
/**
 * Twenty snapshots of 5 MB share one heap here, and a collection of all of them would stop twenty replicas at once: with room
 * for the short-lived, nothing of it grows old.
 */
const roomyHeap = ['--min-semi-space-size=64', '--max-semi-space-size=64']
const flagCount = 1_000
const idsPerFlag = 354
/** The library's own, which what is measured depends on. */
const pollIntervalMs = 10_000
/** A blob is written every 5 s at most. */
const blobMs = 6_000
const rehearsalSeconds = 8
/** How long the last writes have to be seen everywhere; what is not seen then is missing. */
const lastSeenMs = 15_000
/** A poll, and what it takes to write a file. */
const lastKeptMs = 20_000

export class WriteLoad {
  #size
  #say
  /** @type {import('../../support/services.js').PostgresServer | null} */
  #database = null
  /** @type {import('../../support/services.js').RedisServer | null} */
  #cache = null
  /** @type {PostgresMeter | null} */
  #postgres = null
  /** @type {RedisMemory | null} */
  #memory = null
  /** @type {Fleet<Commands> | null} */
  #writers = null
  /** @type {Fleet<Commands> | null} */
  #readers = null
  #flags
  #rehearsed
  /** @type {{ flags: number, ids: number, bytes: number } | null} */
  #content = null
  /** @type {DiskAges | null} */
  #disks = null

  /**
   * `writers`, `processes` of readers, `copies` in each of these, `seconds`.
   * @param {{ writers: number, processes: number, copies: number, seconds: number, say: (text: string) => void }} given
   */
  constructor({ say, ...size }) {
    this.#size = size
    this.#say = say
    this.#flags = Array.from({ length: size.writers }, (_, index) => `write_load_${index}`)
    this.#rehearsed = this.#flags.map((flag) => `${flag}_rehearsed`)
  }

  /** Starts the servers, stores the flags, and starts all replicas. */
  async prepare() {
    const { writers, processes, copies } = this.#size
    this.#say('starting the servers')
    const database = await startDatabase({ max_connections: '300' })
    this.#database = database
    const cache = await startCache()
    this.#cache = cache
    const options = { root: import.meta.dirname, databaseUrl: database.url(), redisUrl: cache.url, pollIntervalMs }
    await this.#store(options)
    /** @type {Fleet<Commands>} */
    const writing = new Fleet(writers, member)
    this.#writers = writing
    /** @type {Fleet<Commands>} */
    const reading = new Fleet(processes, member, roomyHeap)
    this.#readers = reading
    await Promise.all([writing.up(), reading.up()])
    this.#say(`starting ${writers} writers and ${processes * copies} readers`)
    const flags = this.#flags
    for (const writer of writing.members) await writer.ask('start', { copies: 1, options, flags })
    // One copy in each process: what packing 5 MB takes of a core, 200 machines have and this one has not.
    const disks = new DiskAges(processes)
    this.#disks = disks
    for (const [index, reader] of reading.members.entries())
      await reader.ask('start', { copies, options, flags, diskFile: disks.paths[index] })
    const ready = await waitUntil(() => this.#hasEverything(), 60_000)
    if (!ready) throw new Error('not every replica had all flags a minute after its start')
    await pause(pollIntervalMs / 2) // The flurry of boots is not what is measured.
    this.#say('rehearsing')
    // Processes that have never seen a write compile what it takes, and connect.
    await this.#write(this.#rehearsed, rehearsalSeconds)
  }

  /** Writes for that long, and resolves with what it took. */
  async run() {
    const { writers, seconds } = this.#size
    const postgres = new PostgresMeter(made(this.#database))
    this.#postgres = postgres
    await postgres.open()
    const memory = new RedisMemory(made(this.#cache).url)
    this.#memory = memory
    const before = await this.#servers()
    const { position } = await readWhole(made(this.#database).url())
    await memory.open()
    await this.#all('begin')
    postgres.takeMost()
    const idle = idleMs()
    const began = performance.now()
    this.#say(`writing for ${seconds} s`)
    const written = await this.#write(this.#flags, seconds)
    const measured = await this.#all('measured')
    const took = (performance.now() - began) / 1_000
    const busyCores = cpus().length - (idleMs() - idle) / 1_000 / took
    const mostBytes = await memory.most()
    const mostConnections = postgres.takeMost()
    const after = await this.#servers()
    const redis = { mostBytes, peakBeforeBytes: memory.peakBefore, blobs: await memory.blobs() }
    this.#say('waiting until everybody has seen the last writes')
    const behind = await this.#behind(written.map(({ begun, ended }) => ({ begun, ended })))
    const disks = await this.#diskAges(made(position))
    const content = made(this.#content)
    const servers = { before, after, mostConnections }
    const planned = writers * writesIn(seconds)
    return summarise({ took, planned, content, written, measured, behind, disks, redis, servers, busyCores })
  }

  async end() {
    this.#say('ending')
    await Promise.all([this.#writers?.end(), this.#readers?.end()])
    await this.#disks?.close()
    await this.#postgres?.close()
    await this.#memory?.close()
    await this.#database?.stop()
    await this.#cache?.stop()
  }

  /**
   * Every writer to its own flag.
   * @param {readonly string[]} flags
   * @param {number} seconds
   */
  #write(flags, seconds) {
    return Promise.all(
      made(this.#writers).members.map((writer, index) => {
        const startInMs = (index * writeEveryMs) / flags.length
        const count = writesIn(seconds)
        return writer.ask('write', { flag: flags[index], count, everyMs: writeEveryMs, startInMs })
      }),
    )
  }

  /** @param {FeatureOptions} options */
  async #store(options) {
    const features = [
      ...largeFlags(),
      ...[...this.#flags, ...this.#rehearsed].map((key) => ({ key, gates: unwritten })),
    ]
    const packed = features.map(({ key, gates }) => [key, Object.entries(gates)])
    this.#content = {
      flags: features.length,
      ids: flagCount * idsPerFlag,
      bytes: Buffer.byteLength(JSON.stringify(packed)),
    }
    this.#say(`storing ${flagCount} flags with ${idsPerFlag} ids each`)
    const feature = createFeature({ ...options, env: 'production', diskFile: false, logger: silent })
    try {
      await feature.start()
      await feature.import({ format: 'sluice-export', version: 1, position: null, features }, { force: true })
      await pause(blobMs)
      await feature.refresh()
      await tidy(made(this.#database).url())
    } finally {
      await feature.stop()
    }
  }

  /** @param {Position} position */
  async #diskAges(position) {
    const url = made(this.#database).url()
    const disks = made(this.#disks)
    const ages = await disks.ages(await historySince(url, position), lastKeptMs)
    const { digest } = await readWhole(url)
    return { ...ages, equal: await disks.countEqual(digest) }
  }

  async #hasEverything() {
    const looks = await this.#all('look')
    const { flags: all } = made(this.#content)
    return [...looks.writers, ...looks.readers].flat().every((flags) => flags >= all)
  }

  /** @param {import('./observed-changes.js').Writes} writes */
  async #behind(writes) {
    const look = () => this.#all('behind', { writes })
    let told = await look()
    const isSeen = () => [...told.writers, ...told.readers].every(({ missing }) => missing === 0)
    if (isSeen()) return told
    await waitUntil(async () => {
      told = await look()
      return isSeen()
    }, lastSeenMs)
    return told
  }

  /**
   * Asks all writers and readers.
   * @template {keyof Commands} K
   * @param {K} command
   * @param {import('../../support/child.js').Given<Commands[K]>} given
   */
  async #all(command, ...given) {
    const [writers, readers] = await Promise.all([
      made(this.#writers).ask(command, ...given),
      made(this.#readers).ask(command, ...given),
    ])
    return { writers, readers }
  }

  async #servers() {
    const [counts, processorMs, redis] = await Promise.all([
      made(this.#postgres).counts(),
      made(this.#postgres).processorMs(),
      redisCounts(made(this.#cache).url),
    ])
    return { postgres: { ...counts, processorMs }, redis }
  }
}

/** @param {number} seconds */
function writesIn(seconds) {
  return Math.round((seconds * 1_000) / writeEveryMs)
}

/** Lists of ids as users have them: in no order, and no two alike. */
function largeFlags() {
  const span = 900_000
  // Shares no factor with the span, so that every id comes once.
  const step = 611_953
  return Array.from({ length: flagCount }, (_, flag) => ({
    key: `large_flag_${flag}`,
    gates: {
      actors: Array.from({ length: idsPerFlag }, (_, nth) => {
        const index = flag * idsPerFlag + nth
        return `User:${100_000 + ((index * step) % span)}`
      }),
    },
  }))
}

/** Of all processors together. */
function idleMs() {
  return cpus().reduce((sum, { times }) => sum + times.idle, 0)
}
