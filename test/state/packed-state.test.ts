// A state packed as text, for the cache and the disk.
import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { digestOf } from '../../lib/state/digest.js'
import {
  type PackableState,
  type PackOptions,
  packedFormat,
  packState,
  unpackState,
} from '../../lib/state/packed-state.js'
import { makeSealer } from '../../lib/state/sealed.js'
import { compareTexts } from '../../lib/state/text-order.js'

const limits: PackOptions = { purpose: 'blob', owner: 'a-database', sealer: makeSealer(null), largestBytes: 1_000_000 }
const secret = 'a secret of the tests that is long enough'
const signed: PackOptions = { ...limits, sealer: makeSealer(secret) }
const state: PackableState = {
  address: 'an address: any text',
  position: { version: '9007199254740993', nonce: 'a-nonce' },
  identity: 'a-database',
  digest: 'ab12',
  inRecovery: false,
  items: [
    { key: '__proto__', gates: new Map([['boolean', ['true']]]) },
    { key: 'a_flag', gates: new Map([['actors', ['User:1', ']}', 'line\nbreak', 'Übung:2', '😀']]]) },
    { key: 'empty', gates: new Map() },
  ],
}

/** What is read back: the state, and the digest of its content. */
const read = async (packed: PackableState) => ({ ...packed, contentDigest: await digestOf(packed.items) })

const sha256 = (text: string) => createHash('sha256').update(text, 'latin1').digest('hex')

/** Marked as it should be, whatever the line of the head and the rows are. */
function pack(head: string, rows = ''): Buffer {
  return gzipSync(Buffer.from(`${sha256(head)}\n${head}\n${rows}`, 'latin1'))
}

/** The line that packing makes, with other parts. */
function headOf(change: object, rows = ''): string {
  const head = { format: packedFormat, address: 'x', identity: null, position: null, digest: null }
  return JSON.stringify({ ...head, content: sha256(rows), ...change })
}

/** Rows of any bytes, each given as a character, with the hash that belongs to them. */
const rowsOf = (rows: string) => pack(headOf({}, rows), rows)

describe('a packed state', () => {
  it('comes out as it went in', async () => {
    expect(await unpackState(await packState(state, limits), limits)).toEqual(await read(state))
  })

  it('comes out as it went in when it holds nothing', async () => {
    const empty = { ...state, position: null, identity: null, digest: null, items: [] }
    expect(await unpackState(await packState(empty, limits), limits)).toEqual(await read(empty))
  })

  it('comes out as it went in when it takes many slices', async () => {
    const features = Array.from({ length: 20_000 }, (_, index) => ({
      key: `flag_${String(index).padStart(5, '0')}`,
      gates: index % 7 === 0 ? new Map() : new Map([['actors', [`Project:${index * 7}`, `User:${index}`]]]),
    }))
    const large = { ...state, items: features }
    const wide = { ...limits, largestBytes: 10_000_000 }
    expect(await unpackState(await packState(large, wide), wide)).toEqual(await read(large))
  })

  it('comes out as it went in when keys, gates and values are empty, or begin alike', async () => {
    const gates = (...names: readonly string[]) => new Map(names.map((name) => [name, ['', name, `${name}a`]]))
    const features = [
      { key: '', gates: gates('', 'a', 'aa') },
      { key: 'a', gates: new Map() },
      { key: 'aa', gates: gates('', 'a') },
      { key: 'ab', gates: gates('\ufffd', '😀') },
    ]
    for (const some of [features, features.slice(1), [{ key: '', gates: new Map() }]]) {
      expect((await unpackState(await packState({ ...state, items: some }, limits), limits)).items).toEqual(some)
    }
  })

  it('comes out as it went in wherever the pieces end that it is read in', async () => {
    const letters = ['', 'a', 'é', '漢', '😀']
    const text = (number: number) => (letters[number % letters.length] ?? '').repeat(number % 23)
    const features = Array.from({ length: 6_000 }, (_, index) => ({
      key: String(index).padStart(5, '0') + text(index),
      gates: new Map(
        [text(index * 3), `${text(index)}~`].sort(compareTexts).map((gate, at) => {
          const values = Array.from({ length: 1 + (index % 5) }, (_value, nth) => text(index * 7 + nth * 11 + at))
          return [gate, values.sort(compareTexts)] as const
        }),
      ),
    }))
    const wide = { ...limits, largestBytes: 20_000_000 }
    const found = await unpackState(await packState({ ...state, items: features }, wide), wide)
    expect(isDeepStrictEqual(found.items, features)).toBe(true)
    expect(found.contentDigest).toBe(await digestOf(features))
  })

  it('comes out as it went in when few bytes hold much', async () => {
    const features = [{ key: 'a', gates: new Map([['actors', ['x'.repeat(3_000_000)]]]) }]
    const wide = { ...limits, largestBytes: 10_000_000 }
    const packed = await packState({ ...state, items: features }, wide)
    expect(packed.length).toBeLessThan(30_000)
    expect((await unpackState(packed, wide)).items[0]?.gates.get('actors')?.[0]).toHaveLength(3_000_000)
    await expect(unpackState(packed, { ...wide, largestBytes: 2_900_000 })).rejects.toThrow()
  })

  it('is text that other tools can read: its mark, a line of JSON, and the rows with a NUL after each part', async () => {
    const [mark = '', head = '', ...rest] = gunzipSync(await packState(state, limits))
      .toString('latin1')
      .split('\n')
    const rows = rest.join('\n')
    expect(mark).toBe(sha256(head))
    expect(JSON.parse(head)).toMatchObject({ format: packedFormat, digest: 'ab12', content: sha256(rows) })
    expect(rows.startsWith('__proto__\0boolean\0true\0a_flag\0actors\0User:1\0')).toBe(true)
    expect(rows.endsWith('\0empty\0\xff\0')).toBe(true)
  })

  it.each([
    ['hashed', limits],
    ['signed', signed],
  ])('is refused when cut at any byte, %s', async (_how, options) => {
    const whole = await packState(state, options)
    for (let length = 0; length < whole.length; length++) {
      await expect(unpackState(whole.subarray(0, length), options), `cut at ${length}`).rejects.toThrow()
    }
  })

  it('that is signed is read by the processes that have the secret, for what it is and whose it is', async () => {
    const packed = await packState(state, signed)
    const rotated = makeSealer(`a new secret that is long enough as well, ${secret}`)
    for (const sealer of [signed.sealer, rotated])
      expect(await unpackState(packed, { ...signed, sealer })).toEqual(await read(state))
    const stranger = makeSealer('another secret that is long enough as well')
    const refused = [
      { ...signed, sealer: stranger },
      limits,
      { ...signed, purpose: 'disk' as const },
      { ...signed, owner: 'b' },
    ]
    for (const options of refused) await expect(unpackState(packed, options)).rejects.toThrow(/sign/)
  })

  it('that is not signed counts for nothing where there is a secret, and tells what is missing', async () => {
    const unsigned = await packState(state, limits)
    await expect(unpackState(unsigned, signed)).rejects.toThrow('not signed with a secret of FEATURE_CACHE_SECRET')
    await expect(unpackState(await packState(state, signed), limits)).rejects.toThrow('has no FEATURE_CACHE_SECRET')
  })

  it.each([
    ['hashed', limits],
    ['signed', signed],
  ])('gives the same state or none when any bit is flipped, %s', async (_how, options) => {
    const whole = await packState(state, options)
    const expected = await read(state)
    let refused = 0
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = Buffer.from(whole)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      // Some bits of a gzip header (time, operating system) carry no content.
      const found = await unpackState(flipped, options).catch(() => null)
      if (found === null) refused += 1
      else expect(found).toEqual(expected)
    }
    expect(refused).toBeGreaterThan(whole.length * 6)
  })

  it('is refused when it would inflate beyond the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000))
    expect(bomb.length).toBeLessThan(30_000)
    await expect(unpackState(bomb, limits)).rejects.toThrow()
  })

  it('is not made of a state beyond the limit, so that none is written that no process reads', async () => {
    const { length } = gunzipSync(await packState(state, limits))
    const narrow = { ...limits, largestBytes: length + 9 } // A mark may be longer than a hash.
    expect(await unpackState(await packState(state, narrow), narrow)).toEqual(await read(state))
    await expect(packState(state, { ...limits, largestBytes: length - 1 })).rejects.toThrow(
      `more than ${length - 1} bytes`,
    )
  })

  it('is not made of a text that holds a NUL, which would read as the end of it', async () => {
    const features = [{ key: 'a', gates: new Map([['actors', ['x\0y']]]) }]
    await expect(packState({ ...state, items: features }, limits)).rejects.toThrow('a NUL character')
  })

  it('comes out in the order of its bytes, with texts of any length', async () => {
    const long = (length: number) => ['é'.repeat(length), `é${'é'.repeat(length)}`]
    for (const length of [1, 20, 32_767, 32_768, 65_535, 65_536, 200_000]) {
      const [one = '', other = ''] = long(length)
      const features = [
        { key: one, gates: new Map([[other, long(length)]]) },
        { key: other, gates: new Map([['a', ['x'.repeat(length)]]]) },
      ]
      const wide = { ...limits, largestBytes: 20_000_000 }
      const packed = await packState({ ...state, items: features.toReversed() }, wide)
      const found = (await unpackState(packed, wide)).items
      // Not toEqual: what it prints of such texts is of no use.
      expect(isDeepStrictEqual(found, features), `${length} letters`).toBe(true)
    }
  })

  it('is accepted in the form that the following cases spoil', async () => {
    const rows = 'a\0\xff\0b\0actors\0x\0b\0boolean\0true\0'
    const position = { version: '7', nonce: 'n' }
    const found = await unpackState(pack(headOf({ position, identity: 'd', digest: '0f' }, rows), rows), limits)
    expect(found.items).toEqual([
      { key: 'a', gates: new Map() },
      { key: 'b', gates: new Map(Object.entries({ actors: ['x'], boolean: ['true'] })) },
    ])
    expect(found.position).toEqual(position)
  })

  it('is refused with the number of its format where that is another, whatever that was marked like', async () => {
    for (const head of [headOf({ format: 1 }), '{"format":2,"address":"x","features":[']) {
      const number = head.slice('{"format":'.length, head.indexOf(','))
      const message = `has the format ${number}; this version of Sluice reads ${packedFormat}`
      await expect(unpackState(pack(head), limits)).rejects.toThrow(message)
      await expect(unpackState(gzipSync(`${'0'.repeat(64)}\n${head}\n]}`), limits)).rejects.toThrow(message)
    }
  })

  it.each([
    ['nothing', pack('')],
    ['no JSON', pack('hello')],
    ['null', pack('null')],
    ['a newer format', pack(headOf({ format: 999 }))],
    ['no format', pack(headOf({ format: undefined }))],
    ['an address that is no text', pack(headOf({ address: 1 }))],
    ['no address', pack(headOf({ address: undefined }))],
    ['no identity', pack(headOf({ identity: undefined }))],
    ['no digest', pack(headOf({ digest: undefined }))],
    ['a digest that is no hex', pack(headOf({ digest: 'x' }))],
    ['a digest that is too long', pack(headOf({ digest: '0'.repeat(129) }))],
    ['no hash of the rows', pack(headOf({ content: undefined }))],
    ['the hash of other rows', pack(headOf({}, 'a\0\xff\0'), 'b\0\xff\0')],
    ['a number as version', pack(headOf({ position: { version: 1, nonce: 'n' } }))],
    ['a negative version', pack(headOf({ position: { version: '-1', nonce: 'n' } }))],
    ['a version that no counter reaches', pack(headOf({ position: { version: '1'.repeat(20), nonce: 'n' } }))],
    ['a nonce that would read as part of a key', pack(headOf({ position: { version: '1', nonce: 'a:b' } }))],
    ['an identity with other characters', pack(headOf({ identity: 'a\nb' }))],
    ['no position', pack(headOf({ position: undefined }))],
    ['no line break after the head', gzipSync(`${sha256(headOf({}))}\n${headOf({})}`)],
    ['a key alone', rowsOf('a\0')],
    ['a row without a value', rowsOf('a\0actors\0')],
    ['a part that does not end', rowsOf('a\0actors\0x')],
    ['a part that does not end, after whole rows', rowsOf('a\0actors\0x\0b')],
    ['a long part that does not end', rowsOf('a'.repeat(200_000))],
    ['very deep nesting', pack(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
  ])('is refused when it holds %s', async (_what, packed) => {
    await expect(unpackState(packed, limits)).rejects.toThrow()
  })
})
