// A change of thousands of rows costs Postgres work in proportion to them, also where its statistics know nothing of the feature:
// each plan is run, and the rows that its nodes looked at are counted.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  deleteOtherRows,
  deleteRows,
  type GatesTable,
  insertRows,
  type Rows,
  replaceRows,
} from '../../../lib/store/postgres/write/gate-rows.js'
import type { Done, Values } from '../../../lib/store/postgres/query.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'

const count = 3_000
const rows: Rows = Array.from({ length: count }, (_, index) => ['actors', `User:${index}`])
const others: Rows = Array.from({ length: count }, (_, index) => ['actors', `Group:${index}`])

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
  await database.query(`alter table feature_gates set (autovacuum_enabled = false)`)
  await database.query(
    `insert into features (key, created_at, updated_at) select name, now(), now() from unnest('{other,known,unknown}'::text[]) name`,
  )
})

afterAll(() => database.close())

describe.each([
  { name: 'without statistics', feature: 'unknown', analyzed: false },
  { name: 'whose statistics were taken before the feature had rows', feature: 'known', analyzed: true },
])('the store on tables $name', ({ feature, analyzed }) => {
  beforeAll(async () => {
    if (!analyzed) return
    await database.query(
      `insert into feature_gates (feature_key, key, value, created_at, updated_at)
      select 'other', 'actors', 'User:' || number, now(), now() from generate_series(1, 20000) number`,
    )
    await database.query('analyze feature_gates')
  })

  it.each([
    { does: 'inserts all', run: (table: GatesTable) => insertRows(table, feature, rows), left: count },
    { does: 'inserts what is there', run: (table: GatesTable) => insertRows(table, feature, rows), left: count },
    {
      does: 'deletes all but nearly all',
      run: (table: GatesTable) => deleteOtherRows(table, feature, rows.slice(1), null),
      left: count - 1,
    },
    {
      does: 'deletes none of one gate',
      run: (table: GatesTable) => deleteOtherRows(table, feature, rows, 'actors'),
      left: count - 1,
    },
    {
      does: 'deletes what is not there',
      run: (table: GatesTable) => deleteRows(table, feature, others),
      left: count - 1,
    },
    {
      does: 'inserts as many again',
      run: (table: GatesTable) => insertRows(table, feature, others),
      left: 2 * count - 1,
    },
    { does: 'deletes half', run: (table: GatesTable) => deleteRows(table, feature, others), left: count - 1 },
    {
      does: 'deletes all but others',
      run: (table: GatesTable) => deleteOtherRows(table, feature, others, null),
      left: 0,
    },
    {
      does: 'replaces nothing by many',
      run: (table: GatesTable) => replaceRows(table, feature, rows, null),
      left: count,
    },
    {
      does: 'replaces one of many',
      run: (table: GatesTable) => replaceRows(table, feature, [...rows.slice(1), ...others.slice(0, 1)], 'actors'),
      left: count,
    },
  ])('$does, and leaves the rows that it should', async ({ run, left }) => {
    let seen = 0
    const explained = async (sql: string, values: Values): Promise<Done> => {
      seen += rowsSeen(
        (await database.query(`explain (analyze, timing off, format json) ${sql}`, values))[0]?.['QUERY PLAN'],
      )
      return { rowCount: 0, answer: null }
    }
    await run({ gates: 'feature_gates', run: explained })
    const stored = await database.query('select count(*)::int as count from feature_gates where feature_key = $1', [
      feature,
    ])
    expect(stored).toEqual([{ count: left }])
    expect(seen).toBeGreaterThan(0)
    expect(seen).toBeLessThan(20 * count)
  })
})

/** All rows that any node of a plan gave or threw away, each time it ran. */
function rowsSeen(node: unknown): number {
  if (Array.isArray(node)) return node.reduce<number>((sum, inner) => sum + rowsSeen(inner), 0)
  if (typeof node !== 'object' || node === null) return 0
  const fields = new Map<string, unknown>(Object.entries(node))
  const numbers = ['Actual Rows', 'Rows Removed by Filter', 'Rows Removed by Join Filter']
  const once = numbers.reduce((sum, name) => sum + Number(fields.get(name) ?? 0), 0)
  return once * Number(fields.get('Actual Loops') ?? 1) + rowsSeen([fields.get('Plan'), fields.get('Plans')])
}
