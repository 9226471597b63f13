import { describe, expect, it } from 'vitest'
import { digestOf, digestText } from '../../lib/store/digest.js'
import type { StoredFeature } from '../../lib/store/store.js'

const feature = (key: string, gates: Record<string, readonly string[]> = {}): StoredFeature => ({
  key,
  gates: new Map(Object.entries(gates)),
})

describe('the digest', () => {
  it('is the same for the same content in any order', async () => {
    const one = [feature('a', { actors: ['User:1', 'User:2'], boolean: ['true'] }), feature('b')]
    const other = [feature('b'), feature('a', { boolean: ['true'], actors: ['User:2', 'User:1'] })]
    expect(await digestOf(one)).toBe(await digestOf(other))
  })

  it.each([
    ['a feature more', [feature('a'), feature('b')]],
    ['a gate more', [feature('a', { boolean: ['true'] })]],
    ['a row twice', [feature('a', { actors: ['x', 'x'] })]],
    ['the same text in other places', [feature('a', { actors: [''], '': ['actors'] })]],
  ])('differs with %s', async (_, features) => {
    const others = [[feature('a')], [feature('a', { actors: ['x'] })], [feature('a', { actors: ['', 'actors'] })]]
    for (const other of others) expect(await digestOf(features)).not.toBe(await digestOf(other))
  })

  it('never changes for content that was hashed before', async () => {
    expect(await digestOf([])).toBe('0:0:0000000000000000')
    expect(await digestOf([feature('Straße 😀', { actors: ['User:1', ''] })])).toBe('1:2:7d4be87d6a6241cb')
  })

  it('sums modulo 2^64, also what Postgres sums as signed numbers', () => {
    expect(digestText(1, 2, -1n)).toBe('1:2:ffffffffffffffff')
    expect(digestText(1, 2, 2n ** 64n + 5n)).toBe('1:2:0000000000000005')
  })

  it('lets others run while it hashes 100,000 rows', async () => {
    const actors = Array.from({ length: 100_000 }, (_, index) => `User:${index}`)
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
