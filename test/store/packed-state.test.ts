import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import {
  type PackableState,
  type PackOptions,
  packedFormat,
  packState,
  unpackState,
} from '../../lib/store/packed-state.js'
import { makeSealer } from '../../lib/store/sealed.js'

const limits: PackOptions = { purpose: 'blob', owner: 'a-database', sealer: makeSealer(null), largestBytes: 1_000_000 }
const secret = 'a secret of the tests that is long enough'
const signed: PackOptions = { ...limits, sealer: makeSealer(secret) }
const state: PackableState = {
  address: 'an address: any text',
  position: { version: '9007199254740993', nonce: 'a-nonce' },
  identity: 'a-database',
  digest: 'ab12',
  inRecovery: false,
  features: [
    { key: '__proto__', gates: new Map([['boolean', ['true']]]) },
    { key: 'a_flag', gates: new Map([['actors', ['User:1', 'Übung:2', '😀', 'line\nbreak', ']}']]]) },
    { key: 'empty', gates: new Map() },
  ],
}

function pack(body: string): Buffer {
  return gzipSync(`${createHash('sha256').update(body).digest('hex')}\n${body}`)
}

/** The text that packing makes, with other parts. */
function body(change: object, lines: readonly string[] = []): string {
  const head = {
    format: packedFormat,
    address: 'x',
    identity: null,
    position: null,
    digest: null,
    features: [],
    ...change,
  }
  const text = JSON.stringify(head)
  return Array.isArray(head.features) ? `${text.slice(0, -2)}\n${[...lines, ']}'].join('\n')}` : text
}

describe('a packed state', () => {
  it('comes out as it went in', async () => {
    expect(await unpackState(await packState(state, limits), limits)).toEqual(state)
  })

  it('comes out as it went in when it holds nothing', async () => {
    const empty = { ...state, position: null, identity: null, digest: null, features: [] }
    expect(await unpackState(await packState(empty, limits), limits)).toEqual(empty)
  })

  it('comes out as it went in when it takes many slices', async () => {
    const features = Array.from({ length: 20_000 }, (_, index) => ({
      key: `flag_${index}`,
      gates: new Map([['actors', [`User:${index}`, `Project:${index * 7}`]]]),
    }))
    const large = { ...state, features }
    const wide = { ...limits, largestBytes: 10_000_000 }
    expect(await unpackState(await packState(large, wide), wide)).toEqual(large)
  })

  it('is JSON that other tools can read, after a line with the hash', async () => {
    const [hash, ...lines] = gunzipSync(await packState(state, limits))
      .toString()
      .split('\n')
    const text = lines.join('\n')
    expect(hash).toBe(createHash('sha256').update(text).digest('hex'))
    expect(JSON.parse(text)).toMatchObject({
      format: packedFormat,
      features: [['__proto__', 'boolean', ['true']], { length: 3 }, ['empty']],
    })
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
      expect(await unpackState(packed, { ...signed, sealer })).toEqual(state)
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
    let refused = 0
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = Buffer.from(whole)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      // Some bits of a gzip header (time, operating system) carry no content.
      const read = await unpackState(flipped, options).catch(() => null)
      if (read === null) refused += 1
      else expect(read).toEqual(state)
    }
    expect(refused).toBeGreaterThan(whole.length * 6)
  })

  it('is refused when it would inflate beyond the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(20_000_000))
    expect(bomb.length).toBeLessThan(30_000)
    await expect(unpackState(bomb, limits)).rejects.toThrow()
  })

  it('is not made of a state beyond the limit, so that none is written that nobody reads', async () => {
    const { length } = gunzipSync(await packState(state, limits))
    const narrow = { ...limits, largestBytes: length + 9 } // A mark may be longer than a hash.
    expect(await unpackState(await packState(state, narrow), narrow)).toEqual(state)
    await expect(packState(state, { ...limits, largestBytes: length - 1 })).rejects.toThrow(
      `more than ${length - 1} bytes`,
    )
  })

  it('is accepted in the form that the following cases spoil', async () => {
    const position = { version: '7', nonce: 'n' }
    const read = await unpackState(
      pack(body({ position, identity: 'd', digest: '0f' }, ['["a"],', '["b","actors",[]]'])),
      limits,
    )
    expect(read.features.map(({ key }) => key)).toEqual(['a', 'b'])
    expect(read.position).toEqual(position)
  })

  it('is refused with the number of its format where that is another', async () => {
    const older = pack(body({ format: 1 }))
    await expect(unpackState(older, limits)).rejects.toThrow(
      `has the format 1; this version of Sluice reads ${packedFormat}`,
    )
  })

  it.each([
    ['nothing', ''],
    ['no JSON', 'hello'],
    ['null', 'null'],
    ['a newer format', body({ format: 999 })],
    ['an address that is no text', body({ address: 1 })],
    ['no address', body({ address: undefined })],
    ['no identity', body({ identity: undefined })],
    ['no digest', body({ digest: undefined })],
    ['a digest that is no hex', body({ digest: 'x' })],
    ['a digest that is too long', body({ digest: '0'.repeat(129) })],
    ['a number as version', body({ position: { version: 1, nonce: 'n' } })],
    ['a negative version', body({ position: { version: '-1', nonce: 'n' } })],
    ['a version that no counter reaches', body({ position: { version: '1'.repeat(20), nonce: 'n' } })],
    ['a nonce that would read as part of a key', body({ position: { version: '1', nonce: 'a:b' } })],
    ['an identity with other characters', body({ identity: 'a\nb' })],
    ['no position', body({ position: undefined })],
    ['features that are no list', body({ features: {} })],
    ['features on the line of the head', body({}).replace('[', '[["a"]')],
    ['the features of an older format', body({}, ['["a",[["boolean",["true"]]]]'])],
    ['a feature that is no list', body({}, ['"a"'])],
    ['a feature without a name', body({}, ['[]'])],
    ['a feature whose name is no text', body({}, ['[1]'])],
    ['a gate without values', body({}, ['["a","boolean"]'])],
    ['a gate whose name is no text', body({}, ['["a",1,["true"]]'])],
    ['a value that is no text', body({}, ['["a","boolean",[true]]'])],
    ['values that are no list', body({}, ['["a","boolean","true"]'])],
    ['a key that is not well-formed', body({}, [JSON.stringify(['a\ud800'])])],
    ['a gate that is not well-formed', body({}, [JSON.stringify(['a', '\udc00', ['x']])])],
    ['a value that is not well-formed', body({}, [JSON.stringify(['a', 'actors', ['x\ud83d']])])],
    ['two features on one line', body({}, ['["a"],["b"]'])],
    ['no end', body({}).slice(0, -3)],
    ['something after its end', `${body({})}\n["a"]`],
    ['very deep nesting', body({}, [`${'['.repeat(100_000)}${']'.repeat(100_000)}`])],
  ])('is refused when it holds %s', async (_what, content) => {
    await expect(unpackState(pack(content), limits)).rejects.toThrow()
  })
})
