// The command open, beside a server of the same database on a port of its own.
import { rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createInstance } from '../../../lib/instance/create.js'
import type { Instance } from '../../../lib/instance/instance.js'
import { silentLogger } from '../../../lib/log.js'
import { buildApp } from '../../../lib/server/app.js'
import { makeFolder } from '../../support/project.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'
import { signIn } from '../../support/signed-in.js'
import { run } from '../run.js'

const root = makeFolder({})
let database: TestDatabase
let instance: Instance
let app: Awaited<ReturnType<typeof buildApp>>
let port = 0

beforeAll(async () => {
  database = await createDatabase()
  const options = { root, env: 'test', databaseUrl: database.url, diskFile: false as const, logger: silentLogger }
  instance = createInstance(options, { author: 'code:test', source: 'http', watch: false })
  await instance.feature.start()
  app = await buildApp({ instance, logger: silentLogger })
  await app.listen({ host: '127.0.0.1', port: 0 })
  port = (app.server.address() as AddressInfo).port
})
afterAll(async () => {
  await app.close()
  await instance.feature.stop()
  await database.close()
  rmSync(root, { recursive: true, force: true })
})

const open = (argv: readonly string[], options: object = {}, env: NodeJS.ProcessEnv = {}) =>
  run(['open', ...argv], { root, options: { databaseUrl: database.url, ...options }, env })

const codeIn = (url: string) => /#code=([\w-]{43})$/.exec(url)?.[1] ?? ''

describe('open', () => {
  it('finds the server of its database by PORT, and prints a link that signs in once', async () => {
    const { code, stdout, stderr } = await open([], {}, { PORT: String(port) })
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/^Good once, until \S+; it signs in cli:\S+ \(scope admin\)\.\n$/),
    ])
    expect(stdout).toMatch(new RegExp(`^http://127\\.0\\.0\\.1:${port}/sign-in#code=[\\w-]{43}\n$`))
    const given = { code: codeIn(stdout.trim()) }
    expect((await signIn(app, given)).session).toMatchObject({ name: expect.stringMatching(/^cli:/), role: 'admin' })
    await expect(signIn(app, given)).rejects.toThrow('401')
  })

  it('asks the server that is named, for fewer rights, as JSON', async () => {
    const { code, stdout, stderr } = await open(['--url', `http://localhost:${port}`, '--scope', 'read', '--json'])
    const link: { readonly url: string; readonly expires_at: string } = JSON.parse(stdout)
    expect([code, stderr, link]).toEqual([
      0,
      '',
      {
        url: expect.any(String),
        person: expect.stringMatching(/^cli:/),
        scopes: ['read'],
        expires_at: expect.any(String),
      },
    ])
    expect(link.url.startsWith(`http://localhost:${port}/sign-in#code=`)).toBe(true)
    expect(Math.round((Date.parse(link.expires_at) - Date.now()) / 60_000)).toBe(10)
    expect((await signIn(app, { code: codeIn(link.url) })).session).toMatchObject({ role: 'read', scopes: ['read'] })
  })

  it('leads to publicUrl, and says where that does not answer from here', async () => {
    const { code, stdout, stderr } = await open([], { publicUrl: 'https://flags.invalid' })
    expect([code, stderr.split('\n')[0]]).toEqual([
      0,
      'note: https://flags.invalid, the publicUrl of the configuration, does not answer from here',
    ])
    expect(stdout).toMatch(/^https:\/\/flags\.invalid\/sign-in#code=/)
  })

  it('makes no link where there is no server, or one of another kind or database', async () => {
    const refused = async (argv: readonly string[], options: object = {}) => {
      const { code, stdout, stderr } = await open(argv, options, { PORT: '1' })
      expect([code, stdout]).toEqual([1, ''])
      return stderr
    }
    expect(await refused([])).toMatch(/^error: no server of this database answers on .* --url, or set publicUrl /)
    expect(await refused(['--url', 'http://127.0.0.1:1'])).toMatch(
      /^error: no server answers at "http:\/\/127\.0\.0\.1:1"; /,
    )
    const other = await createDatabase()
    expect(await refused(['--url', `http://127.0.0.1:${port}`], { databaseUrl: other.url })).toContain(
      'has another database',
    )
    await other.close()
    expect(await refused([], { databaseUrl: 'memory' })).toContain('serve prints such a link')
    const rows = await database.query('select 1 from feature_sessions where kind = $1 and scopes = $2', [
      'code',
      ['write'],
    ])
    expect(rows).toEqual([])
  })

  it('names the command that gives the rights, where the login of an application runs it', async () => {
    const role = `open_${process.pid}_${port}`
    await database.query(
      `create role ${role} login; grant select on all tables in schema public to ${role}; grant usage on schema public to ${role}`,
    )
    const own = database.url.replace(/\/\/[^@]*@/, `//${role}@`)
    const { code, stdout, stderr } = await open([], { databaseUrl: own }, { PORT: String(port) })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/may not keep sign-ins.*migrate --grant-server ROLE/s)
    await database.query(`drop owned by ${role}; drop role ${role}`)
  })
})
