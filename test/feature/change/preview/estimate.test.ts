// How often the margin of a sample holds the true number.
import { describe, expect, it } from 'vitest'
import { estimate } from '../../../../lib/feature/change/preview/estimate.js'
import { seededRandom } from '../../../support/random.js'

describe('an estimate', () => {
  it('is exact where all were looked at, and has the margin of the formula otherwise', () => {
    expect(estimate(7, 20, 20)).toEqual({ count: 7, margin: 0 })
    expect(estimate(0, 0, 0)).toEqual({ count: 0, margin: 0 })
    expect(estimate(2_500, 10_000, 18_432)).toEqual({ count: 4_608, margin: 106 })
    expect(estimate(300, 1_000, 1_000_000)).toEqual({ count: 300_000, margin: 28_389 })
  })

  it('is never certain of what a sample did not hold', () => {
    expect(estimate(0, 1_000, 1_000_000).margin).toBeGreaterThan(2_000)
    expect(estimate(1_000, 1_000, 1_000_000).margin).toBeGreaterThan(2_000)
  })

  it('holds the true number within its margin in at least 93 of 100 samples', () => {
    const random = seededRandom()
    const total = 5_000
    let held = 0
    const samples = 1_000
    for (let round = 0; round < samples; round++) {
      // Rare and common ones alike.
      const truth = Math.round(total * random.next() ** 3)
      const size = 200 + random.below(800)
      let found = 0
      for (let drawn = 0; drawn < size; drawn++) if (random.next() * (total - drawn) < truth - found) found += 1
      const { count, margin } = estimate(found, size, total)
      if (Math.abs(count - truth) <= margin) held += 1
    }
    expect(held).toBeGreaterThanOrEqual(samples * 0.93)
  })
})
