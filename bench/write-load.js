// Many writes a second while many replicas hold a large snapshot: writers are processes of their own; readers share some,
// as no single machine runs hundreds of processes.
import { cpus } from 'node:os'
import { createFeature } from '../dist/index.js'
import { DiskAges } from './disk-ages.js'
import { historySince, readWhole, tidy } from './database-look.js'
import { Fleet, pause, waitUntil } from './fleet.js'
import { PostgresMeter, redisCounts } from './meters.js'
import { unwritten } from './paced-writes.js'
import { RedisMemory } from './redis-memory.js'
import { startCache, startDatabase } from './services.js'
import { silent } from './silent.js'
import { summarise } from './write-load-figures.js'

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
  #database = null
  #cache = null
  #postgres = null
  #memory = null
  #writers = null
  #readers = null
  #flags
  #rehearsed
  #content = null
  #disks = null

  /** `writers`, `processes` of readers, `copies` in each of these, `seconds`. */
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
    this.#database = await startDatabase({ max_connections: '300' })
    this.#cache = await startCache()
    const options = {
      root: import.meta.dirname,
      databaseUrl: this.#database.url(),
      redisUrl: this.#cache.url,
      pollIntervalMs,
    }
    await this.#store(options)
    this.#writers = new Fleet(writers, './write-load-member.js')
    this.#readers = new Fleet(processes, './write-load-member.js', roomyHeap)
    await Promise.all([this.#writers.up(), this.#readers.up()])
    this.#say(`starting ${writers} writers and ${processes * copies} readers`)
    const flags = this.#flags
    for (const member of this.#writers.members) await member.ask('start', { copies: 1, options, flags })
    // One copy in each process: what packing 5 MB takes of a core, 200 machines have and this one has not.
    this.#disks = new DiskAges(processes)
    for (const [index, member] of this.#readers.members.entries())
      await member.ask('start', { copies, options, flags, diskFile: this.#disks.paths[index] })
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
    this.#postgres = new PostgresMeter(this.#database)
    await this.#postgres.open()
    this.#memory = new RedisMemory(this.#cache.url)
    const before = await this.#servers()
    const { position } = await readWhole(this.#database.url())
    await this.#memory.open()
    await this.#all('begin')
    this.#postgres.takeMost()
    const idle = idleMs()
    const began = performance.now()
    this.#say(`writing for ${seconds} s`)
    const written = await this.#write(this.#flags, seconds)
    const measured = await this.#all('measured')
    const took = (performance.now() - began) / 1_000
    const busyCores = cpus().length - (idleMs() - idle) / 1_000 / took
    const mostBytes = await this.#memory.most()
    const mostConnections = this.#postgres.takeMost()
    const after = await this.#servers()
    const redis = { mostBytes, peakBeforeBytes: this.#memory.peakBefore, blobs: await this.#memory.blobs() }
    this.#say('waiting until everybody has seen the last writes')
    const behind = await this.#behind(written.map(({ begun, ended }) => ({ begun, ended })))
    const disks = await this.#diskAges(position)
    const content = this.#content
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

  /** Every writer to its own flag. */
  #write(flags, seconds) {
    return Promise.all(
      this.#writers.members.map((member, index) => {
        const startInMs = (index * writeEveryMs) / flags.length
        const count = writesIn(seconds)
        return member.ask('write', { flag: flags[index], count, everyMs: writeEveryMs, startInMs })
      }),
    )
  }

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
      await tidy(this.#database.url())
    } finally {
      await feature.stop()
    }
  }

  async #diskAges(position) {
    const url = this.#database.url()
    const ages = await this.#disks.ages(await historySince(url, position), lastKeptMs)
    const { digest } = await readWhole(url)
    return { ...ages, equal: await this.#disks.countEqual(digest) }
  }

  async #hasEverything() {
    const looks = await this.#all('look')
    return [...looks.writers, ...looks.readers].flat().every((flags) => flags >= this.#content.flags)
  }

  async #behind(writes) {
    let told
    await waitUntil(async () => {
      told = await this.#all('behind', { writes })
      return [...told.writers, ...told.readers].every(({ missing }) => missing === 0)
    }, lastSeenMs)
    return told
  }

  async #all(command, given) {
    const [writers, readers] = await Promise.all([this.#writers.ask(command, given), this.#readers.ask(command, given)])
    return { writers, readers }
  }

  async #servers() {
    const [counts, processorMs, redis] = await Promise.all([
      this.#postgres.counts(),
      this.#postgres.processorMs(),
      redisCounts(this.#cache.url),
    ])
    return { postgres: { ...counts, processorMs }, redis }
  }
}

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
