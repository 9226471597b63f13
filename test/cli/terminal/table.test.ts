// Tables on a terminal.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { displayWidth, tableLines } from '../../../lib/cli/terminal/table.js'

const head = ['NAME', 'STATE', 'MEANING']

describe('a table', () => {
  it('is as wide as its text where that fits', () => {
    expect(tableLines(head, [['dark_mode', 'on', 'on for everybody']], 80)).toEqual([
      'NAME       STATE  MEANING',
      'dark_mode  on     on for everybody',
    ])
  })

  it('breaks text between words, in the column that is widest', () => {
    const meaning = 'on for 25 % of actors and the group staff; off for everybody else'
    expect(
      tableLines(
        head,
        [
          ['dark_mode', 'conditional', meaning],
          ['canary', 'off', 'off'],
        ],
        50,
      ),
    ).toEqual([
      'NAME       STATE        MEANING',
      'dark_mode  conditional  on for 25 % of actors and',
      '                        the group staff; off for',
      '                        everybody else',
      'canary     off          off',
    ])
  })

  it('never cuts a word: the rest of the row stands below it', () => {
    const long = 'a_name_that_is_longer_than_a_third_of_the_line'
    expect(
      tableLines(
        head,
        [
          [long, 'on', 'on for everybody'],
          ['short', 'off', `see https://x.test/${long}`],
        ],
        60,
      ),
    ).toEqual([
      'NAME   STATE  MEANING',
      long,
      '       on     on for everybody',
      'short  off',
      'see',
      `https://x.test/${long}`,
    ])
  })

  it('breaks a time between day and hour only where it has to', () => {
    const times = ['1', '2026-11-26T09:52:47Z', '2027-02-24T09:52:36Z']
    const head = ['ID', 'CREATED', 'EXPIRES']
    expect(tableLines(head, [times], 80)[1]).toBe('1   2026-11-26T09:52:47Z  2027-02-24T09:52:36Z')
    expect(tableLines(head, [times], 40).slice(1)).toEqual([
      '1   2026-11-26         2027-02-24',
      '    09:52:47Z          09:52:36Z',
    ])
  })

  it('counts the columns of characters that are two wide, or none', () => {
    expect(['ab', '日本', 'e\u0301', '👍', '❤\uFE0F', '한글', '｡'].map(displayWidth)).toEqual([2, 4, 1, 2, 2, 4, 1])
    expect(
      tableLines(
        ['A', 'B'],
        [
          ['日本', 'x'],
          ['ab', 'y'],
        ],
        80,
      ),
    ).toEqual(['A     B', '日本  x', 'ab    y'])
  })

  it('holds every word of every cell whole, and no line is wider than the terminal unless one word is', () => {
    const cell = fc.array(fc.stringMatching(/^[a-z:/_.-]{1,30}$/), { maxLength: 8 }).map((words) => words.join(' '))
    const rows = fc.array(fc.tuple(cell, cell, cell, cell), { minLength: 1, maxLength: 4 })
    fc.assert(
      fc.property(rows, fc.integer({ min: 60, max: 120 }), (cells, width) => {
        const lines = tableLines(['A', 'B', 'C', 'D'], cells, width)
        const words = (texts: readonly string[]) =>
          texts.flatMap((text) => text.split(' ').filter((word) => word !== '')).sort()
        expect(words(lines)).toEqual(words(['A B C D', ...cells.flat()]))
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width)
      }),
    )
  })
})
