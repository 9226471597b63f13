// Counts of checks as bars.
import { expect, it } from 'vitest'
import { chartOf } from '../../web/src/flags/chart.js'

const from = '2026-11-20T10:00:00.000Z'

it('the bars of a chart are as high as their checks beside the highest, with off above on, and one begins where the one before ends', () => {
  const chart = chartOf({ step_s: 3_600, from, on: [0, 30], off: [40, 10] })
  expect(chart.bars.map(({ on, off, onHeight, offHeight }) => [on, off, onHeight, offHeight])).toEqual([
    [0, 40, 0, 1],
    [30, 10, 0.75, 0.25],
  ])
  expect(chart.bars.map(({ at, left }) => [new Date(at).toISOString(), left])).toEqual([
    [from, 0],
    ['2026-11-20T11:00:00.000Z', 0.5],
  ])
  expect([chart.on, chart.off, chart.most, new Date(chart.to).toISOString()]).toEqual([
    30,
    50,
    40,
    '2026-11-20T12:00:00.000Z',
  ])
})

it('a chart without any check has bars without height, and a step that one list lacks has none of its kind', () => {
  expect(chartOf({ step_s: 60, from, on: [0], off: [0] }).bars[0]).toMatchObject({ onHeight: 0, offHeight: 0 })
  expect(chartOf({ step_s: 60, from, on: [1, 2], off: [] })).toMatchObject({ on: 3, off: 0, most: 2 })
  expect(chartOf({ step_s: 60, from, on: [], off: [] }).bars).toEqual([])
})
