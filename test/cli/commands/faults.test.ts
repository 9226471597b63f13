// What commands say about a database that does not serve them: one fault, with the next step of the login that met it.
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeRoot } from '../../support/project.js'
import { recordingLogger } from '../../support/recording-logger.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'
import { run, sampleFiles } from '../run.js'

const commands: readonly (readonly string[])[] = [
  ['status'],
  ['list'],
  ['get', 'dark_mode'],
  ['set', 'dark_mode', 'true'],
  ['delete', 'dark_mode'],
  ['history', 'dark_mode'],
  ['export'],
  ['migrate'],
  ['token', 'list'],
  ['token', 'create', '--name', 'a'],
  ['token', 'revoke', 'a'],
]

let database: TestDatabase
let empty: TestDatabase
let app: string
let stranger: string
const as = (role: string, { url } = database) => url.replace(/\/\/[^@]*@/, `//${role}@`)

beforeAll(async () => {
  const name = () => `role_${randomUUID().replaceAll('-', '')}`
  app = name()
  stranger = name()
  database = await createDatabase()
  empty = await createDatabase({ migrated: false })
  await database.query(`create role ${app} login; create role ${stranger} login`)
  await database.query('revoke create on schema public from public')
})
afterAll(async () => {
  await database.query(`drop owned by ${app}, ${stranger}`)
  await database.query(`drop role ${app}, ${stranger}`)
  await database.close()
  await empty.close()
})

async function faultOf(argv: readonly string[], databaseUrl: string, terminal = false) {
  const logger = recordingLogger()
  const typed = terminal ? { typed: [] } : {}
  const ran = await run(argv, { root: makeRoot(sampleFiles), options: { databaseUrl, logger }, ...typed })
  const logged = logger.lines.filter(({ level }) => level === 'warn' || level === 'error')
  return { ...ran, logged, errors: ran.stderr.split('\n').filter((line) => line !== '') }
}

describe('a database that cannot be used', () => {
  it.each(commands.map((argv) => [argv.join(' '), argv] as const))('is one fault of %s', async (_what, argv) => {
    const down = 'postgres://me:SECRET@127.0.0.1:1/none'
    for (const more of argv[0] === 'export' || argv[0] === 'delete' ? [[]] : [[], ['--json']]) {
      const { code, errors, logged, stdout } = await faultOf([...argv, ...more], down)
      expect([code, errors.length, logged]).toEqual([1, 1, []])
      expect(errors[0]).toMatch(/^error: Postgres at "127\.0\.0\.1:1\/none" could not be reached/)
      expect(stdout + errors.join('')).not.toContain('SECRET')
    }
    const terminal = await faultOf(argv, down, true)
    expect([terminal.code, terminal.errors.length, terminal.logged]).toEqual([1, 1, []])
  })

  it('because its name is wrong, or it has no tables, is one fault with the remedy', async () => {
    const nowhere = await faultOf(['list'], `${database.url}x`)
    expect(nowhere.errors).toEqual([expect.stringMatching(/does not exist \(3D000\); create the database, or correct/)])
    const bare = await faultOf(['get', 'dark_mode'], empty.url)
    expect(bare.errors).toEqual([expect.stringMatching(/has no table "features"; run bin\/feature-flag migrate/)])
    const unknown = await faultOf(['list'], as('no_such_role'))
    expect(unknown.errors).toEqual([expect.stringMatching(/no_such_role.*; correct the user in DATABASE_URL/)])
    expect([nowhere.logged, bare.logged, unknown.logged]).toEqual([[], [], []])
  })
})

describe('the role of an application', () => {
  it('reads and writes after migrate --grant, and is told to use the login of the owner for tokens', async () => {
    expect(await faultOf(['migrate', '--grant', app], database.url)).toMatchObject({ code: 0, errors: [] })
    expect(await faultOf(['set', 'dark_mode', 'true'], as(app))).toMatchObject({ code: 0 })
    expect(await faultOf(['token', 'list'], as(app))).toMatchObject({ code: 0 })
    for (const argv of [
      ['token', 'create', '--name', 'a'],
      ['token', 'revoke', 'a'],
    ]) {
      const { code, errors } = await faultOf(argv, as(app))
      expect(code).toBe(1)
      expect(errors).toEqual([
        expect.stringMatching(
          /may not make or revoke tokens: permission denied.*login of the owner of the tables in DATABASE_URL$/,
        ),
      ])
    }
  })

  it('may run migrate where there is nothing to do, and cannot pass on rights that it does not own', async () => {
    expect(await faultOf(['migrate'], as(app))).toMatchObject({ code: 0, stdout: 'Already up to date.\n', errors: [] })
    const granted = await faultOf(['migrate', '--grant', stranger], as(app))
    expect([granted.code, granted.stdout]).toEqual([1, ''])
    expect(granted.errors.join('\n')).toMatch(/migrate with (?:a role that|the login of the owner)/)
  })

  it('without a right to our own tables is told which right is missing', async () => {
    await database.query(`grant select on features, feature_gates to ${stranger}`)
    for (const [argv, table] of [
      [['token', 'list'], 'feature_tokens'],
      [['history', 'dark_mode'], 'feature_history'],
    ] as const) {
      const { code, errors } = await faultOf(argv, as(stranger))
      expect(code).toBe(1)
      expect(errors.at(-1)).toMatch(
        new RegExp(`may not read the table "${table}".*migrate --grant ROLE with the login of the owner`),
      )
    }
  })
})
