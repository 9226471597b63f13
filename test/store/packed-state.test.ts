import { createHash } from 'node:crypto'
import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type PackableState, packedFormat, packState, unpackState } from '../../lib/store/packed-state.js'

const limits = { largestBytes: 1_000_000 }
const state: PackableState = {
  namespace: 'test',
  position: { version: '9007199254740993', nonce: 'a-nonce' },
  databaseId: 'a-database',
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
  const head = { format: packedFormat, namespace: 'test', position: null, databaseId: null, features: [], ...change }
  const text = JSON.stringify(head)
  return Array.isArray(head.features) ? `${text.slice(0, -2)}\n${[...lines, ']}'].join('\n')}` : text
}

describe('a packed state', () => {
  it('comes out as it went in', async () => {
    expect(await unpackState(await packState(state, limits), limits)).toEqual(state)
  })

  it('comes out as it went in when it holds nothing', async () => {
    const empty = { ...state, position: null, databaseId: null, features: [] }
    expect(await unpackState(await packState(empty, limits), limits)).toEqual(empty)
  })

  it('comes out as it went in when it takes many slices', async () => {
    const features = Array.from({ length: 20_000 }, (_, index) => ({
      key: `flag_${index}`,
      gates: new Map([['actors', [`User:${index}`, `Project:${index * 7}`]]]),
    }))
    const large = { ...state, features }
    const wide = { largestBytes: 10_000_000 }
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

  it('is refused when cut at any byte', async () => {
    const whole = await packState(state, limits)
    for (let length = 0; length < whole.length; length++) {
      await expect(unpackState(whole.subarray(0, length), limits), `cut at ${length}`).rejects.toThrow()
    }
  })

  it('gives the same state or none when any bit is flipped', async () => {
    const whole = await packState(state, limits)
    let refused = 0
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = Buffer.from(whole)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      // Some bits of a gzip header (time, operating system) carry no content.
      const read = await unpackState(flipped, limits).catch(() => null)
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
    expect(await unpackState(await packState(state, { largestBytes: length }), { largestBytes: length })).toEqual(state)
    await expect(packState(state, { largestBytes: length - 1 })).rejects.toThrow(`more than ${length - 1} bytes`)
  })

  it('is accepted in the form that the following cases spoil', async () => {
    const position = { version: '7', nonce: 'n' }
    const read = await unpackState(pack(body({ position, databaseId: 'd' }, ['["a"],', '["b","actors",[]]'])), limits)
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
    ['a namespace that is no text', body({ namespace: 1 })],
    ['a number as version', body({ position: { version: 1, nonce: 'n' } })],
    ['a negative version', body({ position: { version: '-1', nonce: 'n' } })],
    ['a version that no counter reaches', body({ position: { version: '1'.repeat(20), nonce: 'n' } })],
    ['a nonce that would read as part of a key', body({ position: { version: '1', nonce: 'a:b' } })],
    ['a database id with other characters', body({ databaseId: 'a\nb' })],
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
    ['two features on one line', body({}, ['["a"],["b"]'])],
    ['no end', body({}).slice(0, -3)],
    ['something after its end', `${body({})}\n["a"]`],
    ['very deep nesting', body({}, [`${'['.repeat(100_000)}${']'.repeat(100_000)}`])],
  ])('is refused when it holds %s', async (_what, content) => {
    await expect(unpackState(pack(content), limits)).rejects.toThrow()
  })
})
