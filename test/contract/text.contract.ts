// What every store must do with odd text.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FeatureError } from '../../lib/errors.js'
import { digestOf } from '../../lib/state/digest.js'
import type { Operation } from '../../lib/state/operations.js'
import type { Current, Step, Store } from '../../lib/store/store.js'
import { here, read, unique, valuesOf } from './changes.js'
import { changeOf } from '../support/change.js'
import { runs } from './runs.js'

const oddKeys = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  ' ',
  'x'.repeat(256),
  'line\nbreak\ttab\u2028\u202e',
  'Straße',
  'STRASSE',
  'e\u0301',
  '\u00e9',
  "'; drop table features;--",
  '../../etc/passwd',
  '%00',
  ['$1 \\ " $', '{jndi:x}'].join(''),
]

export function textContract(the: () => Store): void {
  it('keeps any text as it is, as a key and as a value', async () => {
    const prefix = unique()
    for (const odd of oddKeys) {
      const feature = prefix + odd
      await the().apply(changeOf({ feature, operation: { kind: 'add', gate: 'actors', values: [odd] } }))
    }
    const { items: features } = await the().readAll()
    const stored = features.filter(({ key }) => key.startsWith(prefix))
    expect(new Map(stored.map(({ key, gates }) => [key, gates.get('actors')]))).toEqual(
      new Map(oddKeys.map((odd) => [prefix + odd, [odd]])),
    )
    for (const odd of oddKeys) await the().apply(changeOf({ feature: prefix + odd, operation: { kind: 'remove' } }))
    expect((await the().readAll()).items.filter(({ key }) => key.startsWith(prefix))).toEqual([])
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it('keeps a feature whose whole key is a word of JavaScript', async () => {
    await the().apply(changeOf({ feature: '__proto__', operation: { kind: 'enable' } }))
    expect((await read(the(), '__proto__'))?.gates).toEqual(new Map([['boolean', ['true']]]))
    await the().apply(changeOf({ feature: '__proto__', operation: { kind: 'remove' } }))
    expect(await read(the(), '__proto__')).toBeUndefined()
  })

  it('stores a lone surrogate as U+FFFD, and finds it again by the text that was given', async () => {
    const feature = unique()
    const add: Operation = { kind: 'add', gate: 'actors', values: ['User:\ud800'] }
    await the().apply(changeOf({ feature, operation: add }))
    expect(await valuesOf(the(), feature, 'actors')).toEqual(['User:\ufffd'])
    const seen: Current[] = []
    const check = (current: Current) => {
      seen.push(current)
      return null
    }
    await the().apply(changeOf({ feature, operation: add, lookup: ['User:\ud800'], check }))
    expect(seen[0]?.actors).toEqual(new Set(['User:\ud800']))
  })

  it.each<[string, Step]>([
    ['a feature', { feature: 'nul\0', operation: { kind: 'enable' } }],
    ['an actor', { feature: 'canary', operation: { kind: 'add', gate: 'actors', values: ['User:\0'] } }],
    ['a gate', { feature: 'canary', operation: { kind: 'replace', gates: new Map([['\0', ['x']]]) } }],
  ])('refuses a NUL in %s and writes nothing', async (_, step) => {
    const before = await here(the())
    const refused = the().apply(changeOf({ feature: 'canary', operation: { kind: 'enable' } }, step))
    await expect(refused).rejects.toThrow(FeatureError)
    await expect(refused).rejects.toMatchObject({ code: 'invalid_value', message: expect.stringContaining('NUL') })
    expect(await here(the())).toEqual(before)
  })

  it('has the same digest as the same content in memory has, for any text', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.string({ unit: 'binary', maxLength: 20 }), { maxLength: 5 }),
      async (texts) => {
        const feature = unique()
        const values = texts.map((text) => text.replaceAll('\0', ''))
        await the().apply(changeOf({ feature, operation: { kind: 'replace', gates: new Map([['actors', values]]) } }))
        const { digest, items: features } = await the().readAll({ digest: true })
        expect(digest).toBe(await digestOf(features.toReversed()))
        expect((await the().readSince(null, { digest: true })).digest).toBe(digest)
        await the().apply(changeOf({ feature, operation: { kind: 'set', gate: 'percentage_of_time', value: '1' } }))
        expect((await the().readAll({ digest: true })).digest).not.toBe(digest)
      },
    )
    await fc.assert(property, { numRuns: runs(the(), 5, 15) })
  })
}
