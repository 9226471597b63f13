// Starts while Postgres is down, without definitions, and with definitions that change.
import { writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFeature, type FeatureFlags, type FeatureOptions } from '../../lib/index.js'
import { migrate } from '../../lib/store/migrations/migrate.js'
import { createProject, type TestProject } from '../support/project.js'
import { recordingLogger } from '../support/recording-logger.js'
import { startPostgres } from '../support/services.js'

let project: TestProject
const features: FeatureFlags[] = []

beforeEach(async () => {
  project = await createProject('a_flag')
  await project.define('on_by_default', { defaultEnabled: true })
})
afterEach(async () => {
  await Promise.all(features.splice(0).map((feature) => feature.stop()))
  await project.close()
})

async function start(databaseUrl: string, options: FeatureOptions = {}): Promise<FeatureFlags> {
  const feature = createFeature({
    root: project.root,
    env: 'production',
    databaseUrl,
    logger: recordingLogger(),
    ...options,
  })
  features.push(feature)
  await feature.start()
  return feature
}

describe('a boot while Postgres is down', () => {
  it('answers from the definitions, without a disk file, and says that it is degraded', async () => {
    const feature = await start('postgres://postgres@127.0.0.1:1/flags')
    expect(feature.enabled('on_by_default')).toBe(true)
    expect(feature.enabled('a_flag')).toBe(false)
    expect(feature.status()).toMatchObject({ source: 'definitions', degraded: true })
    await expect(feature.enable('a_flag')).rejects.toMatchObject({ code: 'store_unavailable' })
    await expect(feature.refresh()).rejects.toMatchObject({ code: 'store_unavailable' })
  })

  it('answers from the last good file, and is fresh by itself once Postgres is back', async () => {
    const server = await startPostgres()
    const url = server.url()
    try {
      await migrate({
        connection: { connectionString: url },
        tables: { features: 'features', gates: 'feature_gates' },
      })
      const first = await start(url)
      await first.enable('a_flag')
      await first.stop()
      await server.kill()
      const second = await start(url)
      expect(second.enabled('a_flag')).toBe(true)
      expect(second.status()).toMatchObject({ source: 'disk', degraded: true })
      await server.restart()
      await vi.waitFor(() => expect(second.status()).toMatchObject({ source: 'postgres', degraded: false }), {
        timeout: 50_000,
      })
      await second.disable('a_flag')
      expect(second.enabled('a_flag')).toBe(false)
    } finally {
      await Promise.all(features.splice(0).map((feature) => feature.stop()))
      await server.stop()
    }
  })
})

describe('a project without definitions', () => {
  it('is started, with one warning that names the folder', async () => {
    const empty = await createProject()
    const logger = recordingLogger()
    try {
      await start('memory', { root: empty.root, logger })
      await start('memory', { logger })
    } finally {
      await empty.close()
    }
    // Another warning tells that the database is only memory.
    const warnings = logger.lines.filter(({ level, message }) => level !== 'info' && message.includes('definition'))
    expect(warnings.map(({ level, fields }) => [level, fields])).toEqual([['warn', { root: empty.root }]])
  })
})

describe('definitions in development', () => {
  it('reload without a restart, and a broken edit keeps the last good one', async () => {
    const logger = recordingLogger()
    const feature = createFeature({ root: project.root, env: 'development', databaseUrl: 'memory', logger })
    features.push(feature)
    await feature.start()
    expect(feature.enabled('a_flag')).toBe(false)
    const path = await project.define('a_flag', { defaultEnabled: true })
    await vi.waitFor(() => expect(feature.enabled('a_flag')).toBe(true), { timeout: 20_000 })
    await writeFile(path, 'name: [broken')
    await vi.waitFor(() => expect(logger.lines.some(({ level }) => level === 'error')).toBe(true), { timeout: 20_000 })
    expect(feature.enabled('a_flag')).toBe(true)
  })
})
