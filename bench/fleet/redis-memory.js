// What a Redis keeps in memory, looked at all the time.
import { Redis } from 'ioredis'

const sampleEveryMs = 250

/** Ends with `close()`. */
export class RedisMemory {
  #client
  #most = 0
  #peakBefore = 0
  #closed = false
  #sampling = Promise.resolve()

  /** @param {string} url */
  constructor(url) {
    this.#client = new Redis(url, { connectTimeout: 30_000 })
    this.#client.on('error', () => {}) // It connects again; a sample that is missing is not worth an error.
  }

  /** Begins to sample. */
  async open() {
    this.#peakBefore = (await this.#look()).peak
    this.#sampling = this.#sample()
  }

  /** The most since `open()`. Redis' own peak is exact, and counts where it has grown since. */
  async most() {
    const { peak } = await this.#look()
    return peak > this.#peakBefore ? peak : this.#most
  }

  /** Redis' own peak before `open()`: that of the boots. */
  get peakBefore() {
    return this.#peakBefore
  }

  /** Snapshots that are kept, all their bytes, and for how long the newest of the older ones stays. */
  async blobs() {
    const keys = await this.#client.keys('*:blob:*')
    const sizes = await Promise.all(keys.map((key) => this.#client.strlen(key)))
    const lives = await Promise.all(keys.map((key) => this.#client.pttl(key)))
    return { count: keys.length, bytes: sizes.reduce((sum, size) => sum + size, 0), keptMs: Math.max(0, ...lives) }
  }

  async close() {
    this.#closed = true
    await this.#sampling
    this.#client.disconnect()
  }

  async #sample() {
    while (!this.#closed) {
      const look = await this.#look().catch(() => null)
      this.#most = Math.max(this.#most, look?.used ?? 0)
      await new Promise((resume) => setTimeout(resume, sampleEveryMs))
    }
  }

  async #look() {
    const text = await this.#client.info('memory')
    /** @param {string} name */
    const number = (name) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1] ?? 0)
    return { used: number('used_memory'), peak: number('used_memory_peak') }
  }
}
