import { describe, expect, it } from 'vitest'
import { withLiterals } from '../../../lib/store/postgres/query.js'

describe('a statement with its values written into it', () => {
  it.each([
    { holds: 'a text', sql: 'key = $1', values: ['a'], text: "key = 'a'" },
    {
      holds: 'a quote',
      sql: 'key = $1',
      values: ["a'; drop table features; --"],
      text: "key = 'a''; drop table features; --'",
    },
    { holds: 'a backslash', sql: 'key = $1::text', values: ["\\'"], text: "key =  E'\\\\'''::text" },
    {
      holds: 'what looks like a value or a pattern',
      sql: '$2, $1',
      values: ['$2', '$& $1 $$'],
      text: "'$& $1 $$', '$2'",
    },
    { holds: 'null, and a value twice', sql: '$2, $1, $2', values: ['a', null], text: "null, 'a', null" },
    {
      holds: 'a list',
      sql: 'any($1::text[])',
      values: [['a', "b'", '{}']],
      text: "any(array['a', 'b''', '{}']::text[])",
    },
    {
      holds: 'a name in quotes, as it is',
      sql: `"fla""gs$1" where key = $1 and note = 'it''s $1'`,
      values: ['"; x'],
      text: `"fla""gs$1" where key = '"; x' and note = 'it''s $1'`,
    },
    { holds: 'an empty list', sql: '$1::text[]', values: [[]], text: 'array[]::text[]' },
  ])('holds $holds', ({ sql, values, text }) => {
    expect(withLiterals(sql, values)).toBe(text)
  })
})
