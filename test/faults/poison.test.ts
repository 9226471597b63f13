// What is kept outside of Postgres, with every bit flipped and cut at every byte: nothing of it is used, and nothing crashes.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { differenceMessage, hintMessage, parseMessage, waitMessage } from '../../lib/cache/format/message.js'
import { parsePointer, pointerText } from '../../lib/cache/format/pointer.js'
import { signedName, verifiedName } from '../../lib/cache/format/signed-name.js'
import { readDisk, writeDisk } from '../../lib/replica/disk/disk.js'
import { packState, unpackState } from '../../lib/state/packed-state.js'
import { makeSealer, type Sealer } from '../../lib/state/sealed.js'
import type { StoredFeature } from '../../lib/state/state.js'
import { atMost } from './figures.js'
import { hangMs, isFull, size } from './size.js'

const address = 'poison'
const identity = '6a5f0f0e0a3c4a5b9d570d7f5a0a7b10'
const digest = 'a7'.repeat(32)
const sealers = { unsigned: makeSealer(null), signed: makeSealer('a secret of the tests that is long enough') }
const position = { version: '42', nonce: 'e7d1d5b4-65c7-4b6b-8a58-1d1f4f8c2a11' }
const before = { version: '41', nonce: '0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9' }
const features: readonly StoredFeature[] = [
  { key: 'a_flag', gates: new Map([['actors', ['User:1', 'User:2:opt_out']]]) },
  { key: '__proto__', gates: new Map([['boolean', ['true']]]) },
  { key: 'ünïcode\u2028', gates: new Map([['groups', ['staff']]]) },
]
const state = { address, position, identity, digest, inRecovery: false, items: features }
const limitsFor = (sealer: Sealer) => ({ purpose: 'blob', owner: identity, sealer, largestBytes: 1_000_000 }) as const

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
  expect(meant).toMatch(/e7d1d5b4-65c7-4b6b|a_flag/)
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
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(Object.entries(sealers))('a poisoned, %s', { timeout: hangMs }, (how, sealer) => {
  const circle = { sealer, identity }
  const limits = limitsFor(sealer)
  const readFile: Read = async (bytes) => {
    writeFileSync(path, bytes)
    return readDisk(path, { address, identity, sealer }).catch(refused)
  }
  const fileBytes = async () => {
    await writeDisk(path, state, sealer)
    return readFileSync(path)
  }
  const hint = { from: before, via: [], to: position, changed: new Map(features.map((one) => [one.key, one])) }
  const readMessage: Read = async (bytes) => parseMessage(circle, bytes.toString('utf8'))
  const member = { purpose: 'member', owner: identity } as const
  const kinds: readonly (readonly [string, () => Buffer | Promise<Buffer>, Read])[] = [
    ['disk file', fileBytes, readFile],
    ['blob', () => packState(state, limits), (bytes) => unpackState(bytes, limits).catch(refused)],
    [
      'pointer',
      () => Buffer.from(pointerText(sealer, identity, { position, digest })),
      async (bytes) => withoutText(parsePointer(sealer, identity, bytes.toString('latin1'))),
    ],
    ['message', () => Buffer.from(hintMessage(circle, hint)), readMessage],
    ['wait request', () => Buffer.from(waitMessage(circle, { id: 'an-id', position })), readMessage],
    ['difference', () => Buffer.from(differenceMessage(circle, ['a_flag'])), readMessage],
    ...(sealer.signed
      ? [
          [
            'member',
            () => Buffer.from(signedName(sealer, member, `host:1:${position.nonce}`)),
            async (bytes: Buffer) => verifiedName(sealer, member, bytes.toString('utf8')),
          ] as const,
        ]
      : []),
  ]
  it.each(kinds)('%s is never applied, whatever bit was flipped and wherever it was cut', async (kind, good, read) => {
    const { tried, applied } = await countApplied(await good(), read)
    expect(applied).toBe(0)
    atMost(`poisoned ${kind}, ${how}`, `mutants applied (of ${tried.toLocaleString('en')})`, 0, applied)
    expect(Reflect.get({}, 'boolean')).toBeUndefined()
  })
})

describe('a poisoned gzip', { timeout: hangMs }, () => {
  const sealer = sealers.unsigned
  const limits = limitsFor(sealer)
  it('that inflates to gigabytes is given up at the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    const memoryBefore = process.memoryUsage().rss
    await expect(unpackState(bomb, limits)).rejects.toThrow()
    const grownMb = (process.memoryUsage().rss - memoryBefore) / 1_048_576
    expect(grownMb).toBeLessThan(256)
    atMost('gzip bomb of 64 MB', 'memory grown, the limit being 1 MB', 16, grownMb, ' MB')
    writeFileSync(path, gzipSync(Buffer.from('{}')))
    await expect(readDisk(path, { address, identity, sealer })).rejects.toThrow('hash')
  })
})

/** The text is kept for comparing alone. */
function withoutText(pointer: ReturnType<typeof parsePointer>): unknown {
  return pointer === null ? null : { position: pointer.position, digest: pointer.digest }
}

/** Refusing is what is wanted. */
function refused(): null {
  return null
}
