// The counts of `client/metrics`: what is read, and what is dropped without a refusal.
import { describe, expect, it } from 'vitest'
import { countsIn } from '../../lib/unleash/metrics.js'

const now = Date.parse('2026-11-26T12:34:56Z')
const hour = Date.parse('2026-11-26T12:00:00Z')
const ago = (ms: number) => new Date(now - ms).toISOString()
const bucketOf = (toggles: unknown, times: object = { start: ago(60_000), stop: ago(0) }) => ({
  bucket: { ...times, toggles },
})

describe('the counts of a report', () => {
  it('are those of its flags, in the hour in which its bucket ends', () => {
    const toggles = { new_layout: { yes: 3, no: 1, variants: { blue: 3 } }, 'other-flag': { yes: 0, no: 2 } }
    expect(countsIn(bucketOf(toggles), now)).toEqual({
      counts: [
        { flag: 'new_layout', hourMs: hour, yes: 3, no: 1 },
        { flag: 'other-flag', hourMs: hour, yes: 0, no: 2 },
      ],
      dropped: {},
    })
    const before = countsIn(bucketOf({ a1: { yes: 1, no: 0 } }, { start: ago(7_200_000), stop: ago(3_600_000) }), now)
    expect(before.counts).toEqual([{ flag: 'a1', hourMs: hour - 3_600_000, yes: 1, no: 0 }])
  })

  it('are none of a body that has none', () => {
    for (const body of [
      undefined,
      null,
      7,
      'x',
      [],
      {},
      { bucket: null },
      { bucket: [] },
      bucketOf(null),
      bucketOf([]),
    ]) {
      expect(countsIn(body, now), JSON.stringify(body)).toEqual({ counts: [], dropped: {} })
    }
  })

  const rows: readonly (readonly [string, unknown])[] = [
    ['a negative number', { yes: -1, no: 0 }],
    ['a fraction', { yes: 1.5, no: 0 }],
    ['a text', { yes: '1', no: 0 }],
    ['null', { yes: null, no: 0 }],
    ['more than 2^31', { yes: 2 ** 31 + 1, no: 0 }],
    ['no object', 3],
    ['a list', [1, 2]],
  ]
  it.each(rows)('leave out a row with %s, and keep the others', (_, row) => {
    const { counts, dropped } = countsIn(bucketOf({ bad: row, good: { yes: 1, no: 0 } }), now)
    expect(counts.map(({ flag }) => flag)).toEqual(['good'])
    expect(dropped).toEqual({ malformed: 1 })
  })

  it('leave out __proto__, which changes nothing that is not its own', () => {
    const body: unknown = JSON.parse(
      '{"bucket":{"toggles":{"__proto__":{"yes":1,"no":1},"good":{"__proto__":{"yes":9},"no":1}}}}',
    )
    expect(countsIn(body, now)).toEqual({
      counts: [{ flag: 'good', hourMs: hour, yes: 0, no: 1 }],
      dropped: { malformed: 1 },
    })
    expect(Reflect.get({}, 'yes')).toBe(undefined)
  })

  it.each([
    ['a NUL', 'a\u0000b'],
    ['half a sign', '\ud800'],
    ['256 letters', 'a'.repeat(256)],
  ])('leave out a name with %s, which no table can hold, and keep the others', (_, name) => {
    const { counts, dropped } = countsIn(bucketOf({ [name]: { yes: 1, no: 0 }, good: { yes: 1, no: 0 } }), now)
    expect(counts.map(({ flag }) => flag)).toEqual(['good'])
    expect(dropped).toEqual({ malformed: 1 })
  })

  const times: readonly (readonly [string, object])[] = [
    ['of the future', { start: ago(0), stop: ago(-3_700_000) }],
    ['of long ago', { start: ago(200_000_000), stop: ago(180_000_000) }],
    ['that ends before it begins', { start: ago(0), stop: ago(60_000) }],
    ['with a time that is none', { start: 'yesterday', stop: ago(0) }],
    ['with a time that is an object', { start: {}, stop: ago(0) }],
  ]
  it.each(times)('are none of a bucket %s', (_, given) => {
    expect(countsIn(bucketOf({ a1: { yes: 1, no: 0 } }, given), now)).toEqual({ counts: [], dropped: { time: 1 } })
  })

  it('are those of 5,000 rows at most', () => {
    const toggles = Object.fromEntries(Array.from({ length: 70_000 }, (_, index) => [`f${index}`, { yes: 1, no: 0 }]))
    const { counts, dropped } = countsIn(bucketOf(toggles), now)
    expect(counts).toHaveLength(5_000)
    expect(dropped).toEqual({ too_many: 65_000 })
  })
})
