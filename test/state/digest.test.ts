// The digest of what is stored.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf } from '../../lib/state/digest.js'
import type { StoredFeature } from '../../lib/state/state.js'
import { compareTexts } from '../../lib/state/text-order.js'

const feature = (key: string, gates: Record<string, readonly string[]> = {}): StoredFeature => ({
  key,
  gates: new Map(Object.entries(gates)),
})

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** Well-formed, without NUL, and rich in what UTF-16 and code pages order otherwise. */
const characters = fc.oneof(
  fc.constantFrom('a', 'é', '€', '\ue000', '\uffff', '😀'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
)
const storable = fc.array(characters, { maxLength: 8 }).map((parts) => parts.join('').replaceAll('\0', ''))
const gateRows = fc.uniqueArray(storable, { minLength: 1, maxLength: 5 }).map((values) => values.sort(byBytes))
const contents = fc.dictionary(storable, fc.dictionary(storable, gateRows, { maxKeys: 3 }), { maxKeys: 4 })
const featuresOf = (content: Record<string, Record<string, readonly string[]>>) =>
  Object.entries(content).map(([key, gates]) => feature(key, gates))

describe('the digest', () => {
  it('is the same for features and gates in any order', async () => {
    const one = [feature('a', { actors: ['User:1', 'User:2'], boolean: ['true'] }), feature('b')]
    const other = [feature('b'), feature('a', { boolean: ['true'], actors: ['User:1', 'User:2'] })]
    expect(await digestOf(one)).toBe(await digestOf(other))
    await fc.assert(
      fc.asyncProperty(contents, async (content) => {
        const features = featuresOf(content)
        const turned = features.map(({ key, gates }) => ({ key, gates: new Map([...gates].reverse()) }))
        expect(await digestOf(turned.reverse())).toBe(await digestOf(features))
        expect(await digestOf(features)).toMatch(/^[0-9a-f]{64}$/)
      }),
    )
  })

  it('is equal only for equal contents', async () => {
    const canonical = (features: readonly StoredFeature[]) =>
      JSON.stringify(
        features
          .map(({ key, gates }) => [key, [...gates].sort(([a], [b]) => byBytes(a, b))] as const)
          .sort(([a], [b]) => byBytes(a, b)),
      )
    await fc.assert(
      fc.asyncProperty(contents, contents, async (one, other) => {
        const [a, b] = [featuresOf(one), featuresOf(other)]
        expect((await digestOf(a)) === (await digestOf(b))).toBe(canonical(a) === canonical(b))
      }),
    )
  })

  it.each([
    ['a feature more', [feature('a'), feature('b')]],
    ['a gate more', [feature('a', { boolean: ['true'] })]],
    ['a row twice', [feature('a', { actors: ['x', 'x'] })]],
    ['the same text in other places', [feature('a', { actors: [''], '': ['actors'] })]],
    ['a gate without a name or value', [feature('a', { '': [''] })]],
    ['the text of two values in one', [feature('a', { actors: ['xx'] })]],
    ['no content', []],
  ])('differs with %s', async (_, features) => {
    const others = [[feature('a')], [feature('a', { actors: ['x'] })], [feature('a', { actors: ['', 'actors'] })]]
    for (const other of others) expect(await digestOf(features)).not.toBe(await digestOf(other))
  })

  it('never changes for content that was hashed before', async () => {
    expect(await digestOf([])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(await digestOf([feature('Straße 😀', { actors: ['', 'User:1'] }), feature('b')])).toBe(
      'fc21b772dbf74ad614009ea3707830d098efa7842f715ccea5d3c81a69889e0c',
    )
  })

  it.each([
    ['values out of order', feature('a', { actors: ['User:2', 'User:1'] })],
    ['values in the order of UTF-16', feature('a', { actors: ['😀', '\uffff'] })],
    ['values in the order of WIN1252', feature('a', { actors: ['€', 'é'] })],
    ['half of a surrogate pair in a value', feature('a', { actors: ['\ud83d'] })],
    ['half of a surrogate pair in a gate', feature('a', { '\ude00': ['x'] })],
    ['half of a surrogate pair in a key', feature('\ud83d')],
    ['NUL in a value', feature('a', { actors: ['User:1\0'] })],
    ['NUL in a value that is not ASCII', feature('a', { actors: ['é\0'] })],
    ['half of a surrogate pair in a long value', feature('a', { actors: [`${'x'.repeat(100_000)}\ud83d`] })],
    ['an empty list', feature('a', { actors: [] })],
  ])('is none for %s: the text equals no digest of Postgres, and is the same each time', async (_, odd) => {
    const text = await digestOf([odd])
    expect(text).toMatch(/^unlike-[0-9a-f]{32}$/)
    expect(await digestOf([odd])).toBe(text)
  })

  it('is none for a feature that is there twice', async () => {
    expect(await digestOf([feature('a'), feature('a')])).toMatch(/^unlike-/)
    expect(await digestOf([feature('a', { x: ['1'] }), feature('a', { y: ['1'] })])).toMatch(/^unlike-/)
  })

  it('does not take U+FFFD for half of a surrogate pair', async () => {
    const stored = await digestOf([feature('a', { actors: ['\ufffd'] })])
    expect(stored).toMatch(/^[0-9a-f]{64}$/)
    expect(await digestOf([feature('a', { actors: ['\ud83d'] })])).not.toBe(stored)
  })

  it('is the same however long the texts are', async () => {
    for (const length of [1, 21_844, 21_845, 21_846, 65_535, 65_536, 65_537, 200_000]) {
      const long = feature('a', { actors: ['é'.repeat(length), `é${'é'.repeat(length)}`] })
      const { createHash } = await import('node:crypto')
      const rows = [...(long.gates.get('actors') ?? [])].map((value) => `a\0actors\0${value}\0`).join('')
      expect(await digestOf([long])).toBe(createHash('sha256').update(rows).digest('hex'))
    }
  })

  it('lets other work run while it hashes 100,000 rows', async () => {
    const actors = Array.from({ length: 100_000 }, (_, index) => `User:${index}`).sort()
    let turns = 0
    let done = false
    const count = () => {
      turns += 1
      if (!done) setImmediate(count)
    }
    setImmediate(count)
    await digestOf([feature('a', { actors })])
    done = true
    expect(turns).toBeGreaterThan(2)
  })
})

describe('the order of texts', () => {
  it('is that of their bytes of UTF-8', () => {
    fc.assert(
      fc.property(storable, storable, (a, b) => {
        expect(Math.sign(compareTexts(a, b))).toBe(byBytes(a, b))
      }),
      { numRuns: 2_000 },
    )
  })
})
