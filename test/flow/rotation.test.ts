// Passwords and users that change while a process runs: the application's functions are asked before each new connection.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as driver from 'ioredis'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { RedisCache } from '../../lib/cache/redis/cache.js'
import type { FeatureOptions } from '../../lib/config/options.js'
import { FeatureError } from '../../lib/errors.js'
import type { FeatureFlags } from '../../lib/feature/feature.js'
import { silentLogger } from '../../lib/log.js'
import { createFeature } from '../../lib/instance/create.js'
import { migrate } from '../../lib/store/migrations/migrate.js'
import { makeSealer } from '../../lib/state/sealed.js'
import { ears, patience, until } from '../cache/samples.js'
import { run } from '../cli/run.js'
import type { PostgresServer } from '../support/postgres-server.js'
import { createProject, type TestProject } from '../support/project.js'
import type { RedisServer } from '../support/redis-server.js'
import { startPostgres, startRedis } from '../support/services.js'

let postgres: PostgresServer
let project: TestProject
const features: FeatureFlags[] = []

beforeAll(async () => {
  postgres = await startPostgres({ passwords: true })
  const connection = { connectionString: postgres.url() }
  await migrate({ connection, tables: { features: 'features', gates: 'feature_gates' } })
})
beforeEach(async () => {
  project = await createProject('dark_mode')
  await sql(`create role app superuser login password 'one'`, `create role other superuser login password 'other'`)
})
afterEach(async () => {
  for (const feature of features.splice(0)) await feature.stop()
  await sql('drop role if exists app', 'drop role if exists other')
  await project.close()
})
afterAll(() => postgres?.stop())

async function sql(...statements: string[]): Promise<void> {
  const client = new Client({ connectionString: postgres.url() })
  await client.connect()
  try {
    for (const statement of statements) await client.query(statement)
  } finally {
    await client.end()
  }
}

/** In production, with the configuration of the project alone. */
const runCommand = (argv: readonly string[]) => run(argv, { root: project.root, options: { env: 'production' } })

/** As a failover or an administrator does it. */
const endConnections = `select pg_terminate_backend(pid) from pg_stat_activity where usename in ('app', 'other')`

const urlOf = (login: string, database = 'postgres') => `postgres://${login}@127.0.0.1:${postgres.port}/${database}`

async function start(options: FeatureOptions): Promise<FeatureFlags> {
  const feature = createFeature({
    root: project.root,
    env: 'production',
    logger: silentLogger,
    diskFile: false,
    pollIntervalMs: 100,
    ...options,
  })
  features.push(feature)
  await feature.start()
  return feature
}

/** The refusal with this reason; the connection that was ended is refused for that at first. */
async function refused(feature: FeatureFlags, reason: RegExp): Promise<FeatureError> {
  return vi.waitFor(async () => {
    const error: unknown = await feature.refresh().then(
      () => null,
      (thrown) => thrown,
    )
    if (error instanceof FeatureError && reason.test(error.message)) return error
    throw new Error(`not refused with ${reason}: ${error}`)
  }, patience)
}

describe('a databaseUrl that is a function', () => {
  const writeConfig = (text: string) => writeFileSync(join(project.root, 'feature.config.mjs'), text)

  it.each([
    ['password', `alter role app password 'two'`, 'app:two'],
    ['user', 'alter role app nologin', 'other:other'],
  ])('is asked for each new connection, so that a changed %s is no outage', async (_what, change, after) => {
    let login = 'app:one'
    const databaseUrl = vi.fn(async () => urlOf(login))
    const feature = await start({ databaseUrl, listen: true })
    expect(feature.status()).toMatchObject({ degraded: false, source: 'postgres' })
    const asked = databaseUrl.mock.calls.length
    login = after
    await sql(change, endConnections)
    await until(() => databaseUrl.mock.calls.length > asked)
    await feature.refresh()
    await feature.enable('dark_mode', true)
    expect(feature.enabled('dark_mode')).toBe(true)
    await until(() => !feature.status().degraded)
    // The LISTEN connection and the pool's.
    const users = `select count(distinct usename)::int as users, count(*)::int as count from pg_stat_activity where usename in ('app', 'other')`
    const client = new Client({ connectionString: postgres.url() })
    await client.connect()
    await until(async () => (await client.query(users)).rows[0].count >= 2)
    expect((await client.query(users)).rows[0].users).toBe(1)
    await client.end()
  })

  it.each([
    [
      'host',
      (url: string) => url.replace('127.0.0.1', 'elsewhere'),
      /another host \("elsewhere" instead of "127.0.0.1"\)/,
    ],
    ['port', (url: string) => url.replace(/:\d+\//, ':1/'), /another port \("1" instead of "\d+"\)/],
    ['database', (url: string) => `${url}x`, /another database \("postgresx" instead of "postgres"\)/],
    ['option', (url: string) => `${url}?sslmode=no-verify`, /another option sslmode/],
    ['kind', () => 'mysql://app:one@db/app', /no Postgres URL/],
    ['type', () => 7 as unknown as string, /answered with a value of type number; make it answer with a URL/],
  ])(
    'is refused where it answers with another %s, with the reason and without the password',
    async (_what, change, reason) => {
      let answer = (url: string) => url
      const feature = await start({ databaseUrl: () => answer(urlOf('app:one')) })
      answer = change
      await sql(endConnections)
      const refusal = await refused(feature, reason)
      expect(refusal.code).toBe('invalid_configuration')
      expect(refusal.message).not.toContain('one')
      expect(feature.status().degraded).toBe(true)
      answer = (url) => url
      await until(() => !feature.status().degraded)
    },
  )

  it.each([
    [
      'throws',
      () => Promise.reject(new Error('Vault is sealed at https://me:secret@vault')),
      /the function failed: Vault is sealed at https:\/\/\[hidden\]@vault/,
    ],
    [
      'throws at once',
      () => {
        throw new Error('no')
      },
      /the function failed: no/,
    ],
  ])('that %s is an outage that ends with its next answer', async (_what, failing, reason) => {
    let fails = false
    const feature = await start({ databaseUrl: () => (fails ? failing() : urlOf('app:one')) })
    fails = true
    await sql(endConnections)
    expect((await refused(feature, reason)).code).toBe('store_unavailable')
    await until(() => feature.status().degraded)
    fails = false
    await until(() => !feature.status().degraded)
  })

  it('fails the start, with the reason, where it fails then', async () => {
    const databaseUrl = () => Promise.reject(new Error('Vault is sealed'))
    await expect(start({ databaseUrl })).rejects.toMatchObject({
      code: 'store_unavailable',
      message: /Vault is sealed/,
    })
  })

  it('is used by the command line, and shown without the password', async () => {
    writeConfig(`export default { databaseUrl: async () => ${JSON.stringify(urlOf('app:one'))} }`)
    expect(await runCommand(['migrate'])).toMatchObject({ code: 0 })
    const shown = await runCommand(['status', '--json'])
    expect(JSON.parse(shown.stdout).database.place).toBe(`Postgres at 127.0.0.1:${postgres.port}, database postgres`)
    const failing = `export default { databaseUrl: () => { throw new Error('Vault is sealed') } }`
    writeFileSync(join(project.root, 'feature.config.ts'), failing)
    const failed = await runCommand(['migrate'])
    expect(failed).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('databaseUrl: the function failed: Vault is sealed'),
    })
  })
})

describe('a redisUrl that is a function', () => {
  let redis: RedisServer
  let admin: Redis
  beforeEach(async () => {
    redis = await startRedis()
    admin = new Redis(redis.url)
  })
  afterEach(async () => {
    admin.disconnect()
    await redis.stop()
  })
  const rights = ['~*', '&*', '+@all'] as const

  function open(redisUrl: () => string | Promise<string>) {
    const heard = { ...ears(), unsure: vi.fn() }
    const cache = new RedisCache({
      driver,
      url: redisUrl,
      address: 'rotation',
      sealer: makeSealer(null),
      logger: silentLogger,
    })
    cache.subscribe('rotation', heard)
    return { cache, heard }
  }
  const urlAs = (login: string) => `redis://${login}@127.0.0.1:${redis.port}`
  const isWell = (cache: RedisCache) => {
    const { connected, subscribed, warning } = cache.status()
    return connected && subscribed && warning === null
  }

  it('is asked by both connections, so that a changed user or password is no outage', async () => {
    await admin.acl('SETUSER', 'app', 'on', '>one', ...rights)
    let login = 'app:one'
    const redisUrl = vi.fn(async () => urlAs(login))
    const { cache, heard } = open(redisUrl)
    await until(() => isWell(cache))
    await admin.acl('SETUSER', 'app', 'resetpass', '>two')
    login = 'app:two'
    for (const type of ['normal', 'pubsub'] as const) await admin.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes')
    await until(() => heard.unsure.mock.calls.length === 2 && isWell(cache))
    await admin.acl('SETUSER', 'other', 'on', '>other', ...rights)
    login = 'other:other'
    await admin.acl('DELUSER', 'app')
    await until(() => heard.unsure.mock.calls.length === 3 && isWell(cache))
    await cache.close()
  })

  it('is asked anew where a user loses its rights and keeps its connections', async () => {
    await admin.acl('SETUSER', 'app', 'on', '>one', ...rights)
    await admin.acl('SETUSER', 'other', 'on', '>other', ...rights)
    let login = 'app:one'
    const { cache } = open(() => urlAs(login))
    await until(() => isWell(cache))
    login = 'other:other'
    await admin.acl('SETUSER', 'app', '-@all')
    await cache.readPointer('rotation')
    await until(async () => {
      await cache.readPointer('rotation')
      return cache.status().warning === null
    })
    await cache.close()
  })

  it.each([
    ['another port', () => 'redis://127.0.0.1:1', /another port \("1" instead of/],
    [
      'another host',
      (url: string) => url.replace('127.0.0.1', 'localhost'),
      /another host \("localhost" instead of "127.0.0.1"\)/,
    ],
    ['another database', (url: string) => `${url}/1`, /another database \("1" instead of "0"\)/],
    ['TLS', (url: string) => url.replace('redis:', 'rediss:'), /another scheme \("rediss" instead of "redis"\)/],
    ['no URL', () => 'cache', /is no Redis URL/],
    [
      'an error',
      () => {
        throw new Error('Vault is sealed')
      },
      /the function failed: Vault is sealed/,
    ],
  ])('is a warning where it answers with %s, and no more once it answers as before', async (_what, change, reason) => {
    let answer = (url: string) => url
    const { cache } = open(() => answer(redis.url))
    await until(() => isWell(cache))
    answer = change
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await until(() => reason.test(cache.status().warning ?? ''))
    answer = (url) => url
    await until(() => isWell(cache))
    await cache.close()
  })

  it('that never answers is a warning, and holds up neither a read nor the end', async () => {
    const { cache } = open(() => new Promise<string>(() => {}))
    expect(await cache.readPointer('rotation')).toBeNull()
    expect(cache.status().warning).toContain('does not answer yet')
    await cache.close()
  })
})
