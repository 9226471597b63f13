// What may be given as the variants of an experiment.
import { describe, expect, it } from 'vitest'
import { readVariants } from '../../lib/experiments/variants.js'

describe('the variants of an experiment', () => {
  it.each<[string, unknown, readonly (readonly [string, number])[]]>([
    [
      'are control and candidate where none are given, and all that the flag lets in are candidates',
      undefined,
      [
        ['candidate', 1],
        ['control', 0],
      ],
    ],
    [
      'share evenly what the flag lets in, beside control',
      ['control', 'red', 'blue'],
      [
        ['blue', 1],
        ['control', 0],
        ['red', 1],
      ],
    ],
    [
      'have weights in per cent, control too',
      { control: 34, red: 33, blue: 33 },
      [
        ['blue', 33],
        ['control', 34],
        ['red', 33],
      ],
    ],
    [
      'may have weights with fractions',
      { control: 33.4, red: 33.3, blue: 33.3 },
      [
        ['blue', 33.3],
        ['control', 33.4],
        ['red', 33.3],
      ],
    ],
    [
      'may have a weight of 0',
      { control: 0, red: 100 },
      [
        ['control', 0],
        ['red', 100],
      ],
    ],
    [
      'need not name control',
      ['red', 'blue'],
      [
        ['blue', 1],
        ['red', 1],
      ],
    ],
  ])('%s', (_, given, weights) => {
    const read = readVariants(given)
    if ('fault' in read) throw new Error(read.fault.problem)
    expect(read.weights.map(({ name, weight }) => [name, weight])).toEqual(weights)
    expect(read.names.has('control')).toBe(true)
  })

  it.each<[string, unknown, string]>([
    ['an empty list', [], 'no variant beside "control"'],
    ['empty weights', {}, 'no variant beside "control"'],
    ['control alone', ['control'], 'no variant beside "control"'],
    ['control alone, with a weight', { control: 100 }, 'no variant beside "control"'],
    ['null', null, 'its variants are "null"'],
    ['a text', 'candidate', 'its variants are "candidate"'],
    ['control twice', ['control', 'candidate', 'control'], '"control" is there twice'],
    ['a candidate twice', ['red', 'red'], '"red" is there twice'],
    ['weights below 100', { control: 50, candidate: 49 }, 'add up to 99 (control 50, candidate 49)'],
    ['weights above 100', { control: 50, candidate: 50.01 }, 'add up to 100.01'],
    ['parts of 1', { control: 0.5, candidate: 0.5 }, 'add up to 1 '],
    ['a negative weight', { control: 150, candidate: -50 }, 'the weight of "candidate" is -50'],
    ['NaN', { control: 50, candidate: Number.NaN }, 'the weight of "candidate" is NaN'],
    ['infinity', { control: 50, candidate: Number.POSITIVE_INFINITY }, 'the weight of "candidate" is Infinity'],
    ['a weight as text', { control: 50, candidate: '50' }, 'the weight of "candidate" is "50"'],
    ['no weight', { control: 100, candidate: undefined }, 'the weight of "candidate" is "undefined"'],
    ['an empty name', ['control', ''], '"" cannot be the name'],
    ['a name with a colon', ['control', 'a:b'], '"a:b" cannot be the name'],
    ['a name of 64 characters', ['control', 'x'.repeat(64)], 'cannot be the name'],
    ['a number as name', ['control', 7], '"7" cannot be the name'],
    ['a hole in the list', ['control', undefined], '"undefined" cannot be the name'],
  ])('are refused where they are %s', (_, given, problem) => {
    const read = readVariants(given)
    expect('fault' in read ? read.fault.problem : null).toContain(problem)
  })
})
