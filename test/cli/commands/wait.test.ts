// The option --wait of commands that change flags.
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from 'vitest'
import { createFeature } from '../../../lib/index.js'
import { silentLogger } from '../../../lib/log.js'
import { makeRoot } from '../../support/project.js'
import { createDatabase, startRedis, type TestDatabase } from '../../support/services.js'
import { run, sampleFiles } from '../run.js'

let database: TestDatabase
let redis: Awaited<ReturnType<typeof startRedis>>
let root: string

beforeAll(async () => {
  database = await createDatabase()
  redis = await startRedis()
})
afterAll(async () => {
  await database.close()
  await redis.stop()
})
beforeEach(async () => {
  root = makeRoot(sampleFiles)
  await database.query('delete from features')
})

const shared = () => ({ databaseUrl: database.url, redisUrl: redis.url, env: 'staging', namespace: 'wait' })

function set(...argv: readonly string[]) {
  return run(['set', ...argv, '--wait'], { root, options: shared() })
}

async function startProcess(): Promise<void> {
  const feature = createFeature({ ...shared(), root, logger: silentLogger, diskFile: false, pollIntervalMs: 3_600_000 })
  onTestFinished(() => feature.stop())
  await feature.start()
  await expect.poll(() => feature.status().warnings, { timeout: 20_000 }).toEqual([])
}

it('--wait says how many processes have the change', async () => {
  await startProcess()
  expect(await set('dark_mode', 'true')).toEqual({
    code: 0,
    stdout: 'dark_mode: on for everybody\n1 process has it\n',
    stderr: '',
  })
  await startProcess()
  const { stdout } = await set('dark_mode', 'false', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ name: 'dark_mode', state: 'off', confirmed_by: 2 })
})

it('--wait waits for a change that was stored before, too', async () => {
  await startProcess()
  await set('dark_mode', 'true')
  expect(await set('dark_mode', 'true')).toEqual({
    code: 0,
    stdout: 'dark_mode: on for everybody\n1 process has it\n',
    stderr: 'Nothing changed: this is what was stored already.\n',
  })
})

it('--wait says that there was no process to wait for', async () => {
  const { code, stdout, stderr } = await set('dark_mode', 'true', '--json')
  expect([code, JSON.parse(stdout).confirmed_by]).toEqual([0, 0])
  expect(stderr).toBe(
    'note: no other process that reads this database is connected to this Redis; ' +
      'are DATABASE_URL and REDIS_URL those of the application?\n',
  )
})

it('--wait says which processes have the change and which lag', async () => {
  await startProcess()
  const client = new Redis(redis.url)
  const [members = ''] = await client.keys('sluice:3:*:members')
  await client.zadd(members, Date.now(), 'frozen:1')
  const { code, stdout, stderr } = await set('dark_mode', 'true')
  await client.zrem(members, 'frozen:1')
  await client.quit()
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toBe(
    'error: the change is stored, and 1 process has it, but one process did not confirm it in time: frozen:1; look at that process, which gets it with the next poll\n',
  )
})
