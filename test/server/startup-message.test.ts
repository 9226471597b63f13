// The welcome that the server prints when it starts.
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createInstance } from '../../lib/instance/create.js'
import { parseToken } from '../../lib/tokens/tokens.js'
import { shellNote, startupMessage } from '../../lib/server/startup-message.js'
import { migrate } from '../../lib/store/migrations/migrate.js'
import type { FeatureOptions } from '../../lib/config/options.js'
import { signIn } from '../support/signed-in.js'
import { createDatabase } from '../support/services.js'
import { recordingLogger } from '../support/recording-logger.js'
import { makeProject, startApp } from './support.js'

const url = 'http://127.0.0.1:4242'

function makeClone(name = 'clone'): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-welcome-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const cwd = join(folder, name)
  mkdirSync(join(cwd, 'bin'), { recursive: true })
  writeFileSync(join(cwd, 'bin/feature-flag'), '')
  return cwd
}

async function startOn(databaseUrl: string, root: string) {
  const instance = createInstance({ root, env: 'test', databaseUrl, diskFile: false, logger: recordingLogger() })
  await instance.feature.start()
  onTestFinished(() => instance.feature.stop())
  return instance
}

describe('the welcome', () => {
  it('shows an admin token that works, the first time only', async () => {
    const cwd = makeClone()
    const instance = await startOn('memory', cwd)
    const around = { cwd, env: {}, terminal: false }

    const first = await startupMessage(instance, url, around)
    const second = await startupMessage(instance, url, around)

    expect(first).toEqual([
      `Sluice is listening on ${url}`,
      expect.stringMatching(/^Admin token: slc-/),
      `Console, from a second terminal: cd ${cwd} && bin/feature-flag console`,
    ])
    expect(second[1]).toBe(`For another admin token: cd ${cwd} && bin/feature-flag token create --name NAME`)
    const { id } = parseToken(first[1]?.replace('Admin token: ', '') ?? '') ?? {}
    expect(await instance.tokens.list()).toMatchObject([{ id, name: 'first-admin', scopes: ['admin'] }])
  })

  it('shows another token where no admin token is valid any longer', async () => {
    const { instance } = await startApp()
    const around = { cwd: makeClone(), env: {}, terminal: false }
    expect((await startupMessage(instance, url, around))[1]).toMatch(/^For another admin token/)

    await instance.tokens.revoke('ci')

    expect((await startupMessage(instance, url, around))[1]).toMatch(/^Admin token: slc-/)
  })

  it('names in the command what another terminal does not have, quoted for a shell', async () => {
    const cwd = makeClone("it's here")
    const instance = await startOn('memory', makeProject())
    const env = { NODE_ENV: 'production', DATABASE_URL: 'postgres://app@db/main?sslmode=require&x=1' }

    const lines = await startupMessage(instance, url, { cwd, env, terminal: false })

    const quoted = `'${cwd.replace("'", `'\\''`)}'`
    expect(lines.at(-1)).toBe(
      `Console, from a second terminal: cd ${quoted} && NODE_ENV=production ` +
        `DATABASE_URL='postgres://app@db/main?sslmode=require&x=1' bin/feature-flag --root ${instance.config.root} console`,
    )
  })

  it.each(['postgres://app:hunter2@db/main', 'postgres://app@db/main?password=hunter2'])(
    'never prints a password: %s',
    async (databaseUrl) => {
      const instance = await startOn('memory', makeProject())

      const lines = await startupMessage(instance, url, {
        cwd: makeClone(),
        env: { DATABASE_URL: databaseUrl },
        terminal: true,
      })

      expect(lines.join('\n')).not.toContain('hunter2')
      expect(lines.join('\n')).toContain('DATABASE_URL=postgres://app@db/main bin/feature-flag')
      expect(lines.at(-1)).toBe('(add the password to DATABASE_URL there, or set PGPASSWORD)')
    },
  )

  it('on a Postgres shows a token to a person only, and says so where there is no table for it', async () => {
    const database = await createDatabase()
    const empty = await createDatabase({ migrated: false })
    const [instance, unmigrated] = [await startOn(database.url, makeProject()), await startOn(empty.url, makeProject())]
    const cwd = makeClone()

    const machine = await startupMessage(instance, url, { cwd, env: {}, terminal: false })
    const person = await startupMessage(instance, url, { cwd, env: {}, terminal: true })
    const nobody = await startupMessage(unmigrated, url, { cwd, env: {}, terminal: true })

    expect(machine[1]).toMatch(/^For an admin token: cd .* token create --name NAME$/)
    expect(person[1]).toMatch(/^Admin token: slc-/)
    expect(nobody[1]).toMatch(/^There is no table for tokens yet: cd .* migrate, then cd .* token create --name NAME$/)
    await Promise.all([instance.feature.stop(), unmigrated.feature.stop()])
    await Promise.all([database.close(), empty.close()])
  })

  it('asks for the login of the owner where this one may not make tokens', async () => {
    const database = await createDatabase()
    const role = `role_${randomUUID().replaceAll('-', '')}`
    await database.query(`create role ${role} login`)
    const tables = { features: 'features', gates: 'feature_gates' }
    await migrate({ connection: { connectionString: database.url }, tables, grant: role })
    const own = database.url.replace(/\/\/[^@]*@/, `//${role}@`)
    const instance = await startOn(own, makeProject())

    const lines = await startupMessage(instance, url, {
      cwd: makeClone(),
      env: { DATABASE_URL: own.replace('@', ':SECRET@') },
      terminal: true,
    })

    const owners = database.url.replace(/\/\/[^@]*@/, '//OWNER@')
    expect(lines[1]).toContain('For an admin token, with the login of the owner of the tables in DATABASE_URL: cd ')
    expect(lines[1]).toContain(`DATABASE_URL=${owners} bin/feature-flag`)
    expect(lines.join('\n')).not.toContain('SECRET')
    await instance.feature.stop()
    await database.query(`drop owned by ${role}; drop role ${role}`)
    await database.close()
  })

  it.each([`'postgres://app:SECRET@db/main'`, 'postgres://app:SEC/RET@db/main', 'app:SECRET@db'])(
    'leaves a DATABASE_URL out that it does not understand: %s',
    async (databaseUrl) => {
      const instance = await startOn('memory', makeProject())
      const around = { cwd: makeClone(), env: { DATABASE_URL: databaseUrl }, terminal: true }
      expect((await startupMessage(instance, url, around)).join('\n')).not.toMatch(/SEC|RET/)
    },
  )
})

describe('the link that signs a person in', () => {
  const around = (more: { terminal?: boolean; hasPage?: boolean } = {}) => ({
    cwd: makeClone(),
    env: {},
    terminal: false,
    hasPage: true,
    ...more,
  })
  const start = async (feature: FeatureOptions = {}) => (await startApp({ feature })).instance

  it('is there for a person who sees it and at home, works once, and only where the server has a page', async () => {
    const { app, instance } = await startApp()
    const [, line = ''] = await startupMessage(instance, url, around())
    expect(line).toMatch(
      /^Page, signed in once within ten minutes: http:\/\/127\.0\.0\.1:4242\/sign-in#code=[\w-]{43}$/,
    )
    const { session } = await signIn(app, { code: line.slice(-43) })
    expect(session).toMatchObject({ name: expect.stringMatching(/^cli:/), role: 'admin' })
    expect((await startupMessage(instance, url, around({ hasPage: false }))).join('\n')).not.toContain('Page')
    expect((await startupMessage(instance, 'http://0.0.0.0:80', around()))[1]).toContain(' http://127.0.0.1/sign-in#')
    expect((await startupMessage(instance, 'http://10.0.0.9:80', around()))[1]).toMatch(
      /cannot sign in at .*; set publicUrl/,
    )
  })

  it('is in no log of production: there the command stands in its place', async () => {
    const command = /^For a link that signs you in to the page: cd \S+ && bin\/feature-flag( --root \S+)? open$/
    const production = await start({ env: 'production' })
    const publicUrl = await start({ publicUrl: 'https://flags.example.com' })
    for (const instance of [production, publicUrl])
      expect((await startupMessage(instance, url, around()))[1]).toMatch(command)
    const shown = await startupMessage(publicUrl, url, around({ terminal: true }))
    expect(shown[1]).toContain(' https://flags.example.com/sign-in#code=')
    expect((await startupMessage(production, url, around({ terminal: true })))[1]).toContain(`${url}/sign-in#code=`)
  })
})

describe('the note on signals', () => {
  const npm = { npm_config_user_agent: 'npm/11.19.1 node/v20.20.2' }
  const note = (env: NodeJS.ProcessEnv, terminal = false) => shellNote({ cwd: '/', env, terminal })

  it('says what a container starts where the server was started through npx', () => {
    expect(note({ ...npm, npm_command: 'exec', npm_lifecycle_script: "'feature-flag' serve" })).toBe(
      'this server was started through npx, and a SIGTERM to npx does not reach it; in a container or a service start ' +
        'node_modules/.bin/feature-flag serve',
    )
  })

  it('says how a script of package.json passes signals on', () => {
    expect(note({ ...npm, npm_command: 'start', npm_lifecycle_script: 'feature-flag serve' })).toContain(
      'started through npm, and a SIGTERM to npm does not reach it; in a container or a service start ' +
        'node_modules/.bin/feature-flag serve, or begin the script with "exec "',
    )
  })

  it.each([
    ['on a terminal, where Ctrl-C reaches every process', { ...npm, npm_lifecycle_script: 'x' }, true],
    ['where no npm is', {}, false],
    ['where the script begins with exec', { ...npm, npm_lifecycle_script: 'exec feature-flag serve' }, false],
    ['where another program runs the script', { npm_lifecycle_script: 'x', npm_config_user_agent: 'pnpm/10' }, false],
  ])('is silent %s', (_, env, terminal) => {
    expect(note(env, terminal)).toBeNull()
  })
})
