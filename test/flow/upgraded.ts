// An application after an upgrade: the present code on what an older version has left. Everything ends with the test.
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { onTestFinished, vi } from 'vitest'
import type { FeatureFlags, FeatureOptions } from '../../lib/index.js'
import { createInstance } from '../../lib/instance/create.js'
import type { Instance } from '../../lib/instance/instance.js'
import { type OlderVersion, olderOptions, olderProject } from '../support/older-version.js'
import { type RecordingLogger, recordingLogger } from '../support/recording-logger.js'
import { createDatabase, startPostgres, startRedis, type TestDatabase } from '../support/services.js'

/** Polls until something holds; ends as a hanging test only. */
export const waiting = { timeout: 40_000, interval: 20 }

export interface Upgraded {
  readonly root: string
  readonly logger: RecordingLogger
  /** What was logged, but for the changes that the test has made. */
  logged(): string[]
  start(options: FeatureOptions): Promise<FeatureFlags>
  /** Starts on a database that can be reached, whose content it then has: a start does not wait for one that is slow. */
  startOn(databaseUrl: string): Promise<FeatureFlags>
  /** The same, with what the server needs beside the flags. */
  startInstanceOn(databaseUrl: string): Promise<Instance>
  /**
   * Starts it and asks what must hold, until it holds: a Redis that does not answer in time, on a machine that has much to do,
   * is passed by and logged.
   */
  untilRight(options: FeatureOptions, expectRight: (feature: FeatureFlags) => Promise<void>): Promise<void>
}

export async function upgraded(): Promise<Upgraded> {
  const project = await olderProject()
  onTestFinished(() => project.close())
  const { root } = project
  const logger = recordingLogger()
  const begin = async (options: FeatureOptions) => {
    const instance = createInstance({ root, logger, pollIntervalMs: 100, ...olderOptions, ...options })
    await instance.feature.start()
    return instance
  }
  const startInstance = async (options: FeatureOptions) => {
    const instance = await begin(options)
    onTestFinished(() => instance.feature.stop())
    return instance
  }
  const startInstanceOn = async (databaseUrl: string) => {
    const instance = await startInstance({ databaseUrl, diskFile: false })
    await instance.feature.refresh()
    return instance
  }
  return {
    root,
    logger,
    logged: () => logger.lines.filter(({ level }) => level !== 'info').map(({ message }) => message),
    start: async (options) => (await startInstance(options)).feature,
    startOn: async (databaseUrl) => (await startInstanceOn(databaseUrl)).feature,
    startInstanceOn,
    untilRight: (options, expectRight) =>
      vi.waitFor(async () => {
        logger.lines.length = 0
        const { feature } = await begin(options)
        try {
          await expectRight(feature)
        } finally {
          await feature.stop()
        }
      }, waiting),
  }
}

/** A database of the test's own with what the version has left. */
export async function databaseOf(older: OlderVersion): Promise<TestDatabase> {
  const database = await createDatabase({ migrated: false })
  onTestFinished(() => database.close())
  await older.loadDatabase(database.url)
  return database
}

/**
 * The URL of one that has the identity that the version's own database had, too: of the same number, as the first one of its
 * cluster, and without the cluster's identifier, which not every role could read there.
 */
export async function databaseOfSameIdentity(older: OlderVersion): Promise<string> {
  const server = await startPostgres()
  onTestFinished(() => server.stop())
  await runAt(server.url(), 'create database flags')
  const url = server.url('flags')
  await older.loadDatabase(url)
  await runAt(url, 'revoke execute on function pg_control_system() from public')
  return url
}

export interface OlderRedis {
  readonly url: string
  readonly client: Redis
  /** The keys that the version has left and that hold something else now. */
  changed(): Promise<string[]>
}

/** A Redis of the test's own with what the version has left. */
export async function redisOf(older: OlderVersion): Promise<OlderRedis> {
  const server = await startRedis()
  onTestFinished(() => server.stop())
  await older.loadRedis(server.url)
  const client = new Redis(server.url)
  onTestFinished(async () => {
    await client.quit()
  })
  const changed = async () => {
    const texts = Object.entries(older.kept).map(async ([key, value]) =>
      'base64' in value && value.base64 !== (await client.getBuffer(key))?.toString('base64') ? [key] : [],
    )
    return (await Promise.all(texts)).flat()
  }
  return { url: server.url, client, changed }
}

async function runAt(connectionString: string, sql: string): Promise<void> {
  const client = new Client({ connectionString })
  await client.connect()
  await client.query(sql)
  await client.end()
}
