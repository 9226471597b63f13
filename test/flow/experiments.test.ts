// Experiments on Postgres: processes that agree, and a database that is away, or without the table, or without the rights.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFeature, FeatureGate, type FeatureFlags } from '../../lib/index.js'
import { migrate } from '../../lib/store/migrations/migrate.js'
import { compiledProgram } from '../faults/program.js'
import { createProject, type TestProject } from '../support/project.js'
import { type RecordingLogger, recordingLogger } from '../support/recording-logger.js'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { startTcpProxy } from '../support/tcp-proxy.js'

class User extends FeatureGate('User') {}
const red = { control: 0, red: 100 } as const
const blue = { control: 0, red: 0, blue: 100 } as const

let project: TestProject
let database: TestDatabase
let logger: RecordingLogger
const opened: FeatureFlags[] = []

beforeEach(async () => {
  project = await createProject()
  await project.define('colours', { type: 'experiment' })
  database = await createDatabase()
  logger = recordingLogger()
})
afterEach(async () => {
  for (const feature of opened.splice(0)) await feature.stop()
  await project.close()
  await database.close()
})

async function open(databaseUrl = database.url): Promise<FeatureFlags> {
  const feature = createFeature({
    root: project.root,
    env: 'staging',
    databaseUrl,
    logger,
    diskFile: false,
    listen: false,
  })
  opened.push(feature)
  await feature.start()
  return feature
}

/** Asks until the answer is kept: on a machine that is busy, the first answers may come later than 50 ms. */
async function keptVariant(feature: FeatureFlags, actor: User, variants: Record<string, number>): Promise<string> {
  return expect
    .poll(
      async () => {
        const result = await feature.experiment('colours', { actor, variants })
        return result.sticky ? result.variant : null
      },
      { timeout: 20_000 },
    )
    .not.toBeNull()
    .then(async () => (await feature.experiment('colours', { actor, variants })).variant)
}

/** Without those of answers that are late, as on a machine that is busy. */
const warnings = () => logger.lines.filter(({ fields, message }) => message.includes('not kept') && 'code' in fields)

describe('ten processes', { timeout: 60_000 }, () => {
  it('that assign the same new actors at once, with weights that differ, agree', async () => {
    const feature = await open()
    await feature.enable('colours')
    const script = `
      import { Feature } from ${JSON.stringify(compiledProgram('library'))}
      await Feature.start({ root: ${JSON.stringify(project.root)}, databaseUrl: ${JSON.stringify(database.url)}, env: 'staging', logger: false, diskFile: false, listen: false })
      const red = Number(process.argv[2])
      const ask = async (id) => {
        for (let time = 0; time < 400; time++) {
          const { variant, sticky } = await Feature.experiment('colours', { actor: { flipperId: 'User:' + id }, variants: { red, blue: 100 - red } })
          if (sticky) return variant
          await new Promise((resolve) => setTimeout(resolve, 50))
        }
        return 'not kept'
      }
      const variants = await Promise.all(Array.from({ length: 100 }, (_, id) => ask(id)))
      console.log(variants.join(' '))
      await Feature.stop()`
    const file = join(project.root, 'assign.mjs')
    writeFileSync(file, script)
    const { PATH, HOME } = process.env
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) => {
        const child = spawn(process.execPath, [file, String(index % 2 === 0 ? 100 : 0)], {
          env: { PATH, HOME },
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        return text(child.stdout)
      }),
    )
    expect(new Set(answers).size).toBe(1)
    expect(new Set(answers[0]?.trim().split(' '))).not.toContain('not kept')
    expect(await database.query('select count(*)::int as count from feature_assignments')).toEqual([{ count: 100 }])
  })
})

describe('on Postgres', { timeout: 60_000 }, () => {
  it('an actor stays where it is when weights change, in another process too, until the flag is deleted', async () => {
    const [one, two] = [await open(), await open()]
    await one.enable('colours')
    await two.refresh()
    expect(await keptVariant(one, new User(1), red)).toBe('red')
    expect(await keptVariant(two, new User(1), blue)).toBe('red')
    const rows = await database.query('select experiment, variant, actor::text from feature_assignments')
    expect(rows).toEqual([{ experiment: 'colours', variant: 'red', actor: expect.stringMatching(/^[0-9a-f-]{36}$/) }])
    await one.remove('colours')
    expect(await database.query('select from feature_assignments')).toEqual([])
    // The other process does not know yet that the flag is gone.
    expect(await two.experiment('colours', { actor: new User(2), variants: red })).toMatchObject({ sticky: false })
    expect(await database.query('select from feature_assignments')).toEqual([])
  })

  it('deletes the rows of a flag in slices', async () => {
    const feature = await open()
    await feature.enable('colours')
    await database.query(
      `insert into feature_assignments (actor, experiment, variant)
      select gen_random_uuid(), case when n <= 12000 then 'colours' else 'other' end, 'red' from generate_series(1, 12100) n`,
    )
    await feature.remove('colours')
    expect(await database.query('select count(*)::int as count from feature_assignments')).toEqual([{ count: 100 }])
  })

  it('reads an actor by the key', async () => {
    await database.query(
      `insert into feature_assignments (actor, experiment, variant)
      select gen_random_uuid(), 'colours', 'red' from generate_series(1, 5000)`,
    )
    await database.query('analyze feature_assignments')
    const plan = await database.query(
      `explain select * from feature_assignments where actor = any('{8c1f5a0e-7d3b-4f43-9a53-2b8c0a8de0a1}'::uuid[])`,
    )
    expect(JSON.stringify(plan)).toContain('feature_assignments_pkey')
  })

  it('computes while the database does not answer, waits no longer than it may, and keeps again afterwards', async () => {
    const proxy = await startTcpProxy(Number(new URL(database.url).port))
    const url = new URL(database.url)
    url.port = String(proxy.port)
    const feature = await open(url.href)
    try {
      await feature.enable('colours')
      expect(await keptVariant(feature, new User(1), red)).toBe('red')
      proxy.onRequest = () => 'swallow'
      for (let id = 2; id < 6; id++) {
        const result = await feature.experiment('colours', { actor: new User(id), variants: red })
        expect(result).toMatchObject({ variant: 'red', sticky: false })
      }
      expect(logger.lines.filter(({ message }) => message.includes('not kept')).length).toBeGreaterThan(0)
      proxy.onRequest = () => 'pass'
      proxy.cut()
      expect(await keptVariant(feature, new User(2), red)).toBe('red')
    } finally {
      await feature.stop()
      await proxy.close()
    }
  })

  it.each([
    ['without the table', 'drop table feature_assignments', 'migrate'],
    ['without the right to read it', 'revoke all on feature_assignments from ROLE', 'migrate --grant ROLE'],
    ['without the right to write it', 'revoke insert on feature_assignments from ROLE', 'migrate --grant ROLE'],
  ])('%s it computes, with one warning, and keeps once that is mended', async (_, spoil, remedy) => {
    const role = `role_${process.pid}_${Date.now()}`
    await database.query(`create role ${role} login`)
    try {
      const connection = { connectionString: database.url }
      const tables = { features: 'features', gates: 'feature_gates' }
      await migrate({ connection, tables, grant: role })
      await database.query(spoil.replace('ROLE', role))
      const url = new URL(database.url)
      url.username = role
      const feature = await open(url.href)
      await feature.enable('colours')
      for (let id = 1; id < 5; id++) {
        const result = await feature.experiment('colours', { actor: new User(id), variants: red })
        expect(result).toMatchObject({ variant: 'red', sticky: false })
      }
      // On a machine that is busy, the refusal comes after the answers: they are given within 50 ms.
      const told = async () => {
        await feature.experiment('colours', { actor: new User(5), variants: red })
        return warnings().length
      }
      await expect.poll(told, { timeout: 20_000 }).toBeGreaterThan(0)
      await feature.remove('colours')
      await feature.enable('colours')
      // A database that answers late is refused late, too.
      await expect.poll(() => warnings().length, { timeout: 20_000 }).toBe(1)
      expect(JSON.stringify(warnings()[0]?.fields)).toContain(remedy)
      await migrate({ connection, tables, grant: role })
      await feature.stop()
      await feature.start()
      expect(await keptVariant(feature, new User(1), red)).toBe('red')
    } finally {
      for (const feature of opened.splice(0)) await feature.stop()
      await database.query(`drop owned by ${role}; drop role ${role}`)
    }
  })
})
