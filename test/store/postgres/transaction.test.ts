// A short change in few messages: it decides by what is stored under its lock, as if each statement had a message of its own.
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FeatureError } from '../../../lib/errors.js'
import { silentLogger } from '../../../lib/log.js'
import { PostgresStore } from '../../../lib/store/postgres/store.js'
import type { Operation } from '../../../lib/state/operations.js'
import type { Current } from '../../../lib/store/store.js'
import { changeOf } from '../../support/change.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'

let database: TestDatabase
let store: PostgresStore
beforeEach(async () => {
  database = await createDatabase()
  store = new PostgresStore({
    connection: { connectionString: database.url },
    tables: { features: 'features', gates: 'feature_gates' },
    logger: silentLogger,
  })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await store.close()
  await database.close()
})

const rowsOf = () => database.query('select feature_key, key, value from feature_gates order by value')

describe('a change of one flag', () => {
  it.each([
    { of: 'a new flag', feature: 'new', isStored: false },
    { of: 'a stored flag', feature: 'stored', isStored: true },
  ])('of $of takes three messages, COMMIT included', async ({ feature, isStored }) => {
    const check = vi.fn((_: Current) => null)
    const operation = { kind: 'add', gate: 'actors', values: ['User:1'] } as const
    if (isStored) await store.apply(changeOf({ feature, operation }))
    else await store.head(null)
    const query = vi.spyOn(pg.Client.prototype, 'query')
    const values = ["User:'2"]
    const applied = await store.apply(changeOf({ feature, operation: { ...operation, values }, check, lookup: values }))
    expect(query).toHaveBeenCalledTimes(3)
    expect(applied).toMatchObject({ changed: true, position: { version: isStored ? '2' : '1' } })
    expect(check).toHaveBeenCalledWith(expect.objectContaining({ persisted: isStored, actorCount: isStored ? 1 : 0 }))
    expect(await store.apply(changeOf({ feature, operation: { ...operation, values }, check }))).toEqual({
      changed: false,
      position: null,
    })
  })

  /** How many statements each of its messages had, of the change that was made last. */
  const counted = async (query: { readonly mock: { readonly results: readonly { readonly value: unknown }[] } }) => {
    const results = await Promise.all(query.mock.results.map(({ value }) => value))
    return results.map((result) => (Array.isArray(result) ? result.length : 1))
  }

  it.each<[string, Operation, number]>([
    ['puts an actor on the list', { kind: 'add', gate: 'actors', values: ['User:2'] }, 8],
    ['takes an actor off', { kind: 'drop', gate: 'actors', values: ['User:1'] }, 8],
    ['sets a percentage', { kind: 'set', gate: 'percentage_of_actors', value: '50' }, 8],
    ['enables', { kind: 'enable' }, 8],
    ['disables', { kind: 'disable' }, 8],
    ['deletes', { kind: 'remove' }, 9],
    ['changes nothing', { kind: 'add', gate: 'actors', values: ['User:1'] }, 8],
  ])('that %s takes few statements, of a stored flag and of a new one', async (_, operation, most) => {
    await store.apply(changeOf({ feature: 'stored', operation: { kind: 'add', gate: 'actors', values: ['User:1'] } }))
    for (const feature of ['stored', 'new']) {
      const query = vi.spyOn(pg.Client.prototype, 'query')
      await store.apply(changeOf({ feature, operation, check: () => null }))
      const messages = await counted(query)
      query.mockRestore()
      expect(messages.reduce((sum, statements) => sum + statements, 0)).toBeLessThanOrEqual(most)
    }
  })

  it('that is refused leaves nothing, the row of the flag included', async () => {
    const refusal = new FeatureError('invalid_value', { problem: 'no', remedy: 'never' })
    const change = changeOf({ feature: 'a', operation: { kind: 'enable' }, check: () => refusal })
    await expect(store.apply(change)).rejects.toBe(refusal)
    expect(await database.query('select key from features')).toEqual([])
  })

  it('decides by what another writer has stored, who makes the flag at the same time and is quicker', async () => {
    const other = new pg.Client({ connectionString: database.url })
    await other.connect()
    try {
      await other.query('begin')
      await other.query(`insert into features (key, created_at, updated_at) values ('a', now(), now())`)
      await other.query(
        `insert into feature_gates (feature_key, key, value, created_at, updated_at) values ('a', 'actors', 'User:1', now(), now())`,
      )
      const check = vi.fn((_: Current) => null)
      const operation = { kind: 'add', gate: 'actors', values: ['User:2'] } as const
      const applying = store.apply(changeOf({ feature: 'a', operation, check, lookup: ['User:1'] }))
      const waiting = `select count(*)::int as waiting from pg_locks where not granted`
      await vi.waitFor(async () => expect(await database.query(waiting)).toEqual([{ waiting: 1 }]))
      await other.query('commit')
      expect((await applying).changed).toBe(true)
      expect(check).toHaveBeenCalledWith(
        expect.objectContaining({ persisted: true, actorCount: 1, actors: new Set(['User:1']) }),
      )
      expect(await rowsOf()).toMatchObject([{ value: 'User:1' }, { value: 'User:2' }])
    } finally {
      await other.end()
    }
  })
})
