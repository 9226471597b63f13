// Processes that share a Redis and a database.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFeature, type FeatureFlags, FeatureGate, type FeatureOptions } from '../../lib/index.js'
import { createProject, type TestProject } from '../support/project.js'
import { type RecordingLogger, recordingLogger } from '../support/recording-logger.js'
import { createDatabase, startRedis, type TestDatabase } from '../support/services.js'

class Project extends FeatureGate('Project') {}

let project: TestProject
let database: TestDatabase
let redis: Awaited<ReturnType<typeof startRedis>>
let logger: RecordingLogger
const features: FeatureFlags[] = []

async function start(options: FeatureOptions = {}): Promise<FeatureFlags> {
  const feature = createFeature({
    root: project.root,
    env: 'staging',
    databaseUrl: database.url,
    redisUrl: redis.url,
    diskFile: false,
    logger,
    ...options,
  })
  features.push(feature)
  await feature.start()
  return feature
}

/** Guards against hanging; nothing here is a measurement. */
const soon = { timeout: 20_000, interval: 5 }
/** Far longer than the test: what is seen is seen through Redis. */
const never = { pollIntervalMs: 3_600_000 }

beforeEach(async () => {
  logger = recordingLogger()
  project = await createProject('a_flag', 'b_flag')
  database = await createDatabase()
  redis = await startRedis()
})
afterEach(async () => {
  await Promise.all(features.splice(0).map((feature) => feature.stop()))
  await redis.stop()
  await database.close()
  await project.close()
})

describe('processes that share a Redis', () => {
  it("see each other's changes by hints, without asking Postgres", async () => {
    const [writer, ...others] = [await start(never), await start(never), await start(never)]
    await vi.waitFor(() => expect(others.every((other) => other.status().warnings.length === 0)).toBe(true), soon)
    await writer.enable('a_flag', new Project(1))
    await vi.waitFor(
      () => expect(others.map((other) => other.enabled('a_flag', new Project(1)))).toEqual([true, true]),
      soon,
    )
    await writer.enable('b_flag')
    await vi.waitFor(() => expect(others.map((other) => other.enabled('b_flag'))).toEqual([true, true]), soon)
    for (const other of others) {
      expect(other.status().position).toEqual(writer.status().position)
      expect(other.counts().shared.applied).toBeGreaterThanOrEqual(1)
    }
  })

  it('boot from the blob while Postgres is away', async () => {
    // The same address, whatever the URL: another port would be another database's.
    const named = { ...never, namespace: 'named' }
    const first = await start(named)
    await first.enable('a_flag')
    await vi.waitFor(
      async () => {
        const second = await start({ ...named, databaseUrl: database.url.replace(/:\d+\//, ':1/') })
        const { source } = second.status()
        const on = second.enabled('a_flag')
        await second.stop()
        expect({ source, on }).toEqual({ source: 'redis', on: true })
      },
      { timeout: 50_000, interval: 500 },
    )
  })

  it('wait for each other when a change asks for it', async () => {
    const [writer, other] = [await start(never), await start(never)]
    await writer.enable('a_flag', true, { wait: true })
    expect(other.enabled('a_flag')).toBe(true)
  })

  it('do not wait for one that has stopped', async () => {
    const [writer, other] = [await start(never), await start(never)]
    await writer.enable('a_flag', true, { wait: true })
    await other.stop()
    await writer.enable('b_flag', true, { wait: true })
    expect(writer.enabled('b_flag')).toBe(true)
  })

  it('go on by the poll alone when Redis is gone, and say so', async () => {
    const [writer, other] = [await start({ pollIntervalMs: 200 }), await start({ pollIntervalMs: 200 })]
    await redis.stop()
    await writer.enable('a_flag')
    await vi.waitFor(() => expect(other.enabled('a_flag')).toBe(true), soon)
    expect(writer.status().warnings.join()).toMatch(/redis/i)
    expect(writer.status().degraded).toBe(false)
  })

  it('believe Postgres, whatever Redis holds', async () => {
    const first = await start({ pollIntervalMs: 200 })
    await first.enable('a_flag')
    await database.query(
      'truncate features, feature_gates; update feature_state set version = 1, nonce = gen_random_uuid(); delete from feature_history',
    )
    await vi.waitFor(() => expect(first.enabled('a_flag')).toBe(false), soon)
    const second = await start({ pollIntervalMs: 200 })
    await vi.waitFor(() => expect(second.status().source).toBe('postgres'), soon)
    expect(second.persistedNames()).toEqual([])
  })
})
