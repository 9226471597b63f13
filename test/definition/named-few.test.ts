// Lists of names, shortened for messages.
import { expect, it } from 'vitest'
import { namedFew } from '../../lib/definition/named-few.js'

it.each([
  [[], ''],
  [['a'], 'a'],
  [['a', 'b'], 'a, b'],
  [['a', 'b', 'c'], 'a, b and 1 more'],
])('the names %j are told as %j where two are told', (names, told) => {
  expect(namedFew(names, 2)).toBe(told)
})

it('ten names are told, and ten thousand make no longer message', () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `flag_${index}`)
  expect(namedFew(names.slice(0, 10))).toBe(names.slice(0, 10).join(', '))
  expect(namedFew(names)).toBe(`${names.slice(0, 10).join(', ')} and 9990 more`)
})
