// Applications and commands in processes that must not make code from strings, as users have them: compiled.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeRoot } from '../support/project.js'
import { createDatabase, startRedis, type TestDatabase } from '../support/services.js'
import { type Built, build } from './built.js'
import { startOneProcess } from './one-process.js'
import { type Ran, sampleFiles } from './run.js'

const option = '--disallow-code-generation-from-strings'
const config = `enum Kind { User = 'User' }\nexport default { actors: { [Kind.User]: {}, Project: {} } satisfies object }\n`

let built: Built
let database: TestDatabase
let redis: Awaited<ReturnType<typeof startRedis>>

beforeAll(async () => {
  built = build()
  database = await createDatabase()
  redis = await startRedis()
})
afterAll(async () => {
  await database.close()
  await redis.stop()
})

interface Running {
  readonly root: string
  readonly env?: NodeJS.ProcessEnv
  readonly input?: string
}

function node(args: readonly string[], { root, env = {}, input = '' }: Running): Promise<Ran> {
  const { PATH, HOME } = process.env
  const child = spawn(process.execPath, [option, ...args], { cwd: root, env: { PATH, HOME, ...env } })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  child.stdin.on('error', () => {}) // It may end before it has read everything.
  child.stdin.end(input)
  return new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr })))
}

const application = () => `
import { Feature, FeatureGate } from ${JSON.stringify(join(built.folder, 'dist', 'index.js'))}
class User extends FeatureGate('User') {}
await Feature.start()
const before = Feature.enabled('dark_mode', new User(7))
await Feature.enable('dark_mode', new User(7))
await Feature.enablePercentageOfActors('dark_mode', 0)
console.log(JSON.stringify([before, Feature.enabled('dark_mode', new User(7)), Feature.enabled('dark_mode', new User(8))]))
await Feature.stop()
`

describe('a process that must not make code from strings', () => {
  it.each([
    ['Postgres', () => ({ NODE_ENV: 'production', DATABASE_URL: database.url })],
    ['Postgres and Redis', () => ({ NODE_ENV: 'staging', DATABASE_URL: database.url, REDIS_URL: redis.url })],
    ['the embedded Postgres', () => ({})],
    ['memory', () => ({ NODE_ENV: 'test' })],
  ])('starts, checks, writes and stops an application on %s', async (_, env) => {
    await database.query('delete from feature_gates; delete from features')
    const root = makeRoot({ ...sampleFiles, 'feature.config.ts': config })
    writeFileSync(join(root, 'application.mjs'), application())
    const ran = await node(['application.mjs'], { root, env: env() })
    expect(ran).toMatchObject({ code: 0, stdout: '[false,true,false]\n' })
    expect(ran.stderr).not.toMatch(/Code generation|"level":(40|50)/)
  })

  it('runs every command but serve', async () => {
    const root = makeRoot({ ...sampleFiles, 'feature.config.ts': config })
    const env = { DATABASE_URL: database.url }
    const file = join(root, 'flags.json')
    const commands: readonly (readonly [args: readonly string[], input?: string])[] = [
      [['--help']],
      [['migrate']],
      [['validate']],
      [['create', 'my_flag', '-g', 'group::apm', '-m', '']],
      [['set', 'dark_mode', 'true', '--user', '7', '--reason', 'why']],
      [['get', 'dark_mode']],
      [['list']],
      [['history', 'dark_mode']],
      [['status']],
      [['export', file]],
      [['import', file]],
      [['console'], 'await Feature.enable("dark_mode")\nFeature.enabled("dark_mode")\n'],
      [['token', 'create', '--name', 'deploys']],
      [['token', 'list']],
      [['token', 'revoke', 'deploys']],
      [['delete', 'dark_mode']],
    ]
    const one = await startOneProcess(built, [option])
    try {
      for (const [args, input] of commands) {
        const ran = await one.run(args, { root, env, ...(input === undefined ? {} : { input }) })
        expect({ args, ...ran }).toMatchObject({ args, code: 0 })
        expect(ran.stderr).not.toContain('Code generation')
      }
    } finally {
      await one.close()
    }
  })

  it('is told in one line that serve cannot run there, and how it can', async () => {
    const ran = await node([built.command, 'serve', '--port', '0'], { root: makeRoot(sampleFiles) })
    expect([ran.code, ran.stdout, ran.stderr.trimEnd().split('\n').length]).toEqual([1, '', 1])
    expect(ran.stderr).toMatch(/^error: the HTTP server \(Fastify\) makes code .* start serve without --disallow-code-/)
  })
})
