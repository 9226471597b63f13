// What the filter offers while it is written: keys, then the values that there are, with how many flags have each.
import type { FlagRow } from '../api/flags.js'
import { counted } from '../text/numbers.js'
import { compareNames } from './name-order.js'
import { type Key, keys, marks } from './query.js'

export interface Suggestion {
  /** What stands in the field where it is taken. */
  readonly text: string
  /** The part alone, which is what a person chooses. */
  readonly label: string
  /** What it means. */
  readonly hint: string
}

const hints: Readonly<Record<Key, string>> = {
  type: 'type of the definition',
  owner: 'group that owns the flag',
  state: 'on, off, conditional, default',
  by: 'who changed it last',
  is: 'overdue, stored, undefined, broken',
}
const mostShown = 8

/** Suggestions for the part that ends where the cursor is. */
export function suggestions(rows: readonly FlagRow[], text: string, cursor: number): readonly Suggestion[] {
  const { start, written } = partAt(text, cursor)
  const minus = written.startsWith('-') ? '-' : ''
  const part = written.slice(minus.length)
  const put = (piece: string) => `${text.slice(0, start)}${minus}${piece}${text.slice(cursor)}`
  const [, name, typed = ''] = /^([a-z]+):"?([^"]*)$/i.exec(part) ?? []
  const key = keys.find((one) => one === name?.toLowerCase())
  if (key !== undefined) {
    return valuesOf(rows, key)
      .filter(([value]) => value.toLowerCase().includes(typed.toLowerCase()))
      .slice(0, mostShown)
      .map(([value, flags]) => {
        const label = `${key}:${/\s/.test(value) ? `"${value}"` : value}`
        return { text: put(`${label} `), label: `${minus}${label}`, hint: counted(flags, 'flag') }
      })
  }
  if (part.includes(':')) return []
  return keys
    .filter((one) => one.startsWith(part.toLowerCase()))
    .map((one) => ({ text: put(`${one}:`), label: `${minus}${one}:`, hint: hints[one] }))
}

/** The part before the cursor: from the last space outside quotes. */
function partAt(text: string, cursor: number): { readonly start: number; readonly written: string } {
  let start = 0
  let isQuoted = false
  for (let index = 0; index < cursor; index += 1) {
    if (text[index] === '"') isQuoted = !isQuoted
    else if (text[index] === ' ' && !isQuoted) start = index + 1
  }
  return { start, written: text.slice(start, cursor) }
}

type Values = readonly (readonly [string, number])[]

/** By list and key: a person who writes a value asks for the same ones at each letter. */
const known = new WeakMap<readonly FlagRow[], Map<Key, Values>>()

/** Values and how many flags have them, the commonest first. */
function valuesOf(rows: readonly FlagRow[], key: Key): Values {
  const ofRows = known.get(rows) ?? new Map<Key, Values>()
  known.set(rows, ofRows)
  const values = ofRows.get(key) ?? countValues(rows, key)
  ofRows.set(key, values)
  return values
}

function countValues(rows: readonly FlagRow[], key: Key): Values {
  const counts = new Map<string, number>()
  const note = (value: string | null) => {
    if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  for (const row of rows) {
    if (key === 'type') note(row.type)
    else if (key === 'owner') note(row.owner)
    else if (key === 'state') note(row.state)
    else if (key === 'by') note(row.changedBy)
    else for (const mark of marksOf(row)) note(mark)
  }
  return [...counts].sort(([one, ones], [other, others]) => others - ones || compareNames(one, other))
}

function marksOf(row: FlagRow): readonly string[] {
  return marks.filter((mark) => {
    if (mark === 'overdue') return row.isOverdue
    if (mark === 'stored') return row.stored
    if (mark === 'broken') return row.fault !== null
    return row.type === null && row.fault === null
  })
}
