// The memory of exposures that were told.
import { describe, expect, it } from 'vitest'
import { Exposures } from '../../lib/experiments/exposures.js'

describe('an exposure', () => {
  it('is the first one once, as long as it is among the last ones', () => {
    const exposures = new Exposures(10)
    expect(exposures.isFirst('a')).toBe(true)
    for (let index = 0; index < 9; index++) exposures.isFirst(`b${index}`)
    // It moves along while it is seen.
    for (let round = 0; round < 5; round++) {
      expect(exposures.isFirst('a')).toBe(false)
      for (let index = 0; index < 9; index++) exposures.isFirst(`c${round} ${index}`)
    }
  })

  it('is the first one again after so many others that it was forgotten', () => {
    const exposures = new Exposures(10)
    exposures.isFirst('a')
    for (let index = 0; index < 25; index++) exposures.isFirst(`b${index}`)
    expect(exposures.isFirst('a')).toBe(true)
  })
})
