// The history without a browser: its address, its days and gaps, and a CSV that no spreadsheet executes.
import { describe, expect, it } from 'vitest'
import type { HistoryChange } from '../../web/src/api/history.js'
import { isWhole, readHistoryQuery, writeHistoryQuery } from '../../web/src/history/address.js'
import { historyCsv } from '../../web/src/history/csv.js'
import { changeText, daysOf, undoText } from '../../web/src/history/days.js'

const change = (version: number, at: string, more: Partial<HistoryChange> = {}): HistoryChange => ({
  change_id: `id ${version}`,
  position: `${version}-abc`,
  at,
  author: 'sam',
  source: 'cli',
  reason: null,
  untracked: false,
  flags: [{ name: 'dark_mode', sentence: '+ 25 %', gates: [] }],
  counts: { flags: 1, added: 1, removed: 0 },
  undoes: null,
  restores: null,
  ...more,
})

describe('the address of the history', () => {
  it('has what is asked in a fixed order, and reads of a strange one what it understands', () => {
    const query = readHistoryQuery({ q: ' 991 ', flag: ['a', 'b'], from: '2h', to: 7, author: '', other: 'x' })
    expect(query).toEqual({ flag: 'a', author: '', source: '', from: '2h', to: '', q: '991' })
    expect(JSON.stringify(writeHistoryQuery(query))).toBe('{"flag":"a","from":"2h","q":"991"}')
    expect([isWhole(query), isWhole(readHistoryQuery({}))]).toEqual([false, true])
  })
})

describe('the days of the history', () => {
  const noon = (day: number) => new Date(2026, 10, day, 12).toISOString()
  const shape = (changes: readonly HistoryChange[], whole: boolean, last: boolean) =>
    daysOf(changes, whole, last).map(({ items }) => items.map((one) => (one.kind === 'gap' ? one.missing : 'change')))

  it('have the changes of a day each, and gaps where positions are missing and below the oldest one', () => {
    const changes = [change(50, noon(25)), change(49, noon(25)), change(8, noon(24)), change(7, noon(24))]
    expect(shape(changes, true, true)).toEqual([
      ['change', 'change'],
      [40, 'change', 'change', 6],
    ])
    expect(shape(changes, true, false)).toEqual([
      ['change', 'change'],
      [40, 'change', 'change'],
    ])
  })

  it('have no gaps where only some changes are asked for, nor of positions that are not understood', () => {
    expect(shape([change(50, noon(25)), change(8, noon(25))], false, true)).toEqual([['change', 'change']])
    expect(shape([change(50, noon(25)), { ...change(8, noon(25)), position: 'x' }], true, true)).toEqual([
      ['change', 'change'],
    ])
  })

  it('say of a change of several flags what it did where that is the same for each', () => {
    const flags = [
      { name: 'a', sentence: 'off', gates: [] },
      { name: 'b', sentence: 'off', gates: [] },
    ]
    const counts = { flags: 2, added: 0, removed: 4 }
    expect(changeText(change(1, noon(1), { flags, counts }))).toBe('off')
    const differing = [flags[0], { name: 'b', sentence: 'on', gates: [] }].filter((one) => one !== undefined)
    expect(changeText(change(1, noon(1), { flags: differing, counts }))).toBe('0 added, 4 removed')
    expect(changeText(change(1, noon(1), { flags: null, counts }))).toBe('')
  })
})

describe('an undo in the history', () => {
  it('says what it undid, in the words of the change that it took back or in its own', () => {
    const undo = change(9, '2026-01-01T00:00:00Z', { undoes: 'id 8', reason: 'undo of: 0 → 10 % of actors' })
    const undone = change(8, '2026-01-01T00:00:00Z')
    const shown = (changes: readonly HistoryChange[]) =>
      daysOf(changes, true, false)
        .flatMap(({ items }) => items)
        .flatMap((item) => (item.kind === 'change' ? [[undoText(item.change), item.change.isNewestShown]] : []))
    expect(shown([undo, undone])).toEqual([
      ['takes back “+ 25 %”', true],
      ['', false],
    ])
    expect(shown([undo])).toEqual([['undo of: 0 → 10 % of actors', true]])
    expect(shown([{ ...undo, reason: 'too many errors' }])).toEqual([['takes a change back', true]])
  })
})

describe('the CSV of the history', () => {
  const lines = (text: string) => historyCsv([change(1, '2026-01-01T00:00:00Z', { reason: text })]).split('\r\n')

  it('has a line for each flag of each change, with quotes that hold', () => {
    expect(lines('it "is" flat, see #1')).toEqual([
      '"at","flag","change","author","source","reason","change_id","position"',
      '"2026-01-01T00:00:00Z","dark_mode","\'+ 25 %","sam","cli","it ""is"" flat, see #1","id 1","1-abc"',
      '',
    ])
  })

  it.each(['=1+1', '+cmd|x', '-1', '@SUM(A1)', ' =1', '"=1', '＝1', "'=HYPERLINK()"])(
    'has no cell that a spreadsheet would take for a formula: %j',
    (text) => {
      expect(lines(text)[1]).toContain(`"'${text.replaceAll('"', '""')}"`)
    },
  )

  it('has no line and no column that a text made', () => {
    expect(lines('a\r\n=1,2\t3')).toHaveLength(3)
    expect(lines('\t=1')[1]).toContain('\\u{9}=1')
  })
})
