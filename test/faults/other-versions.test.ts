// Databases of another version than the code: tables that are older, newer or not there.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFeature, type FeatureFlags } from '../../lib/index.js'
import type { TestProject } from '../support/project.js'
import { type RecordingLogger, recordingLogger } from '../support/recording-logger.js'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { atMost } from './figures.js'
import { openStore } from './database-machine.js'
import { createFleetProject, seed, waiting } from './fleet.js'
import { hangMs } from './size.js'

const newer = `
  alter table features add column owner text not null default 'nobody';
  alter table feature_gates add column weight int;
  alter table feature_state add column shard int not null default 0;
  alter table feature_history add column origin jsonb;
  insert into feature_migrations (name) values ('999999-from-the-future');
  insert into feature_gates (feature_key, key, value) values ('by_actor', 'expression', '{"Any":[]}'), ('stable_on', 'denied_actors', 'User:9')`

const older = `
  drop table feature_history cascade; drop table feature_state cascade; drop table feature_migrations;
  drop trigger feature_history_record on features; drop trigger feature_history_truncate on features;
  drop trigger feature_history_record on feature_gates; drop trigger feature_history_truncate on feature_gates`

let project: TestProject
let database: TestDatabase
let logger: RecordingLogger
let feature: FeatureFlags | null = null

beforeEach(async () => {
  project = await createFleetProject()
  logger = recordingLogger()
  database = await createDatabase()
  const store = openStore(database.url)
  await seed(store)
  await store.close()
})
afterEach(async () => {
  await feature?.stop()
  feature = null
  await database.close()
  await project.close()
})

/** Starts and notes how long it took. */
async function start(fault: string): Promise<FeatureFlags> {
  feature = createFeature({
    root: project.root,
    env: 'production',
    databaseUrl: database.url,
    logger,
    pollIntervalMs: 100,
    diskFile: false,
  })
  const before = performance.now()
  await feature.start()
  atMost(fault, 'ready', 2_000, performance.now() - before, ' ms')
  return feature
}

const warnings = () => new Set(logger.lines.filter(({ level }) => level === 'warn').map(({ message }) => message))

describe('a database', { timeout: hangMs }, () => {
  it('newer than the code is read by the columns that are known', async () => {
    await database.query(newer)
    const running = await start('database newer than the code')
    expect([running.enabled('stable_on'), running.enabled('stable_off')]).toEqual([true, false])
    await running.enable('changing')
    expect(running.enabled('changing')).toBe(true)
  })

  it('without our own tables is read by its content, and says so', async () => {
    await database.query(older)
    const running = await start('database older than the code')
    expect([running.enabled('stable_on'), running.enabled('stable_off')]).toEqual([true, false])
    expect(running.status().warnings.join()).toContain('migrate')
    await running.enable('changing')
    expect(running.enabled('changing')).toBe(true)
  })

  it('without any table is answered for by the definitions, with one warning, until the tables are there', async () => {
    await database.query(
      'create schema aside; alter table features set schema aside; alter table feature_gates set schema aside',
    )
    const running = await start('tables absent')
    expect([running.enabled('stable_on'), running.enabled('stable_off')]).toEqual([false, true])
    const failed = running.counts().refreshes.failed
    await vi.waitFor(() => expect(running.counts().refreshes.failed).toBeGreaterThan(failed + 2), waiting)
    expect(warnings().size).toBe(1)
    await database.query(
      'alter table aside.features set schema public; alter table aside.feature_gates set schema public',
    )
    await vi.waitFor(
      () => expect([running.enabled('stable_on'), running.enabled('stable_off')]).toEqual([true, false]),
      waiting,
    )
  })

  it('whose tables are dropped under a running process keeps the last good answers', async () => {
    const running = await start('tables dropped while running')
    await database.query('drop table features, feature_gates cascade')
    await expect(running.enable('changing')).rejects.toMatchObject({ code: 'not_migrated' })
    await running.refresh().catch(() => {}) // Told or not, nothing is stored any more: the answers stay.
    expect([running.enabled('stable_on'), running.enabled('stable_off')]).toEqual([true, false])
  })
})
