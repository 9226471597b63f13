// What the history says of a change: the rows of a flag that one transaction wrote, as a sentence.
import { describe, expect, it } from 'vitest'
import { optOutSuffix as optOut } from '../../lib/actors/stored-id.js'
import { describeRows } from '../../lib/feature/change-sentences.js'
import type { HistoryEntry } from '../../lib/store/store.js'

/** Rows from the oldest to the newest, such as `+actors User:1`; without a gate the flag's own. */
function said(rows: readonly string[], hidden = { added: 0, removed: 0 }): string {
  const entries = rows.map((row): HistoryEntry => {
    const [gate = '', ...value] = row.slice(1).split(' ')
    return {
      position: { version: '1', nonce: 'a' },
      at: new Date(0),
      feature: 'dark_mode',
      gate: gate === '' ? null : gate,
      value: gate === '' ? null : value.join(' '),
      operation: row.startsWith('+') ? 'added' : 'removed',
      author: 'ann',
      source: 'cli',
      reason: null,
      changeId: null,
    }
  })
  return describeRows(entries.reverse(), hidden)
}

const share = 'percentage_of_actors'
const ids = (count: number) => Array.from({ length: count }, (_, id) => `+actors User:${id}`)

describe('the sentence of a change', () => {
  it.each<readonly [string, readonly string[]]>([
    ['0 → 10 % of actors', ['+', `+${share} 10`]],
    ['10 → 25 % of actors', [`-${share} 10`, `+${share} 25`]],
    ['10 → 50 % of actors', [`-${share} 10`, `+${share} 25`, `-${share} 25`, `+${share} 50`]],
    ['no visible change', [`-${share} 10`, `+${share} 25`, `-${share} 25`, `+${share} 10`]],
    ['25 → 0 % of actors', [`-${share} 25`]],
    ['0 → 30 % of checks', ['+percentage_of_time 30']],
    [
      '10 → 25 % of actors, added User:7, Project:42',
      [`-${share} 10`, `+${share} 25`, '+actors User:7', '+actors Project:42'],
    ],
    ['on for everybody, removed 25 % of actors, User:1', [`-${share} 25`, '-actors User:1', '+boolean true']],
    ['no longer on for everybody, 0 → 25 % of actors', ['-boolean true', `+${share} 25`]],
    [
      'added group staff, never for User:9, removed User:9',
      ['+groups staff', '+actors User:9:opt_out', '-actors User:9'],
    ],
    ['no longer never for User:9', ['-actors User:9:opt_out']],
    ['added User:0, User:1, User:2, User:3, User:4 and 2 more', ids(7)],
    ['added boolean "yes", later_gate 7', ['+boolean yes', '+later_gate 7']],
    ['added toString 7', ['+toString 7']],
    ['stored, off for everybody', ['+']],
    ['back to the default: what was stored was deleted', ['-']],
    [
      'back to the default: what was stored was deleted (10 % of actors, User:7, never for User:9)',
      ['-actors User:9:opt_out', `-${share} 10`, '-actors User:7', '-'],
    ],
  ])('is %j', (sentence, rows) => {
    const suffix = (row: string) => row.replace(':opt_out', optOut)
    expect(said(rows.map(suffix))).toBe(sentence)
  })

  it('tells of a share only what is known where not all rows are given', () => {
    expect(said([`+${share} 25`, ...ids(3)], { added: 90, removed: 1 })).toBe(
      'added 25 % of actors, User:0, User:1, User:2 and 90 more, removed 1 more',
    )
    expect(said([`-${share} 25`], { added: 1, removed: 0 })).toBe('added 1 more, removed 25 % of actors')
    expect(said([`+${share} 25`], { added: 1, removed: 0 })).toBe('0 → 25 % of actors, added 1 more')
  })
})
