// How a point in the past is written.
import { describe, expect, it } from 'vitest'
import { parsePoint } from '../../../lib/feature/history/point.js'

const id = '2f5c5a52-6c0e-4d0f-9d3a-6b1f2f6a9d11'

describe('a point in the past', () => {
  it.each([
    ['48213', { kind: 'version', version: '48213' }],
    ['0048213', { kind: 'version', version: '48213' }],
    [' 0 ', { kind: 'version', version: '0' }],
    [
      '48213-9f3c21aa-5d0e7a44',
      { kind: 'revision', revision: { version: '48213', nonce: '9f3c21aa', content: '5d0e7a44' } },
    ],
    [id.toUpperCase(), { kind: 'change', changeId: id, side: 'after' }],
    ['2h', { kind: 'ago', ms: 7_200_000 }],
    ['3d', { kind: 'ago', ms: 259_200_000 }],
    ['1.5 h', { kind: 'ago', ms: 5_400_000 }],
    ['90s', { kind: 'ago', ms: 90_000 }],
    ['15m', { kind: 'ago', ms: 900_000 }],
    ['2w', { kind: 'ago', ms: 1_209_600_000 }],
  ])('is %s', (text, point) => {
    expect(parsePoint(text)).toEqual(point)
  })

  it.each([
    ['2026-11-20T10:00Z', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20 10:00:30 +01:00', '2026-11-20T09:00:30.000Z'],
    ['2026-11-20t10:00:30.1239z', '2026-11-20T10:00:30.123Z'],
    ['2026-11-20T10:00-0530', '2026-11-20T15:30:00.000Z'],
    ['2026-11-20T10:00+14', '2026-11-19T20:00:00.000Z'],
    ['2024-02-29T00:00Z', '2024-02-29T00:00:00.000Z'],
  ])('is the time %s', (text, iso) => {
    expect(parsePoint(text)).toEqual({ kind: 'time', at: new Date(iso) })
  })

  it.each([['2026-11-20T10:00'], ['2026-11-20 10:00:00'], ['2026-11-20']])('is not %s, which names no zone', (text) => {
    expect(() => parsePoint(text)).toThrow(
      /does not say in which zone it is; write its offset, as 2026-11-20T\d\d:00.*Z/,
    )
  })

  it.each([
    [''],
    ['yesterday'],
    ['-2h'],
    ['2 hours'],
    ['2026-02-30T10:00Z'],
    ['2026-11-20T24:00Z'],
    ['2026-11-20T10:60Z'],
    ['2026-11-20T10:00:60Z'],
    ['2026-13-01T10:00Z'],
    ['2026-11-20T10:00+25:00'],
    ['0001-01-01T00:00Z'],
    ['9'.repeat(19)],
    ['1e3'],
    [id.slice(1)],
    ['48213-9f3c21aa'],
    ["'; drop table features;--"],
  ])('is not %j', (text) => {
    expect(() => parsePoint(text)).toThrow(/is not a point in the past; give a time with an offset/)
  })

  it('is a date, too, and nothing else', () => {
    const at = new Date('2026-11-20T10:00:00Z')
    expect(parsePoint(at)).toEqual({ kind: 'time', at })
    for (const wrong of [new Date(Number.NaN), 5, null, undefined, {}, ['2h']]) {
      expect(() => parsePoint(wrong)).toThrow(/is not a point in the past/)
    }
  })

  it('is the state before a change where that is asked for', () => {
    expect(parsePoint(id, { change: 'before' })).toEqual({ kind: 'change', changeId: id, side: 'before' })
  })
})
