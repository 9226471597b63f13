// What is kept outside of Postgres, with every bit flipped and cut at every byte: nothing of it is used, and nothing crashes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hintMessage, parseMessage } from '../../lib/cache/message.js'
import { parsePointer, pointerText } from '../../lib/cache/pointer.js'
import { readDisk, writeDisk } from '../../lib/replica/disk.js'
import { packState, unpackState } from '../../lib/store/packed-state.js'
import type { StoredFeature } from '../../lib/store/store.js'
import { atMost } from './figures.js'
import { hangMs, isFull, size } from './size.js'

const namespace = 'poison'
const databaseId = '6a5f0f0e-0a3c-4a5b-9d57-0d7f5a0a7b10'
const position = { version: '42', nonce: 'e7d1d5b4-65c7-4b6b-8a58-1d1f4f8c2a11' }
const before = { version: '41', nonce: '0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9' }
const features: readonly StoredFeature[] = [
  { key: 'a_flag', gates: new Map([['actors', ['User:1', 'User:2:opt_out']]]) },
  { key: '__proto__', gates: new Map([['boolean', ['true']]]) },
  { key: 'ünïcode\u2028', gates: new Map([['groups', ['staff']]]) },
]
const state = { namespace, position, databaseId, inRecovery: false, features }
const limits = { largestBytes: 1_000_000 }

/** Each with one bit flipped, then cut short after each number of bytes; evenly chosen in the small size. */
function* mutantsOf(good: Buffer): Generator<Buffer> {
  const step = isFull ? 1 : Math.max(1, Math.floor(good.length / 60))
  for (let at = 0; at < good.length; at += step) {
    for (let bit = 0; bit < 8; bit += size(5, 1)) {
      const mutant = Buffer.from(good)
      mutant[at] = (mutant[at] ?? 0) ^ (1 << bit)
      yield mutant
    }
    yield good.subarray(0, at)
  }
}

/** Whether the bytes mean the same as the good ones: then using them is no mistake. */
type Read = (bytes: Buffer) => Promise<unknown>

async function countApplied(good: Buffer, read: Read): Promise<{ tried: number; applied: number }> {
  const meant = JSON.stringify(plain(await read(good)))
  expect(meant).toContain(position.nonce)
  let [tried, applied] = [0, 0]
  for (const mutant of mutantsOf(good)) {
    tried += 1
    const value = await read(mutant)
    if (value !== null && JSON.stringify(plain(value)) !== meant) applied += 1
  }
  return { tried, applied }
}

function plain(value: unknown): unknown {
  if (value instanceof Map) return [...value].map(plain)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value).map(([key, part]) => [key, plain(part)])
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-poison-'))
const path = join(folder, 'snapshot.json.gz')
let packed: Buffer
let onDisk: Buffer

beforeAll(async () => {
  packed = await packState(state, limits)
  await writeDisk(path, state)
  onDisk = readFileSync(path)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('poisoned', { timeout: hangMs }, () => {
  const readFile: Read = async (bytes) => {
    writeFileSync(path, bytes)
    return readDisk(path, namespace).catch(refused)
  }
  const hint = { from: before, via: [], to: position, changed: new Map(features.map((one) => [one.key, one])) }
  const kinds: readonly (readonly [string, () => Buffer, Read])[] = [
    ['disk file', () => onDisk, readFile],
    ['blob', () => packed, (bytes) => unpackState(bytes, limits).catch(refused)],
    [
      'pointer',
      () => Buffer.from(pointerText(position, databaseId)),
      async (bytes) => withoutText(parsePointer(bytes.toString('latin1'))),
    ],
    [
      'message',
      () => Buffer.from(hintMessage(hint, databaseId)),
      async (bytes) => parseMessage(bytes.toString('utf8')),
    ],
  ]
  it.each(kinds)('%s is never applied, whatever bit was flipped and wherever it was cut', async (kind, good, read) => {
    const { tried, applied } = await countApplied(good(), read)
    expect(applied).toBe(0)
    atMost(`poisoned ${kind}`, `mutants applied (of ${tried.toLocaleString('en')})`, 0, applied)
    expect(Reflect.get({}, 'boolean')).toBeUndefined()
  })

  it('gzip that inflates to gigabytes is given up at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    const memoryBefore = process.memoryUsage().rss
    await expect(unpackState(bomb, limits)).rejects.toThrow()
    const grownMb = (process.memoryUsage().rss - memoryBefore) / 1_048_576
    expect(grownMb).toBeLessThan(256)
    atMost('gzip bomb of 64 MB', 'memory grown, the limit being 1 MB', 16, grownMb, ' MB')
    writeFileSync(path, gzipSync(Buffer.from('{}')))
    await expect(readDisk(path, namespace)).rejects.toThrow('hash')
  })
})

/** The text is kept for comparing alone. */
function withoutText(pointer: ReturnType<typeof parsePointer>): unknown {
  return pointer === null ? null : { position: pointer.position, databaseId: pointer.databaseId }
}

/** Refusing is what is wanted. */
function refused(): null {
  return null
}
