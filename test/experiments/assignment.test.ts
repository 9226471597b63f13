// Which variant an actor gets: the same in each version, in the shares that the weights say, and independent of other experiments.
import { readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { actorDigest, computedVariant } from '../../lib/experiments/assignment.js'
import { contextKey } from '../../lib/experiments/context-key.js'
import { readVariants, type Variants } from '../../lib/experiments/variants.js'
import { actorBucket } from '../../lib/gates/bucket.js'
import { crc32State } from '../../lib/gates/crc32.js'

const crowd = 1_000_000

function variants(given: unknown): Variants {
  const read = readVariants(given)
  if ('fault' in read) throw new Error(read.fault.problem)
  return read
}

/** How far the counts of two splits are from independent ones; with 2 × 2 counts, 10.83 is passed by chance once in 1,000 times. */
function chiSquare([[a, b], [c, d]]: readonly [readonly [number, number], readonly [number, number]]): number {
  const all = a + b + c + d
  return (all * (a * d - b * c) ** 2) / ((a + b) * (c + d) * (a + c) * (b + d))
}

describe('the variant of an actor', () => {
  const vectors: readonly { experiment: string; id: string; given: unknown; variant: string }[] = JSON.parse(
    readFileSync(new URL('../vectors/experiments.json', import.meta.url), 'utf8'),
  )

  it.each(vectors)('stays what it was: $id has $variant in $experiment', ({ experiment, id, given, variant }) => {
    expect(computedVariant(experiment, id, variants(given))).toBe(variant)
  })

  it('does not depend on the order in which the code lists them', () => {
    for (const id of ['User:1', 'User:2', 'User:3', 'User:4', 'User:5']) {
      const there = computedVariant('colours', id, variants({ control: 40, red: 30, blue: 30 }))
      expect(computedVariant('colours', id, variants({ blue: 30, red: 30, control: 40 }))).toBe(there)
    }
  })

  it('is never one of weight 0', () => {
    const all = Array.from({ length: 10_000 }, (_, index) => `User:${index}`)
    expect(new Set(all.map((id) => computedVariant('a', id, variants({ control: 0, red: 100 }))))).toEqual(
      new Set(['red']),
    )
  })

  it('takes an id of 1 MB', () => {
    const id = `User:${'x'.repeat(1_000_000)}`
    expect(['red', 'blue']).toContain(computedVariant('a', id, variants(['red', 'blue'])))
    expect(actorDigest(id)).toMatch(/^[0-9a-f]{32}$/)
  })
})

describe('a million actors', () => {
  // 1/99 and 34/33/33 are each compared with the shares; 50/50 also with a second experiment and with the gate of a rollout.
  const half = variants({ control: 50, candidate: 50 })
  const inFirst = new Uint8Array(crowd)
  const inSecond = new Uint8Array(crowd)
  beforeAll(() => {
    for (let index = 0; index < crowd; index++) {
      inFirst[index] = computedVariant('first_one', `User:${index}`, half) === 'candidate' ? 1 : 0
      inSecond[index] = computedVariant('other_one', `User:${index}`, half) === 'candidate' ? 1 : 0
    }
  })

  function tables(other: (index: number) => boolean) {
    const counts: [[number, number], [number, number]] = [
      [0, 0],
      [0, 0],
    ]
    for (let index = 0; index < crowd; index++) {
      const row = inFirst[index] === 1 ? counts[1] : counts[0]
      row[other(index) ? 1 : 0] += 1
    }
    return counts
  }

  it.each([
    { control: 50, candidate: 50 },
    { control: 1, candidate: 99 },
    { control: 34, red: 33, blue: 33 },
  ])('split as the weights %o say, within four standard errors', (weights) => {
    const read = variants(weights)
    const counts = new Map<string, number>()
    for (let index = 0; index < crowd; index++) {
      const variant = computedVariant('split', `User:${index}`, read)
      counts.set(variant, (counts.get(variant) ?? 0) + 1)
    }
    for (const [name, weight] of Object.entries(weights)) {
      const share = weight / 100
      const standardError = Math.sqrt(crowd * share * (1 - share))
      expect(Math.abs((counts.get(name) ?? 0) - crowd * share)).toBeLessThan(4 * standardError)
    }
  })

  it('split in two experiments independently', () => {
    expect(chiSquare(tables((index) => inSecond[index] === 1))).toBeLessThan(10.83)
  })

  it('split independently of the rollout that lets them in', () => {
    const state = crc32State('first_one')
    expect(chiSquare(tables((index) => actorBucket(state, `User:${index}`) < 10_000))).toBeLessThan(10.83)
  })
})

describe('what stands for an actor', () => {
  it('in events and pages differs between experiments and with the secret, and never holds the id', () => {
    const keys = [
      contextKey('a', 'User:1', null),
      contextKey('b', 'User:1', null),
      contextKey('a', 'User:1', 'x'.repeat(32)),
      contextKey('a', 'User:2', null),
    ]
    expect(new Set(keys).size).toBe(4)
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{64}$/)
    expect(contextKey('a', 'User:1', null)).toBe(keys[0])
  })
})
