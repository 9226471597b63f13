// The list of flags without a browser: its filter language, its order, its suggestions and its address.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FlagRow, parseFlags, plainRow, rowReader, wordsOf } from '../../web/src/api/flags.js'
import { readView, writeView } from '../../web/src/flags/address.js'
import { closest, comparison, makeTest, orders } from '../../web/src/flags/filter.js'
import { FlagRows } from '../../web/src/flags/flag-rows.js'
import { meaningOf } from '../../web/src/flags/meaning.js'
import { compareNames } from '../../web/src/flags/name-order.js'
import { longestQuery, parseQuery, partText, withoutPart, withPart } from '../../web/src/flags/query.js'
import { suggestions } from '../../web/src/flags/suggest.js'

const usual: FlagRow = {
  name: 'dark_mode',
  type: 'development',
  owner: 'group::frontend',
  defaultEnabled: false,
  state: 'conditional',
  percentageOfActors: 25,
  percentageOfTime: 0,
  actors: 3,
  never: 1,
  groups: [],
  stored: true,
  changedAt: 1_000,
  changedBy: 'cli:sam',
  milestone: '18.4',
  isOverdue: false,
  fault: null,
  words: 'dark_mode\ngroup::frontend',
}
const differing: readonly FlagRow[] = [
  usual,
  {
    ...usual,
    name: 'ci_cache_v2',
    type: 'ops',
    owner: 'group::pipeline authoring',
    state: 'on',
    changedBy: 'ada',
    changedAt: 3_000,
  },
  {
    ...usual,
    name: 'fun_fonts',
    type: 'beta',
    owner: null,
    state: 'default',
    stored: false,
    changedAt: null,
    changedBy: null,
    isOverdue: true,
  },
  { ...usual, name: 'old_one', type: null, owner: null, defaultEnabled: null, state: 'off', changedAt: 2_000 },
  { ...usual, name: 'broken', state: 'default', stored: false, fault: 'no type', type: null },
]
const rows = differing.map((row) => ({ ...row, words: wordsOf(row) }))
const found = (query: string) => rows.filter(makeTest(query)).map(({ name }) => name)

describe('the filter', () => {
  it.each([
    ['', ['dark_mode', 'ci_cache_v2', 'fun_fonts', 'old_one', 'broken']],
    ['DARK', ['dark_mode']],
    ['cache ci', ['ci_cache_v2']],
    ['pipeline', ['ci_cache_v2']],
    ['state:on', ['ci_cache_v2']],
    ['state:on state:off', ['ci_cache_v2', 'old_one']],
    ['state:on type:beta', []],
    ['-state:on -state:off', ['dark_mode', 'fun_fonts', 'broken']],
    ['owner:frontend', ['dark_mode', 'broken']],
    ['owner:group::frontend', ['dark_mode', 'broken']],
    ['owner:"pipeline authoring"', ['ci_cache_v2']],
    ['OWNER:"pipeline authoring', ['ci_cache_v2']],
    ['by:ada', ['ci_cache_v2']],
    ['is:overdue', ['fun_fonts']],
    ['is:stored', ['dark_mode', 'ci_cache_v2', 'old_one']],
    ['is:undefined', ['old_one']],
    ['is:broken', ['broken']],
    ['is:nonsense', []],
    ['owner:', ['dark_mode', 'ci_cache_v2', 'fun_fonts', 'old_one', 'broken']],
    ['-', ['dark_mode', 'ci_cache_v2', 'fun_fonts', 'old_one', 'broken']],
    ['-dark', ['ci_cache_v2', 'fun_fonts', 'old_one', 'broken']],
    ['http://x', []],
    ['__proto__:x constructor', []],
  ])('"%s" keeps %j', (query, names) => {
    expect(found(query)).toEqual(names)
  })

  it('writes each part so that it is read as the same, whatever text it is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        const once = parseQuery(text)
        expect(parseQuery(once.map(partText).join(' ')).map(partText)).toEqual(once.map(partText))
      }),
    )
  })

  it('adds a part once, and takes it out again', () => {
    const part = { key: 'owner', value: 'group::pipeline authoring', isNegated: false } as const
    expect(withPart('dark', part)).toBe('dark owner:"group::pipeline authoring"')
    expect(withPart(withPart('dark', part), part)).toBe('dark owner:"group::pipeline authoring"')
    expect(withoutPart('dark owner:"group::pipeline authoring" -is:stored', part)).toBe('dark -is:stored')
  })

  it('reads no more of a text than an address should hold', () => {
    expect(parseQuery('x'.repeat(100_000))[0]?.value).toHaveLength(longestQuery)
  })
})

describe('the order of the list', () => {
  it('is the same for the same rows, however they came', () => {
    for (const order of orders) {
      const sorted = rows.toSorted(comparison(order, rows)).map(({ name }) => name)
      expect(
        rows
          .toReversed()
          .sort(comparison(order, rows))
          .map(({ name }) => name),
      ).toEqual(sorted)
    }
    expect(rows.toSorted(comparison('changed', rows))[0]?.name).toBe('ci_cache_v2')
    expect(rows.toSorted(comparison('state', rows))[0]?.name).toBe('dark_mode')
  })

  it('of names is that of the collator for English, with numbers by their value', () => {
    const { compare } = new Intl.Collator('en', { numeric: true })
    const plain = fc.string({ unit: fc.constantFrom(...'ab10_-'), maxLength: 8 })
    const name = fc.oneof(plain, fc.stringMatching(/^[a-z0-9_-]{1,20}$/), fc.string({ maxLength: 5 }))
    fc.assert(
      fc.property(name, name, plain, (one, other, stem) => {
        for (const [ours, theirs] of [
          [one, other],
          [stem + one, stem + other],
        ] as const) {
          expect(Math.sign(compareNames(ours, theirs)), `${ours} ${theirs}`).toBe(Math.sign(compare(ours, theirs)))
        }
      }),
      { numRuns: 3_000 },
    )
    expect(['v10', 'v2', 'v1_b', 'v1a'].sort(compareNames)).toEqual(['v1_b', 'v1a', 'v2', 'v10'])
  })
})

describe('names that are close', () => {
  it('are offered where a filter finds nothing', () => {
    expect(closest(rows, 'dark_mod')).toEqual(['dark_mode'])
    expect(closest(rows, 'zzz')).toEqual([])
    expect(closest(rows, 'state:on')).toEqual([])
  })
})

describe('suggestions', () => {
  const texts = (text: string, cursor = text.length) => suggestions(rows, text, cursor).map((one) => one.text)

  it('are keys first, then values with how many flags have them', () => {
    expect(texts('o')).toEqual(['owner:'])
    expect(texts('dark -s')).toEqual(['dark -state:'])
    expect(suggestions(rows, 'type:', 5)).toEqual([
      { text: 'type:beta ', label: 'type:beta', hint: '1 flag' },
      { text: 'type:development ', label: 'type:development', hint: '1 flag' },
      { text: 'type:ops ', label: 'type:ops', hint: '1 flag' },
    ])
    expect(texts('owner:pipe')).toEqual(['owner:"group::pipeline authoring" '])
    expect(texts('is:o')).toEqual(['is:stored ', 'is:broken ', 'is:overdue '])
  })

  it('replace the part at the cursor alone', () => {
    expect(texts('ty dark', 2)).toEqual(['type: dark'])
    expect(texts('owner:"group::pip" dark', 17)[0]).toContain('" dark')
  })

  it('are none for a key that there is not', () => {
    expect(texts('nonsense:x')).toEqual([])
  })
})

describe('the address of the list', () => {
  it('leaves out what is usual, and is read as it was written', () => {
    expect(writeView({ query: '  ', order: 'name' })).toEqual({})
    const view = { query: 'state:on owner:"a b"', order: 'changed' } as const
    expect(Object.keys(writeView(view))).toEqual(['q', 'sort'])
    expect(readView(writeView(view))).toEqual(view)
  })

  it('takes what it does not understand as usual', () => {
    expect(readView({ q: ['a', 'b'], sort: '__proto__', other: 'x' })).toEqual({ query: 'a', order: 'name' })
    expect(readView({ q: null, sort: null })).toEqual({ query: '', order: 'name' })
    expect(readView({ q: 'x'.repeat(65_536) }).query).toHaveLength(longestQuery)
  })
})

describe('what a flag means', () => {
  it.each([
    [usual, '25 % of actors · 3 actors · never for 1'],
    [{ ...usual, state: 'on', never: 0 }, 'on for everybody'],
    [{ ...usual, state: 'off', never: 0 }, 'off for everybody'],
    [{ ...usual, state: 'default', stored: false }, 'not stored: off by default'],
    [{ ...usual, state: 'default', stored: false, defaultEnabled: true }, 'not stored: on by default'],
    [{ ...usual, state: 'default', stored: false, defaultEnabled: null }, 'not stored'],
    [{ ...usual, percentageOfActors: 0, actors: 1, never: 0, groups: ['staff'] }, '1 actor · group staff'],
    [
      { ...usual, percentageOfActors: 33.333, actors: 0, never: 0, groups: ['a', 'b', 'c', 'd'], percentageOfTime: 5 },
      '33.333 % of actors · groups a, b and 2 more · 5 % of checks',
    ],
  ] as const)('%# is said in few words', (row, text) => {
    expect(meaningOf(row)).toBe(text)
  })
})

describe('the list as a server sends it', () => {
  const names = ['bare', 'dark_mode', 'same_again']
  /** Cells are of `bare`, `dark_mode` and `same_again`. */
  const columns = {
    later: { values: ['?'] },
    type: { values: [null, 'development'], cells: [0, 1, 1] },
    group: { values: ['group::frontend', null], cells: [1, 0, 0] },
    default_enabled: { values: [null, false], cells: [0, 1, 1] },
    state: { values: ['default', 'conditional'], cells: [0, 1, 1] },
    percentage_of_actors: { values: [0, 25], cells: [0, 1, 1] },
    actors: { values: [3, 0], cells: [1, 0, 0] },
    never: { values: [0, 1], cells: [0, 1, 1] },
    stored: { values: [false, true], cells: [0, 1, 1] },
    changed_at: { values: [null, '1970-01-01T00:00:01.000Z'], cells: [0, 1, 1] },
    changed_by: { values: [null, 'cli:sam'], cells: [0, 1, 1] },
    milestone: { values: [null, '18.4'], cells: [0, 1, 1] },
  }
  const list = (changed: object = {}) => ({ position: '1-a', at: 'now', names, columns, ...changed })
  const rowsOf = (body: unknown) => FlagRows.of(parseFlags(body)).all().map(plainRow)

  it('is read by the names of its columns; one that is not there says nothing of any flag', () => {
    expect(rowsOf(list())).toEqual([
      {
        ...{ name: 'bare', type: null, owner: null, defaultEnabled: null, state: 'default', percentageOfActors: 0 },
        ...{ percentageOfTime: 0, actors: 0, never: 0, groups: [], stored: false, changedAt: null, changedBy: null },
        ...{ milestone: null, isOverdue: false, fault: null, words: 'bare\n' },
      },
      usual,
      { ...usual, name: 'same_again', words: 'same_again\ngroup::frontend' },
    ])
  })

  it('has a column without cells where it says the same of all flags, and no columns without flags', () => {
    const rows = rowsOf(list({ columns: { state: { values: ['on'] }, groups: { values: [['beta', 'staff']] } } }))
    expect(rows.map(({ state, groups }) => [state, groups])).toEqual(names.map(() => ['on', ['beta', 'staff']]))
    expect(rowsOf(list({ names: [], columns: {} }))).toEqual([])
  })

  it.each([
    [null],
    ['<html>'],
    [list({ names: null })],
    [list({ columns: [] })],
    [list({ names: ['bare', 7, 'same_again'] })],
    [list({ columns: {} })],
    [list({ columns: { ...columns, state: { values: [] } } })],
    [list({ columns: { ...columns, state: { values: ['sideways'] } } })],
    [list({ columns: { ...columns, state: { values: ['on'], cells: [0, 0, 1] } } })],
    [list({ columns: { ...columns, state: { values: ['on'], cells: [0, 0, 'push'] } } })],
    [list({ columns: { ...columns, type: { values: ['ops'], cells: [0, 0] } } })],
    [list({ columns: { ...columns, type: { cells: [0, 0, 0] } } })],
    [list({ columns: { ...columns, type: 'ops' } })],
  ])('%# is a fault where it is not one, and never half a list', (body) => {
    expect(() => parseFlags(body)).toThrow('not understood')
  })

  it('is read row by row from an event, and refuses what is no row', () => {
    const read = rowReader(['percentage_of_actors', 'name', 'state'])
    expect(read([25, 'dark_mode', 'conditional'])).toMatchObject({
      name: 'dark_mode',
      percentageOfActors: 25,
      actors: 0,
    })
    for (const row of [null, 'dark_mode', [], [25, 'dark_mode'], [25, 7, 'on'], [25, 'dark_mode', 'perhaps']]) {
      expect(() => read(row)).toThrow(/^(?:a row|.* is no state)/)
    }
  })
})

describe('the rows of all flags', () => {
  /** A list whose rows tell by their type at which call they were made. */
  function open(names: readonly string[]) {
    let made = 0
    const rows = FlagRows.of({
      names,
      rowAt(place) {
        made += 1
        return { ...usual, name: names[place] ?? '', type: `row ${made}` }
      },
    })
    return { rows, made: () => made }
  }

  it('are made when they are asked for, and once', () => {
    const { rows, made } = open(['a', 'b', 'c'])
    expect([rows.size, rows.names, made()]).toEqual([3, ['a', 'b', 'c'], 0])
    const second = rows.get('b')
    expect([second?.name, rows.get('b') === second, rows.get('d'), made()]).toEqual(['b', true, undefined, 1])
    expect(rows.all().map(({ name }) => name)).toEqual(['a', 'b', 'c'])
    expect([rows.all()[1] === second, new Set([rows.all(), rows.all()]).size, rows.get('d'), made()]).toEqual([
      true,
      1,
      undefined,
      3,
    ])
  })

  it('are the same after a change, but for those that it changes', () => {
    const { rows } = open(['a', 'b', 'c'])
    const kept = rows.get('c')
    const next = rows.with([{ ...usual, name: 'a', type: 'changed' }], ['b'])
    expect(next.names).toEqual(['a', 'c'])
    expect([next.get('a')?.type, next.get('b'), next.get('c') === kept]).toEqual(['changed', undefined, true])
    expect(next.all().map(({ name }) => name)).toEqual(['a', 'c'])
    expect([rows.names, rows.get('a')?.type]).toEqual([['a', 'b', 'c'], 'row 2'])
  })

  it('stand in the order of their names, whatever comes and goes', () => {
    const name = fc.stringMatching(/^[a-c_]{0,2}[0-9]{0,3}[A-Z]?$/)
    fc.assert(
      fc.property(fc.uniqueArray(name), fc.uniqueArray(name), fc.array(name), (before, come, gone) => {
        const { rows } = open(before.toSorted(compareNames))
        const next = rows.with(
          come.map((one) => ({ ...usual, name: one })),
          gone,
        )
        const left = [...new Set([...rows.names, ...come])].filter((one) => !gone.includes(one))
        expect(next.names.toSorted()).toEqual(left.toSorted())
        for (const [place, one] of next.names.slice(1).entries())
          expect(compareNames(next.names[place] ?? '', one)).toBeLessThanOrEqual(0)
        expect(next.all().map((row) => row.name)).toEqual(next.names)
        for (const one of next.names) expect(next.get(one)?.name).toBe(one)
      }),
    )
  })
})
