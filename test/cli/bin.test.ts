// The program bin/feature-flag as users start it.
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyMadeDatabase } from '../support/made-database.js'
import { makeRoot } from '../support/project.js'
import { createDatabase, type TestDatabase } from '../support/services.js'
import { type Built, build, runBuilt, start } from './built.js'
import { definition, sampleFiles } from './run.js'

let built: Built
let database: TestDatabase

beforeAll(async () => {
  built = build()
  database = await createDatabase()
})
afterAll(async () => {
  await database.close()
})

const env = () => ({ DATABASE_URL: database.url })

describe('bin/feature-flag', () => {
  it('ends with the exit code of the command', async () => {
    const root = makeRoot(sampleFiles)
    expect(await runBuilt(built, ['--help'], { root })).toMatchObject({ code: 0, stderr: '' })
    expect(await runBuilt(built, ['set', 'dark_mode', '25'], { root })).toMatchObject({ code: 2, stdout: '' })
    expect(await runBuilt(built, ['get', 'nothing'], { root, env: env() })).toMatchObject({ code: 1, stdout: '' })
    expect(await runBuilt(built, ['set', 'dark_mode', 'true'], { root, env: env() })).toMatchObject({
      code: 0,
      stdout: 'dark_mode: on for everybody\n',
    })
  })

  it('creates a definition from piped answers', async () => {
    const root = makeRoot()
    const ran = await runBuilt(built, ['my_flag'], { root, input: 'group::apm\n\n\n' })
    expect([ran.code, ran.stdout.split('\n')[0]]).toEqual([0, 'create config/feature_flags/development/my_flag.yml'])
    expect(readdirSync(join(root, 'config/feature_flags/development'))).toEqual(['my_flag.yml'])
  })

  it('compiles the embedded Postgres once: compiling it again to faster code took longer than the command', async () => {
    const root = makeRoot(sampleFiles)
    await copyMadeDatabase(root)
    const traced = ['--trace-wasm-compilation-times', built.command, 'set', 'dark_mode', 'true']
    const { stdout, status } = spawnSync(process.execPath, traced, {
      cwd: root,
      env: { PATH: process.env['PATH'] },
      encoding: 'utf8',
      maxBuffer: 2 ** 27,
    })
    expect(status).toBe(0)
    expect(stdout).toContain('using Liftoff')
    expect(stdout).not.toContain('using TurboFan')
  })

  it('is called npx feature-flag in help and messages where it is a package of the project', async () => {
    const root = makeRoot({ 'node_modules/.bin/empty': '' })
    const command = join(root, 'node_modules/.bin/feature-flag')
    symlinkSync(built.command, command)
    for (const argv of [['set', '--help'], ['enable'], ['get', 'unheard_of']]) {
      const { stdout, stderr } = await runBuilt({ ...built, command }, argv, { root, env: env() })
      expect(stdout + stderr).toContain('npx feature-flag')
      expect(stdout + stderr).not.toContain('bin/feature-flag')
    }
  })

  it('says what to run where it is not built', async () => {
    const root = makeRoot({ 'package.json': '{"type":"module"}' })
    cpSync(join(built.folder, 'bin'), join(root, 'bin'), { recursive: true })
    const ran = await runBuilt({ ...built, command: join(root, 'bin', 'feature-flag') }, ['list'], { root })
    expect([ran.code, ran.stdout]).toEqual([1, ''])
    expect(ran.stderr).toContain('npm run build')
  })

  it('logs changes as JSON on stderr, where no terminal is', async () => {
    const root = makeRoot(sampleFiles)
    const ran = await runBuilt(built, ['set', 'dark_mode', 'false', '--reason', 'off again'], { root, env: env() })
    expect(JSON.parse(ran.stderr)).toMatchObject({
      key: 'dark_mode',
      action: 'disable',
      source: 'cli',
      reason: 'off again',
    })
  })

  it('ends quietly when the reader of its output leaves early', async () => {
    const files = Array.from({ length: 2_000 }, (_, index) => `flag_${index}`)
    const root = makeRoot(
      Object.fromEntries(files.map((name) => [`config/feature_flags/development/${name}.yml`, definition(name)])),
    )
    const command = `"${process.execPath}" "${built.command}" list --json; echo "code $?" >&2`
    const shell = spawn('sh', ['-c', `{ ${command}; } | head -c 10`], { cwd: root, env: { ...process.env, ...env() } })
    let stderr = ''
    shell.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk
    })
    await new Promise((done) => shell.on('close', done))
    expect(stderr.trim()).toBe('code 0')
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends in order at %s', async (signal, code) => {
    const started = start(built, ['console'], { root: makeRoot(sampleFiles), env: env() })
    started.child.stdin.write('"ready"\n')
    await started.shows("'ready'")
    started.child.kill(signal)
    expect(await started.ended).toMatchObject({ code, signal: null })
  })
})
