// News of changes, written by this library and past it, in processes that share a database.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFeature, type FeatureFlags, FeatureGate, type FeatureOptions } from '../../lib/index.js'
import { createProject, type TestProject } from '../support/project.js'
import { recordingLogger } from '../support/recording-logger.js'
import { createDatabase, startPgBouncer, type TestDatabase } from '../support/services.js'

class Project extends FeatureGate('Project') {}

let project: TestProject
let database: TestDatabase
const features: FeatureFlags[] = []

async function start(options: FeatureOptions = {}): Promise<FeatureFlags> {
  const feature = createFeature({
    root: project.root,
    env: 'staging',
    databaseUrl: database.url,
    logger: recordingLogger(),
    ...options,
  })
  features.push(feature)
  await feature.start()
  return feature
}

/** Ten times the goal of one second: a guard against hanging, not a measurement. */
const soon = { timeout: 10_000, interval: 5 }

beforeEach(async () => {
  project = await createProject('a_flag', 'b_flag')
  database = await createDatabase()
})
afterEach(async () => {
  await Promise.all(features.splice(0).map((feature) => feature.stop()))
  await database.close()
  await project.close()
})

describe('news of a change', () => {
  it('written by psql reaches every process', async () => {
    const three = await Promise.all([
      start({ pollIntervalMs: 600_000 }),
      start({ pollIntervalMs: 600_000 }),
      start({ pollIntervalMs: 600_000 }),
    ])
    await vi.waitFor(() => expect(three.every((feature) => feature.counts().hints > 0)).toBe(true), soon)
    await database.query(`begin;
      insert into features (key, created_at, updated_at) values ('a_flag', now(), now());
      insert into feature_gates (feature_key, key, value, created_at, updated_at) values ('a_flag', 'actors', 'Project:1', now(), now());
      commit`)
    await vi.waitFor(() => {
      expect(three.map((feature) => feature.enabled('a_flag', new Project(1)))).toEqual([true, true, true])
    }, soon)
    expect(three.map((feature) => feature.status().position)).toEqual(Array(3).fill(three[0]?.status().position))
  })

  it('reaches a process without LISTEN by the poll', async () => {
    const deaf = await start({ listen: false, pollIntervalMs: 100 })
    await database.query(`insert into features (key, created_at, updated_at) values ('a_flag', now(), now())`)
    await database.query(
      `insert into feature_gates (feature_key, key, value, created_at, updated_at) values ('a_flag', 'boolean', 'true', now(), now())`,
    )
    await vi.waitFor(() => expect(deaf.enabled('a_flag')).toBe(true), soon)
    expect(deaf.counts().hints).toBe(0)
  })

  it('shows all rows of one transaction together', async () => {
    const feature = await start({ pollIntervalMs: 20 })
    const seen: string[] = []
    feature.on('change', () => seen.push(`${feature.enabled('a_flag')} ${feature.enabled('b_flag')}`))
    for (const value of ['true', 'false']) {
      await database.query(`begin;
        insert into features (key, created_at, updated_at) values ('a_flag', now(), now()), ('b_flag', now(), now()) on conflict do nothing;
        delete from feature_gates;
        insert into feature_gates (feature_key, key, value, created_at, updated_at)
        select key, 'boolean', '${value}', now(), now() from features;
        commit`)
      await vi.waitFor(() => expect(feature.enabled('a_flag')).toBe(value === 'true'), soon)
    }
    expect(new Set(seen)).toEqual(new Set(['true true', 'false false']))
  })

  it('by TRUNCATE turns everything back to its default', async () => {
    const feature = await start()
    await feature.enable('a_flag')
    await database.query('truncate features, feature_gates')
    await vi.waitFor(() => expect(feature.persistedNames()).toEqual([]), soon)
    const history = await feature.history({ limit: 10 })
    expect(history.filter(({ operation }) => operation === 'removed')).toHaveLength(2)
    expect(history[0]?.author).toMatch(/^db:/)
  })

  it('of another process is told as remote, and one of the own process as local', async () => {
    const [mine, other] = [await start(), await start()]
    const origins: string[] = []
    mine.on('change', ({ name, origin }) => origins.push(`${name} ${origin}`))
    await mine.enable('a_flag')
    await other.enable('b_flag')
    await vi.waitFor(() => expect(origins).toEqual(['a_flag local', 'b_flag remote']), soon)
  })

  it('that passed the triggers by is found by comparing the whole content', async () => {
    const feature = await start({ pollIntervalMs: 50 })
    await feature.enable('a_flag')
    await database.query(`begin; set local session_replication_role = replica; delete from feature_gates; commit`)
    await feature.refresh()
    expect(feature.enabled('a_flag')).toBe(true)
    await database.query(`insert into features (key, created_at, updated_at) values ('b_flag', now(), now())`)
    await vi.waitFor(() => expect(feature.persisted('b_flag')).toBe(true), soon)
    expect(feature.enabled('a_flag')).toBe(true)
    await feature.stop()
    await feature.start()
    expect(feature.enabled('a_flag')).toBe(false)
  })

  it('comes by the poll behind PgBouncer in transaction mode', async () => {
    const bouncer = await startPgBouncer(database.url)
    try {
      const feature = await start({ databaseUrl: bouncer.url, pollIntervalMs: 100 })
      await feature.enable('a_flag', new Project(1))
      expect(feature.enabled('a_flag', new Project(1))).toBe(true)
      await database.query(`delete from feature_gates`)
      await vi.waitFor(() => expect(feature.enabled('a_flag', new Project(1))).toBe(false), soon)
      await feature.stop()
    } finally {
      await bouncer.stop()
    }
  })
})

describe('a database without our own tables', () => {
  it('is served by comparing its content, and says so', async () => {
    const rails = await createDatabase({ migrated: false })
    try {
      await rails.query(`create table features (id bigserial primary key, key varchar not null unique, created_at timestamp not null, updated_at timestamp not null);
        create table feature_gates (id bigserial primary key, feature_key varchar not null, key varchar not null, value varchar,
          created_at timestamp not null, updated_at timestamp not null, unique (feature_key, key, value));
        insert into features (key, created_at, updated_at) values ('a_flag', now(), now());
        insert into feature_gates (feature_key, key, value, created_at, updated_at) values ('a_flag', 'percentage_of_actors', '100', now(), now())`)
      const feature = await start({ databaseUrl: rails.url })
      expect(feature.enabled('a_flag', new Project(1))).toBe(true)
      expect(feature.status().warnings.join()).toContain('migrate')
      await feature.enable('b_flag', new Project(2))
      expect(feature.enabled('b_flag', new Project(2))).toBe(true)
      await feature.stop()
    } finally {
      await rails.close()
    }
  })

  it('and without the two of Flipper boots from the definitions, and writes say what to do', async () => {
    const empty = await createDatabase({ migrated: false })
    try {
      await project.define('on_by_default', { defaultEnabled: true })
      const feature = await start({ databaseUrl: empty.url })
      expect(feature.enabled('on_by_default')).toBe(true)
      expect(feature.status()).toMatchObject({ degraded: true, source: 'definitions' })
      await expect(feature.enable('a_flag')).rejects.toMatchObject({
        code: 'not_migrated',
        message: expect.stringContaining('migrate'),
      })
      await feature.stop()
    } finally {
      await empty.close()
    }
  })
})
