import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Built, build } from '../cli/built.js'
import { createDatabase, startRedis, type TestDatabase } from '../support/services.js'

let built: Built
let database: TestDatabase
beforeAll(() => {
  built = build()
})
afterAll(() => built.remove())
beforeEach(async () => {
  database = await createDatabase()
})
afterEach(() => database.close())

/** Runs an application: top-level await, and nothing that holds or ends the process. */
function run(body: string, env: NodeJS.ProcessEnv) {
  const root = join(built.folder, 'application')
  mkdirSync(root, { recursive: true })
  const file = join(root, 'app.mjs')
  writeFileSync(
    file,
    `import { Feature } from ${JSON.stringify(join(built.folder, 'dist', 'index.js'))}\n${body}\nconsole.log('ended')\n`,
  )
  const { PATH, HOME } = process.env
  const ran = spawnSync(process.execPath, [file], {
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
      const makeBlob = `const { Redis } = await import('ioredis')\nconst redis = new Redis(process.env.REDIS_URL)\n${stayUntil(blob)}\nawait redis.quit()`
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

  it('ends by itself when it only asks', () => {
    expect(run('Feature.enabled("a_flag", { type: "experiment" })', {})).toEqual(ended)
  })
})
