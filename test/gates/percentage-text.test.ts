// A percentage as the text that is stored.
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { percentageText } from '../../lib/gates/percentage.js'
import { readPercentage } from '../../lib/gates/stored-values.js'

describe('the text of a percentage', () => {
  it.each([
    [0, '0'],
    [-0, '0'],
    [25, '25'],
    [100, '100'],
    [33.333, '33.333'],
    [0.1, '0.1'],
    [99.999, '99.999'],
    [0.0001, '0.0001'],
    [1e-7, '0.0000001'],
    [1.25e-9, '0.00000000125'],
  ])('of %d is %s', (value, text) => {
    expect(percentageText(value)).toBe(text)
  })

  it('is plain digits for every number from 0 to 100, and reads back as the same number', () => {
    const percentage = fc.oneof(
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.double({ min: 0, max: 1e-6, noNaN: true }),
      fc.constantFrom(Number.MIN_VALUE, Number.EPSILON, 100 - Number.EPSILON * 64),
    )
    fc.assert(
      fc.property(percentage, (value) => {
        const text = percentageText(value)
        expect(text).toMatch(/^\d{1,3}(\.\d+)?$/)
        expect(readPercentage(text)).toBe(Math.abs(value))
      }),
    )
  })

  const refused = [
    -1,
    101,
    100.0001,
    -0.0001,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    '25',
    '25%',
    '0x10',
    'x'.repeat(10_000),
    25n,
    true,
    null,
    undefined,
    Symbol('25'),
    [25],
    Object.create(null),
    { valueOf: () => 25 },
    () => 25,
  ].map((value) => [inspect(value).slice(0, 60), value] as const)

  it.each(refused)('is refused for %s', (_, value) => {
    expect(() => percentageText(value)).toThrow(
      expect.objectContaining({ code: 'invalid_percentage', message: expect.stringMatching(/^.{1,200}$/) }),
    )
  })

  it('quotes the value that was refused and says what to give', () => {
    expect(() => percentageText(101)).toThrow(
      '"101" is not a percentage; give a number from 0 to 100, such as 25 or 0.1',
    )
  })
})
