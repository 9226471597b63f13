// The moment at which Postgres compares revisions: under the lock on feature_state, where no other writer can come in between any more.
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { silentLogger } from '../../../lib/log.js'
import { type Revision, revisionOf } from '../../../lib/state/revision.js'
import { PostgresStore } from '../../../lib/store/postgres/store.js'
import { changeOf } from '../../support/change.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'

let database: TestDatabase
const stores: PostgresStore[] = []

beforeAll(async () => {
  database = await createDatabase()
  for (let index = 0; index < 2; index++) {
    const tables = { features: 'features', gates: 'feature_gates' }
    stores.push(new PostgresStore({ connection: { connectionString: database.url }, tables, logger: silentLogger }))
  }
})
afterEach(() => vi.restoreAllMocks())
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()))
  await database.close()
})

const [one, two] = [() => stores[0] as PostgresStore, () => stores[1] as PostgresStore]
const share = (feature: string, value: number) =>
  changeOf({ feature, operation: { kind: 'set', gate: 'percentage_of_actors', value: String(value) } })
const set = (store: PostgresStore, feature: string, value: number, expected: Revision) =>
  store.apply({ ...share(feature, value), expect: new Map([[feature, expected]]) })
/** As Flipper and psql write: without a lock on the row of the feature. */
const insert = (feature: string, group: string) =>
  database.query(
    `insert into feature_gates (feature_key, key, value, created_at, updated_at) values ('${feature}', 'groups', '${group}', now(), now())`,
  )

/** Runs once before the message that fires the deferred triggers: after the rows were compared. */
function beforeSettling(write: () => Promise<unknown>): void {
  const query = pg.Client.prototype.query
  let isWritten = false
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...given: unknown[]) {
    const [asked] = given
    const text = typeof asked === 'object' && asked !== null && 'text' in asked ? String(asked.text) : String(asked)
    if (isWritten || !text.includes('set constraints all immediate')) return Reflect.apply(query, this, given)
    isWritten = true
    return write().then(() => Reflect.apply(query, this, given))
  })
}

it('refuses a change where another writer committed between the comparison of the rows and the lock', async () => {
  await one().apply(share('raced', 25))
  const seen = revisionOf(await one().readFeature('raced'))
  beforeSettling(() => insert('raced', 'staff'))
  await expect(set(one(), 'raced', 50, seen)).rejects.toMatchObject({ code: 'flag_changed' })
  expect([...((await one().readFeature('raced')).stored?.gates ?? [])]).toEqual([
    ['groups', ['staff']],
    ['percentage_of_actors', ['25']],
  ])
})

it('applies a change where what was committed in between is of another flag', async () => {
  await one().apply(share('alone', 25))
  await one().apply(share('beside', 25))
  const seen = revisionOf(await one().readFeature('alone'))
  beforeSettling(() => insert('beside', 'staff'))
  expect((await set(one(), 'alone', 50, seen)).changed).toBe(true)
})

it('sees what was written past the triggers', async () => {
  await one().apply(share('untracked', 25))
  const seen = revisionOf(await one().readFeature('untracked'))
  await database.query(
    "begin; set local session_replication_role = replica; update feature_gates set value = '30' where feature_key = 'untracked'; commit",
  )
  await expect(set(one(), 'untracked', 50, seen)).rejects.toMatchObject({ code: 'flag_changed' })
})

it('loses no update of two writers with a revision, beside a third that writes rows as Flipper does', async () => {
  await one().apply(share('busy', 1))
  const write = async (store: PostgresStore, value: number) => {
    const { newest, ...now } = await store.readFeature('busy')
    const { position } = await set(store, 'busy', value, revisionOf({ ...now, newest }))
    return { base: Number(newest?.version), made: Number(position?.version) }
  }
  let refused = 0
  const made: { base: number; made: number }[] = []
  for (let round = 0; round < 25; round++) {
    const raw = insert('busy', `group_${round}`)
    const results = await Promise.allSettled([write(one(), 2 + 2 * round), write(two(), 3 + 2 * round)])
    await raw
    for (const result of results) {
      if (result.status === 'fulfilled') made.push(result.value)
      else {
        expect(result.reason).toMatchObject({ code: 'flag_changed' })
        refused += 1
      }
    }
  }
  const entries = await one().history({ feature: 'busy', limit: 1_000 })
  const versions = [...new Set(entries.map(({ position }) => Number(position.version)))]
  // Nothing came between the revision that a writer had seen and its change.
  for (const { base, made: own } of made) expect(Math.max(...versions.filter((one) => one < own))).toBe(base)
  expect(refused).toBeGreaterThan(0)
})
