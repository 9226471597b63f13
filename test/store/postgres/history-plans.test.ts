// How Postgres answers what is asked of the history: each filter by an index, and a change of many rows without reading them again.
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { silentLogger } from '../../../lib/log.js'
import type { ChangesQuestion, HistoryFilter } from '../../../lib/store/history/changes.js'
import { PostgresStore } from '../../../lib/store/postgres/store.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'

const small = 10_000
const large = 5_000
const page = { limit: 50, features: 200, rows: 20 } as const
const at = (minute: number) => ({ kind: 'time', at: new Date(Date.UTC(2026, 0, 1, 0, minute)) }) as const

let database: TestDatabase
let store: PostgresStore

/** Changes of one row and of two, a minute apart; in the middle one of many rows of one flag, at the end one of as many flags. */
beforeAll(async () => {
  database = await createDatabase()
  await database.query(`
    insert into feature_history (version, nonce, at, feature_key, gate_key, value, operation, author, source, reason, change_id)
    select version, md5(version::text)::uuid, '2026-01-01T00:00Z'::timestamptz + version * interval '1 minute', flag, 'actors', 'User:' || part, 'added',
      'author_' || version % 40, (array['cli', 'http', 'code'])[1 + version % 3], 'because of ' || version, 'change-' || version
    from (
      select n + case when n > ${small / 2} then 1 else 0 end as version, part, 'flag_' || n % 200 as flag
      from generate_series(1, ${small}) n, generate_series(1, 1 + n % 2) part
      union all
      select ${small / 2 + 1}, part, 'listed' from generate_series(1, ${large}) part
      union all
      select ${small + 2}, part, 'flag_' || part from generate_series(1, ${large}) part
    ) rows
    order by version, part`)
  await database.query(`
    update feature_state
    set (version, nonce) = (select version, nonce from feature_history order by version desc limit 1)`)
  await database.query('vacuum analyze feature_history')
  const tables = { features: 'features', gates: 'feature_gates' }
  store = new PostgresStore({ connection: { connectionString: database.url }, tables, logger: silentLogger })
  await store.open()
  await store.history({ limit: 1 }) // Which tables there are is looked up once.
})
afterAll(async () => {
  await store?.close()
  await database?.close()
})
afterEach(() => vi.restoreAllMocks())

interface Plan {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly Plan[]
}

interface Scans {
  readonly kinds: readonly string[]
  /** Of the history, with those that were read and not wanted. */
  readonly rows: number
}

/** Asks, and asks Postgres how it answers the one statement of it. */
async function scansOf(ask: () => Promise<unknown>): Promise<Scans> {
  const query = vi.spyOn(pg.Client.prototype, 'query')
  await ask()
  const asked = query.mock.calls.map(([given]) => given as unknown).filter(isStatement)
  query.mockRestore()
  const [{ text, values } = { text: '', values: [] }, ...more] = asked.filter(({ text }) =>
    text.includes('feature_history'),
  )
  expect(more).toEqual([])
  const [row] = await database.query(`explain (analyze, format json) ${text}`, [...(values ?? [])])
  const [answer] = (row?.['QUERY PLAN'] ?? []) as readonly { readonly Plan: Plan }[]
  const scans = nodesOf(answer?.Plan).filter((node) => node['Relation Name'] === 'feature_history')
  const read = (node: Plan) => node['Actual Loops'] * (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0))
  return {
    kinds: scans.map((node) => node['Node Type']),
    rows: scans.reduce((sum, node) => sum + read(node), 0),
  }
}

function isStatement(given: unknown): given is { readonly text: string; readonly values?: readonly unknown[] } {
  return typeof given === 'object' && given !== null && 'text' in given && typeof given.text === 'string'
}

function nodesOf(plan: Plan | undefined): readonly Plan[] {
  return plan === undefined ? [] : [plan, ...(plan.Plans ?? []).flatMap((one) => nodesOf(one))]
}

/** The page before the change of many flags begins there. */
const before = String(small + 2)
const filters: readonly (readonly [string, HistoryFilter])[] = [
  ['no filter', {}],
  ['a flag', { feature: 'flag_17' }],
  ['an author', { author: 'author_5' }],
  ['an author who is not there', { author: 'none' }],
  ['a source', { source: 'cli' }],
  ['a time to begin at', { from: at(small - 500) }],
  ['a time to end at', { to: at(500) }],
  ['both times', { from: at(3_000), to: at(3_100) }],
  ['a distance', { from: { kind: 'ago', ms: 60_000 } }],
  ['a position', { from: { kind: 'version', version: '9000' } }],
  ['the id of a change', { changeId: 'change-500' }],
  ['a flag and an author', { feature: 'flag_17', author: 'author_5' }],
  ['an author and times', { author: 'author_5', from: at(3_000), to: at(6_000) }],
]
/** For a time one row of each of the 2,000 changes before it is looked at. */
const mostRows = 5_000

describe('a page of the history', () => {
  it.each(filters)('is found by an index with %s, without reading all rows', async (_, filter) => {
    const { kinds, rows } = await scansOf(() => store.changes({ ...page, before, ...filter }))
    expect(kinds).not.toContain('Seq Scan')
    expect(kinds.length).toBeGreaterThan(0)
    expect(rows).toBeLessThan(mostRows)
  })

  it.each(filters)('is found by an index with %s as rows, too', async (_, filter) => {
    const { kinds, rows } = await scansOf(() => store.history({ limit: 50, ...filter }))
    expect(kinds).not.toContain('Seq Scan')
    expect(rows).toBeLessThan(mostRows + large)
  })

  it.each<[string, HistoryFilter]>([
    ['of its flag', { feature: 'listed' }],
    ['of all', {}],
  ])('reads no more rows of a change of many than it tells, as rows %s', async (_, filter) => {
    const { kinds, rows } = await scansOf(() => store.history({ limit: 50, ...filter }))
    expect([kinds, rows]).toEqual([['Index Scan'], 50])
  })

  it('looks at a limited number of rows for a text', async () => {
    const { kinds, rows } = await scansOf(() => store.changes({ ...page, before, search: 'no such text' }))
    expect(kinds).not.toContain('Seq Scan')
    expect(rows).toBeLessThanOrEqual(10_000)
  })

  it('goes on in the middle of a change of more rows, which is told once, wherever the text stands in it', async () => {
    const [version, amount] = [small + 10, 25_000]
    await database.query(`
      insert into feature_history (version, nonce, feature_key, gate_key, value, operation, author, source)
      select ${version}, md5('large')::uuid, 'imported', 'actors', 'Item:' || part || case when part in (3, 100, ${amount}) then ' (twice)' when part = 5 then ' (once)' else '' end,
        'added', 'importer', 'import'
      from generate_series(1, ${amount}) part
      order by part`)
    const pages = async (search: string) => {
      const found: (readonly string[])[] = []
      let next: string | null = String(version + 1)
      while (next !== null) {
        const answer = await store.changes({
          ...page,
          search,
          before: next,
          from: { kind: 'version', version: '9000' },
        })
        found.push(answer.changes.map(({ position }) => position.version))
        next = answer.next
      }
      return found
    }
    expect(await pages('item:5 (once)')).toEqual([[], [], [String(version)], []])
    // A page that begins inside it reads the rows of that page, and none that come before or after them.
    const [{ id = '' } = {}] = await database.query(
      'select id from feature_history where version = $1 order by id desc offset 12000 limit 1',
      [version],
    )
    const { rows } = await scansOf(() => store.changes({ ...page, search: 'no such text', before: `${version}-${id}` }))
    expect(rows).toBeLessThanOrEqual(10_000)
    // Once it is found, the rest of it is not looked at.
    expect(await pages('(twice)')).toEqual([[String(version)], []])
    expect((await pages('reason of no change')).flat()).toEqual([])
    expect((await pages('because of 9500')).flat()).toEqual(['9500'])
    await database.query('delete from feature_history where version = $1', [version])
  })
})

describe('a look for what was written past the triggers', () => {
  it('reads of a flag with a long history only what came after the last look', async () => {
    const position = (n: string) => `${2 * small} + ${n}, md5('long' || ${n})::uuid`
    await database.query(`
      set session_replication_role = replica;
      insert into features (key, created_at, updated_at) values ('long', now(), now());
      insert into feature_gates (feature_key, key, value, created_at, updated_at) values ('long', 'percentage_of_actors', '7', now(), now());
      insert into feature_history (version, nonce, feature_key, operation, author, source) values (${position('0')}, 'long', 'added', 'ada', 'cli');
      insert into feature_history (version, nonce, feature_key, gate_key, value, operation, author, source)
      select ${position('n')}, 'long', 'percentage_of_actors', (n / 2 * 0.001)::text, case n % 2 when 0 then 'added' else 'removed' end, 'ada', 'cli'
      from generate_series(2, 3001) n;
      insert into feature_history (version, nonce, feature_key, gate_key, value, operation, author, source)
      values (${position('4000')}, 'long', 'percentage_of_actors', '7', 'added', 'ada', 'cli')`)
    expect(await store.untracked('long')).toEqual([])
    const { kinds, rows } = await scansOf(async () => expect(await store.untracked('long')).toEqual([]))
    expect(kinds).not.toContain('Seq Scan')
    expect(rows).toBeLessThan(10)
    await database.query(
      `delete from feature_history where feature_key = 'long'; delete from feature_gates; delete from features`,
    )
  })
})

describe('a change of many rows', () => {
  const ofOneFlag: readonly (readonly [string, Partial<ChangesQuestion>])[] = [
    ['by its id', { changeId: `change-${small / 2 + 1}` }],
    ['by its flag', { feature: 'listed' }],
    ['on a page', { before: String(small / 2 + 2), limit: 2 }],
  ]

  it.each(ofOneFlag)('is counted once when it is looked for %s', async (_, question) => {
    const ask = () => store.changes({ ...page, ...question })
    const first = await ask()
    expect(first.changes[0]?.counts).toEqual({ features: 1, added: large, removed: 0 })
    expect(first.changes[0]?.features).toMatchObject([{ feature: 'listed', hidden: { added: large - 20, removed: 0 } }])
    const { kinds, rows } = await scansOf(async () => expect(await ask()).toEqual(first))
    expect(kinds).not.toContain('Seq Scan')
    expect(rows).toBeLessThan(200)
  })

  it('is counted again when its oldest row is gone, and not told when all are', async () => {
    const ask = () => store.changes({ ...page, changeId: `change-${small + 2}` })
    expect((await ask()).changes[0]?.counts).toEqual({ features: large, added: large, removed: 0 })
    await database.query('delete from feature_history where version = $1 and value = $2', [small + 2, 'User:1'])
    expect((await ask()).changes[0]?.counts).toEqual({ features: large - 1, added: large - 1, removed: 0 })
    await database.query('delete from feature_history where version = $1', [small + 2])
    expect(await ask()).toEqual({ changes: [], next: null })
  })

  it('is another one in a database that was restored', async () => {
    const ask = () => store.changes({ ...page, feature: 'listed' })
    const [{ author, counts } = { author: '', counts: null }] = (await ask()).changes
    await database.query(`
      update feature_history set nonce = gen_random_uuid(), author = 'restored', operation = 'removed' where feature_key = 'listed'`)
    const [now] = (await ask()).changes
    expect([author, now?.author]).toEqual(['author_1', 'restored'])
    expect([counts, now?.counts]).toMatchObject([{ added: large }, { removed: large }])
  })
})
