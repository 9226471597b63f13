// Many actors on one flag, and many flags: loads, applies, answers.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFeature, type FeatureFlags, FeatureGate } from '../../lib/index.js'
import { silentLogger } from '../../lib/log.js'
import { createProject, type TestProject } from '../support/project.js'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { atMost } from './figures.js'
import { openStore } from './database-machine.js'
import { waiting } from './fleet.js'
import { hangMs, size } from './size.js'
import { changedFlags, storedFlags } from '../support/replica.js'

class User extends FeatureGate('User') {}

const actors = size(40_000, 400_000)
const flags = size(10_000, 100_000)

let project: TestProject
let database: TestDatabase
let feature: FeatureFlags

beforeEach(async () => {
  project = await createProject('crowded')
  database = await createDatabase()
  feature = createFeature({
    root: project.root,
    env: 'production',
    databaseUrl: database.url,
    diskFile: false,
    pollIntervalMs: 100,
    logger: silentLogger,
  })
})
afterEach(async () => {
  await feature.stop()
  await database.close()
  await project.close()
})

describe('a flag with more actors than may be written', { timeout: hangMs }, () => {
  it('is read and answers; a write that adds to it is refused, one that takes away is not', async () => {
    const fault = `${actors.toLocaleString('en')} actors on one flag`
    await database.query(`insert into features (key) values ('crowded')`)
    await database.query(
      `insert into feature_gates (feature_key, key, value) select 'crowded', 'actors', 'User:' || n from generate_series(1, ${actors}) n`,
    )
    await feature.start()
    await vi.waitFor(() => expect(feature.enabled('crowded', new User(actors))).toBe(true), waiting)
    expect(feature.enabled('crowded', new User(actors + 1))).toBe(false)
    await expect(feature.enable('crowded', new User(actors + 1))).rejects.toMatchObject({ code: 'limit_exceeded' })
    await feature.disable('crowded', new User(1))
    expect(feature.enabled('crowded', new User(1))).toBe(false)
    expect(feature.enabled('crowded', new User(2))).toBe(true)
    atMost(fault, 'apply', 150, await applyMs('crowded'), ' ms')
  })
})

describe('very many flags', { timeout: hangMs }, () => {
  it('are read and answer, and a change of one is applied', async () => {
    const fault = `${flags.toLocaleString('en')} flags`
    await database.query(`insert into features (key) select 'flag_' || n from generate_series(1, ${flags}) n`)
    await database.query(
      `insert into feature_gates (feature_key, key, value) select 'flag_' || n, 'actors', 'User:' || n from generate_series(1, ${flags}) n`,
    )
    await feature.start()
    const last = `flag_${flags}`
    const ask = (id: number) =>
      feature.enabled(last, new User(id), { type: 'undefined', defaultEnabledIfUndefined: false })
    await vi.waitFor(() => expect(ask(flags)).toBe(true), waiting)
    expect(ask(1)).toBe(false)
    await feature.enable(last, new User(1), { force: true })
    expect(ask(1)).toBe(true)
    atMost(fault, 'apply', 150, await applyMs(last), ' ms')
  })
})

/** How long the event loop is held while a change of this flag is applied; the median of five. */
async function applyMs(name: string): Promise<number> {
  const store = openStore(database.url)
  const state = await store.readAll()
  await store.close()
  const before = storedFlags(state)
  const stored = state.items.find(({ key }) => key === name)
  if (stored === undefined || state.position === null) throw new Error(`"${name}" is not stored`)
  const { position } = state
  const times = [1, 2, 3, 4, 5].map((round) => {
    const gates = new Map([...stored.gates].map(([gate, values]) => [gate, [...values, `round:${round}`]]))
    const changed = new Map([[name, { key: name, gates }]])
    const start = performance.now()
    const after = changedFlags(before, { position, changed })
    expect(after.entries.get(name)?.gates).not.toBeNull() // Compiled at the first check, so that has to be within it.
    return performance.now() - start
  })
  return times.sort((a, b) => a - b)[2] ?? Number.POSITIVE_INFINITY
}
