// How old copies on disk are while flags change: for every change and every copy, the time from its transaction until the file
// holds it. A file is looked at without reading all of it: its first line names the position.
import { mkdtempSync, rmSync } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, gunzipSync } from 'node:zlib'
import { loadDigest, loadDisk, loadSealed } from '../../support/build.js'
import { percentile } from '../../support/figures.js'
import { pause, waitUntil } from '../fleet.js'

const { unpackDisk } = await loadDisk()
const { digestOf } = await loadDigest()
const { makeSealer } = await loadSealed()

const lookEveryMs = 100
/** Holds the first line of any copy, packed. */
const headBytes = 16 * 1024

export class DiskAges {
  /** @type {readonly string[]} */
  paths
  #folder
  /**
   * For each path: what it held, and since when, in order.
   * @type {{ at: number, version: number }[][]}
   */
  #held
  #prints
  #closed = false
  #looking

  /**
   * Names that many files in a folder of its own, and watches them. Ends with `close()`.
   * @param {number} count
   */
  constructor(count) {
    this.#folder = mkdtempSync(join(tmpdir(), 'sluice-bench-disk-'))
    this.paths = Array.from({ length: count }, (_, index) => join(this.#folder, `copy-${index}`))
    this.#held = this.paths.map(() => [])
    this.#prints = this.paths.map(() => '')
    this.#looking = this.#watch()
  }

  /**
   * How long each change took into each file, in milliseconds; waits that long for the last one. Changes have a `version` and `at` (ms).
   * @param {readonly { version: number, at: number }[]} changes
   * @param {number} waitMs
   */
  async ages(changes, waitMs) {
    const last = changes.at(-1)?.version ?? 0
    await waitUntil(() => this.#held.every((held) => (held.at(-1)?.version ?? -1) >= last), waitMs)
    /** @type {number[]} */
    const ages = []
    let missing = 0
    for (const held of this.#held) {
      let next = 0
      for (const { version, at } of changes) {
        while (next < held.length && held[next].version < version) next += 1
        if (next < held.length) ages.push(Math.max(0, held[next].at - at))
        else missing += 1
      }
    }
    return {
      copies: this.paths.length,
      writes: this.#held.reduce((sum, held) => sum + held.length, 0),
      missing,
      p50Ms: percentile(ages, 0.5),
      p99Ms: percentile(ages, 0.99),
      mostMs: ages.reduce((most, age) => Math.max(most, age), 0),
    }
  }

  /**
   * How many files hold exactly the content with that digest.
   * @param {string | null} digest
   */
  async countEqual(digest) {
    let equal = 0
    for (const path of this.paths) {
      const { items } = await unpackDisk(await readFile(path), { address: '', sealer: makeSealer(null) })
      if ((await digestOf(items)) === digest) equal += 1
    }
    return equal
  }

  async close() {
    this.#closed = true
    await this.#looking
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #watch() {
    while (!this.#closed) {
      for (const index of this.paths.keys()) await this.#look(index)
      await pause(lookEveryMs)
    }
  }

  /** @param {number} index */
  async #look(index) {
    const path = this.paths[index]
    const found = await stat(path).catch(() => null) // Not written yet.
    const print = found === null ? '' : `${found.ino} ${found.mtimeMs}`
    if (print === this.#prints[index]) return
    this.#prints[index] = print
    const at = Date.now()
    this.#held[index].push({ at, version: await versionIn(path) })
  }
}

/**
 * The count of the position that a copy holds.
 * @param {string} path
 */
async function versionIn(path) {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0)
    const text = gunzipSync(buffer.subarray(0, bytesRead), { finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1')
    const [, version] = /"position":\{"version":"(\d+)"/.exec(text) ?? []
    if (version === undefined) throw new Error(`${path}: no position in the first line`)
    return Number(version)
  } finally {
    await file.close()
  }
}
