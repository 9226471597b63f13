// Histories that do not lead from one position to another without a gap: no delta comes of them.
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../lib/log.js'
import { PostgresStore } from '../../../lib/store/postgres/store.js'
import type { Position } from '../../../lib/state/state.js'
import { here } from '../../contract/changes.js'
import { changeOf } from '../../support/change.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'
import { tables } from '../triggers/losses.js'

describe('a delta', () => {
  let database: TestDatabase
  let store: PostgresStore
  /** After 0, 1, 2 and 3 changes. */
  let positions: readonly Position[]
  beforeEach(async () => {
    database = await createDatabase()
    store = new PostgresStore({ connection: { connectionString: database.url }, tables, logger: silentLogger })
    const made = [await here(store)]
    for (const feature of ['a', 'b', 'c']) {
      await store.apply(changeOf({ feature, operation: { kind: 'enable' } }))
      made.push(await here(store))
    }
    positions = made
  })
  afterEach(async () => {
    await store.close()
    await database.close()
  })
  const since = async (version: number) => (await store.readSince(positions[version] ?? null)).delta
  const history = 'insert into feature_history (version, nonce, feature_key, operation, author, source) values'

  it('leads from each position to the last where there is no gap', async () => {
    for (const version of [0, 1, 2, 3]) expect((await since(version))?.via).toEqual(positions.slice(version + 1))
  })

  it('does not lead over a position whose rows are gone', async () => {
    await database.query('delete from feature_history where version = 2')
    expect([await since(0), await since(1), await since(2)]).toEqual([null, null, null])
    expect((await since(3))?.via).toEqual([])
  })

  it('does not lead to a position that left no row, nor over it', async () => {
    await database.query('select feature_next_position()')
    expect(await since(3)).toBeNull()
    await store.apply(changeOf({ feature: 'd', operation: { kind: 'enable' } }))
    expect([await since(0), await since(3)]).toEqual([null, null])
  })

  it('does not lead over two positions of one number, as after a restore', async () => {
    await database.query(`${history} (2, '${randomUUID()}', 'x', 'added', 'me', 'sql')`)
    expect([await since(0), await since(1)]).toEqual([null, null])
    expect((await since(2))?.via).toEqual([positions[3]])
    // The number of positions is right, and yet they are not those between the two.
    await database.query('delete from feature_history where version = 3')
    expect(await since(1)).toBeNull()
  })

  it('does not lead to a state that went back behind the history', async () => {
    await database.query(`update feature_state set version = 2, nonce = '${positions[2]?.nonce}'`)
    expect([await since(0), await since(1), await since(3)]).toEqual([null, null, null])
  })

  it('does not lead to a state whose nonce is not the last one of the history', async () => {
    await database.query('update feature_state set nonce = gen_random_uuid()')
    expect([await since(0), await since(2), await since(3)]).toEqual([null, null, null])
  })

  it('reads no content where there is a gap', async () => {
    await database.query('delete from feature_history where version = 2')
    const { also, leftOut } = await store.readSince(positions[0] ?? null, { also: ['a'], most: 0 })
    expect([...also.keys()]).toEqual(['a'])
    expect(leftOut).toEqual([])
  })
})
