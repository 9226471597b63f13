// The order of texts and the digest in databases that keep text in another encoding than UTF-8.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../lib/log.js'
import { digestOf } from '../../lib/state/digest.js'
import { migrate } from '../../lib/store/migrations/migrate.js'
import { PostgresStore } from '../../lib/store/postgres/store.js'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { here } from './changes.js'
import { changeOf } from '../support/change.js'

const tables = { features: 'features', gates: 'feature_gates' }

/** In the order of their bytes of UTF-8. WIN1252 has € before é, and nothing of what comes after €. */
const latin = ['A', 'a', 'é', 'ÿ', 'Š', '€']
const astral = [...latin, '漢', '\uffff', '😀']

describe.each([
  ['WIN1252', latin],
  ['SQL_ASCII', astral],
  ['LATIN1', latin.slice(0, 4)],
  ['UTF8', astral],
] as const)('a database in %s', (encoding, texts) => {
  let database: TestDatabase
  let store: PostgresStore
  beforeAll(async () => {
    database = await createDatabase({ migrated: false, encoding })
    const connection = { connectionString: database.url }
    await migrate({ connection, tables })
    store = new PostgresStore({ connection, tables, logger: silentLogger })
    const gates = new Map(texts.toReversed().map((gate) => [gate, texts.toReversed()]))
    for (const feature of texts.toReversed()) {
      await store.apply(changeOf({ feature, operation: { kind: 'replace', gates } }))
    }
    await database.query(`insert into feature_gates (feature_key, key, value) values ('alone', 'actors', null)`)
  })
  afterAll(async () => {
    await store.close()
    await database.close()
  })

  it('gives everything in the order of its UTF-8 bytes, with the digest that JavaScript computes', async () => {
    const { items: features, digest } = await store.readAll({ digest: true })
    expect(features.map(({ key }) => key)).toEqual(['A', 'a', 'alone', ...texts.slice(2)])
    const inOrder = texts.map((gate) => [gate, [...texts]])
    for (const { key, gates } of features) {
      expect([...gates]).toEqual(key === 'alone' ? [['actors', ['']]] : inOrder)
    }
    expect(digest).toMatch(/^[0-9a-f]{64}$/)
    expect(digest).toBe(await digestOf(features))
  })

  it('answers names that it cannot hold, and those that it can', async () => {
    const asked = [...astral, 'never', '\u0081', 'half \ud83d', 'nul\0']
    const { also, digest } = await store.readSince(null, { also: asked, digest: true })
    expect([...also.keys()]).toEqual(asked)
    const stored = [...also].filter(([, feature]) => feature !== null).map(([name]) => name)
    expect(stored).toEqual([...texts])
    expect(digest).toBe((await store.readAll({ digest: true })).digest)
  })

  it('has sound triggers, whose loss it tells and repairs', async () => {
    expect(await store.inspectTriggers()).toEqual({ state: 'sound', faults: [] })
    const from = await here(store)
    await database.query('drop function feature_gate_changed cascade')
    expect((await store.inspectTriggers()).state).toBe('broken')
    await migrate({ connection: { connectionString: database.url }, tables })
    expect(await store.inspectTriggers()).toEqual({ state: 'sound', faults: [] })
    expect((await store.readSince(from)).delta).toBeNull()
  })
})
