// When the process of an application ends, with stop() and without.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { compiledProgram } from '../faults/program.js'
import { copyMadeDatabase } from '../support/made-database.js'
import { makeFolder } from '../support/project.js'
import type { RedisServer } from '../support/redis-server.js'
import { createDatabase, startRedis, type TestDatabase } from '../support/services.js'

const root = makeFolder()
let database: TestDatabase
beforeAll(() => copyMadeDatabase(root))
afterAll(() => rmSync(root, { recursive: true, force: true }))
beforeEach(async () => {
  database = await createDatabase()
})
afterEach(async () => {
  rmSync(join(root, 'config'), { recursive: true, force: true })
  await database.close()
})

const ioredis = pathToFileURL(createRequire(import.meta.url).resolve('ioredis')).href

function writeDefinition(name: string, fields = 'type: ops\ndefault_enabled: false'): void {
  const folder = join(root, 'config/feature_flags/ops')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.yml`), `name: ${name}\n${fields}\n`)
}

/** Runs an application: top-level await, and nothing that holds or ends the process. */
function run(body: string, env: NodeJS.ProcessEnv) {
  const file = join(root, 'app.mjs')
  const sluice = compiledProgram('library')
  const script = body.replaceAll('__dist__', sluice)
  writeFileSync(file, `import { Feature } from ${JSON.stringify(sluice)}\n${script}\nconsole.log('ended')\n`)
  const { PATH, HOME } = process.env
  const ran = spawnSync(process.execPath, ['--liftoff-only', file], {
    cwd: root,
    env: { PATH, HOME, ...env },
    timeout: 50_000,
    encoding: 'utf8',
  })
  return { status: ran.status, stdout: ran.stdout.trim() }
}

const ended = { status: 0, stdout: 'ended' }

describe('an application', () => {
  it.each(['', 'await new Promise((resolve) => setTimeout(resolve, 200))'])(
    'ends by itself after stop() on Postgres with LISTEN (%j in between)',
    (between) => {
      const script = `await Feature.start()\n${between}\nawait Feature.stop()`
      expect(run(script, { DATABASE_URL: database.url })).toEqual(ended)
    },
  )

  it('ends by itself after stop() with Redis', async () => {
    const redis = await startRedis()
    try {
      const env = { DATABASE_URL: database.url, REDIS_URL: redis.url }
      const stayUntil = (what: string) => `while (!(${what})) await new Promise((resolve) => setTimeout(resolve, 20))`
      const blob = "(await redis.keys('*:pointer')).length === 1"
      const makeBlob = `const { Redis } = await import('${ioredis}')\nconst redis = new Redis(process.env.REDIS_URL)\n${stayUntil(blob)}\nawait redis.quit()`
      expect(run(`await Feature.start()\n${makeBlob}\nawait Feature.stop()`, env)).toEqual(ended)
      // The second starts from the first one's blob, and has no connection to Postgres at first that would hold it.
      expect(run('await Feature.start()\nawait Feature.stop()', env)).toEqual(ended)
    } finally {
      await redis.stop()
    }
  })

  it('ends by itself after stop() on the embedded Postgres', () => {
    expect(run('await Feature.start()\nawait Feature.stop()', {})).toEqual(ended)
  })

  it('is not kept alive by feature flags that it forgot to stop, but for a connection under way', () => {
    const script = 'await Feature.start({ databaseUrl: "memory" })'
    expect(run(script, {})).toEqual(ended)
  })

  describe('that forgot stop()', () => {
    let redis: RedisServer
    beforeAll(async () => {
      redis = await startRedis()
    })
    afterAll(() => redis?.stop())
    afterEach(() => redis.signal('SIGCONT'))
    const both = () => ({ DATABASE_URL: database.url, REDIS_URL: redis.url })
    const start = 'await Feature.start()'
    const startAndWrite = `${start}\nawait Feature.enable('dark_mode', true)\nawait Feature.refresh()`
    const stay = (ms: number) => `await new Promise((resolve) => setTimeout(resolve, ${ms}))`

    it.each([
      ['Postgres', () => ({ DATABASE_URL: database.url })],
      ['Postgres and Redis', both],
      ['Postgres that is down', () => ({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })],
      ['Redis that is down', () => ({ DATABASE_URL: database.url, REDIS_URL: 'redis://127.0.0.1:1' })],
      ['Redis with a name of several addresses', () => ({ ...both(), REDIS_URL: `redis://localhost:${redis.port}` })],
      [
        'Postgres and Redis that are down',
        () => ({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', REDIS_URL: 'redis://127.0.0.1:1' }),
      ],
      ['the embedded Postgres', () => ({})],
    ])('ends by itself on %s, and not before start() has resolved', (_what, env) => {
      expect(run(start, env())).toEqual(ended)
      expect(run(`${start}\n${stay(700)}`, env())).toEqual(ended)
    })

    it('ends by itself while Redis is frozen', () => {
      redis.signal('SIGSTOP')
      expect(run(start, both())).toEqual(ended)
      expect(run(`${start}\n${stay(700)}`, both())).toEqual(ended)
    })

    it('ends by itself after a write, and not before the write has resolved', () => {
      writeDefinition('dark_mode')
      expect(run(startAndWrite, both())).toEqual(ended)
      expect(run(startAndWrite, { DATABASE_URL: database.url })).toEqual(ended)
    })

    it('ends by itself with two instances of its own', () => {
      const script = `const { createFeature } = await import('__dist__')\nawait createFeature().start()\nawait createFeature().start()`
      expect(run(script, both())).toEqual(ended)
    })

    it.each([
      [
        'rejects and is caught',
        `await Feature.start().catch((error) => console.log(error.code))`,
        0,
        'invalid_definition\nended',
      ],
      ['rejects and is not caught', start, 1, ''],
    ])('ends by itself where start() %s', (_what, script, status, stdout) => {
      writeDefinition('broken', 'type: no_such_type')
      const env = { ...both(), FEATURE_ENV: 'staging' }
      expect(run(script, env)).toEqual({ status, stdout })
    })

    it('ends with its own exit code after an exception that nobody caught', () => {
      const script = `${start}\nsetTimeout(() => { throw new Error('of the application') })\n${stay(50)}`
      expect(run(script, both())).toEqual({ status: 1, stdout: '' })
    })
  })

  it('ends by itself when it only asks', () => {
    expect(run('Feature.enabled("a_flag", { type: "experiment" })', {})).toEqual(ended)
  })
})
