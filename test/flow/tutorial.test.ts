// The tutorial, from nothing to a page: a project, four flags, the values of Configure, and two pages that read them: the demo's own by
// Unleash's SDK for Node, and the one in Python. The server is in this process, on a Postgres of its own.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { demoFlags } from '../../demo/flags.js'
import type { PageState } from '../../demo/page.js'
import { servePage } from '../../demo/server.js'
import type { Settings } from '../../demo/settings.js'
import { connectUnleash } from '../../demo/unleash.js'
import type { FeatureFlags } from '../../lib/feature/feature.js'
import { createInstance } from '../../lib/instance/create.js'
import { silentLogger } from '../../lib/log.js'
import { buildApp } from '../../lib/server/app.js'
import { run } from '../cli/run.js'
import { makeFolder, makeRoot } from '../support/project.js'
import { createDatabase, type TestDatabase } from '../support/services.js'

const demo = join(import.meta.dirname, '../../demo')
const standIn = join(import.meta.dirname, '../fixtures/python')
/** Shortened from the tutorial's 15 s. */
const intervalMs = 100
const users = Array.from({ length: 200 }, (_, index) => String(index + 1))
const python = pythonWithFlask()

let database: TestDatabase
let feature: FeatureFlags
let server: FastifyInstance
let settings: Settings
const root = makeFolder()

beforeAll(async () => {
  database = await createDatabase()
  const options = { root, env: 'test', databaseUrl: database.url, diskFile: false, logger: silentLogger } as const
  const instance = createInstance(options, { author: 'code:test', source: 'http', watch: false })
  feature = instance.feature
  await feature.start()
  server = await buildApp({ instance, logger: silentLogger })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  await commandLine('create', 'demo')
  for (const { name } of demoFlags) await commandLine('set', 'demo', name, 'on', '--env', '*', '--all')
  const values = JSON.parse(await commandLine('configure', 'demo', '--url', url, '--json'))
  settings = { url: values.api_url, instanceId: values.instance_id, appName: 'production' }
})

afterAll(async () => {
  await server.close()
  await feature.stop()
  await database.close()
  rmSync(root, { recursive: true, force: true })
})

async function commandLine(...argv: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(['project', ...argv], { root, options: { databaseUrl: database.url } })
  expect([code, stderr], argv.join(' ')).toMatchObject([0, expect.anything()])
  return stdout
}

const set = (flag: string, ...rest: string[]) => commandLine('set', 'demo', flag, ...rest)
const until = (condition: () => boolean | Promise<boolean>) =>
  vi.waitUntil(condition, { timeout: 20_000, interval: 20 })

/** The page of the demo, with the SDK's clock shortened. */
async function startPage() {
  const source = await connectUnleash(
    settings,
    { refreshMs: intervalMs, metricsMs: 60_000, patienceMs: 5_000 },
    { refused: () => {}, trouble: () => {} },
  )
  const page = await servePage(source, { port: 0, orNext: false })
  onTestFinished(async () => {
    await page.close()
    await source.close()
  })
  return { source, url: page.url }
}

/** What the cards of a page say: name, state in a word, and why. */
async function cardsOf(url: string, user = '1'): Promise<readonly (readonly string[])[]> {
  const html = await (await fetch(`${url}/?user=${encodeURIComponent(user)}`)).text()
  const cards = html.matchAll(/data-flag="(\w+)"[\s\S]*?class="word">(\w+)<[\s\S]*?class="why">([^<]*)</g)
  return [...cards].map(([, ...card]) => card)
}

describe('the tutorial', () => {
  it('ends with a page on which all four flags are on, and dark once dark_mode is', async () => {
    const { url } = await startPage()
    expect(await cardsOf(url)).toEqual(demoFlags.map(({ name }) => [name, 'On', 'For all users.']))
    const classes = async () => /<body class="([^"]*)"/.exec(await (await fetch(url)).text())?.[1]?.split(' ') ?? []
    await set('dark_mode', 'off')
    await until(async () => !(await classes()).includes('dark_mode'))
    await set('dark_mode', 'on')
    await until(async () => (await classes()).includes('dark_mode'))
  })

  it('rolls new_layout out: two users, 10 %, 30 %, all, and off; no user loses it on the way', async () => {
    const { source } = await startPage()
    const flag = demoFlags.find(({ name }) => name === 'new_layout') ?? expect.fail('the flag is gone')
    const have = () => users.filter((user) => source.isEnabled(flag, user))
    await set('new_layout', '--env', '*', '--users', '3,7')
    await until(() => have().join() === '3,7')

    await set('new_layout', '--env', '*', '--percent', '10')
    await until(() => have().length > 2)
    const ten = have()
    await set('new_layout', '--env', '*', '--percent', '30')
    await until(() => have().length > ten.length)
    const thirty = have()
    expect(thirty).toEqual(expect.arrayContaining(ten))
    expect([ten.length / 2, thirty.length / 2]).toEqual([expect.closeTo(10, -1), expect.closeTo(30, -1)])

    await set('new_layout', '--env', '*', '--all')
    await until(() => have().length === users.length)
    // Within one interval: each question that begins after the change has it, and of two answers the second one began after it.
    await set('new_layout', 'off')
    const answers = new Set<number>()
    await until(() => answers.add(Number(source.freshness().asOf)).size > 2)
    expect(have()).toEqual([])
    await set('new_layout', 'on')
  })
})

/** A python3 that has Flask; null where there is none. */
function pythonWithFlask(): string | null {
  for (const program of ['python3', '/usr/bin/python3']) {
    try {
      execFileSync(program, ['-c', 'import flask'], { stdio: 'ignore' })
      return program
    } catch {
      // This one is not there, or has no Flask.
    }
  }
  return null
}

interface PythonPage {
  readonly process: ChildProcess
  readonly stderr: () => string
}

/** demo/python/app.py with these variables, in a shell command; ended when the test ends. */
function startPython(command: string, cwd: string, env: Readonly<Record<string, string>>): PythonPage {
  const child = spawn('sh', ['-c', command], {
    cwd,
    env: { PATH: process.env['PATH'], PYTHONPATH: standIn, PYTHONDONTWRITEBYTECODE: '1', PORT: '0', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  return { process: child, stderr: () => stderr }
}

const app = `exec ${python ?? 'python3'} ${join(demo, 'python/app.py')}`
const needs = 'needs python3 with Flask (Debian: python3-flask)'

describe.skipIf(python === null)(`the page in Python (${needs})`, () => {
  it('has the cards of the page in Node, and changes with them', async () => {
    // The tutorial's way: a copy of the example, filled in, and all of its variables set at once.
    const folder = makeRoot()
    const example = readFileSync(join(demo, 'python/.env.example'), 'utf8')
    const filled = example
      .replace(/UNLEASH_URL=.*/, `UNLEASH_URL=${settings.url}`)
      .replace('_ID=', `_ID=${settings.instanceId}`)
    writeFileSync(join(folder, '.env'), filled)
    const { stderr } = startPython(`export $(grep -v '^#' .env | xargs) && ${app}`, folder, {
      UNLEASH_TEST_INTERVAL: '0.1',
    })
    const address = () => /Running on (http:\S+)/.exec(stderr())?.[1]
    await until(() => address() !== undefined)
    const url = address() ?? ''
    const node = await startPage()
    await set('new_layout', '--env', '*', '--users', '7')
    await set('fun_fonts', '--env', '*', '--percent', '30', '--by', 'userId')
    await until(async () => (await cardsOf(url))[3]?.[2] === 'For 30 % of users by user ID.')
    await until(() => node.source.audiences(demoFlags[3] ?? expect.fail())?.[0]?.kind === 'share')
    for (const user of users.slice(0, 20)) expect(await cardsOf(url, user), user).toEqual(await cardsOf(node.url, user))

    const response = await fetch(`${url}/?user=${encodeURIComponent('<script>alert(1)</script>')}`)
    expect(response.headers.get('content-security-policy')).toContain("script-src 'self'; style-src 'self'")
    const html = await response.text()
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(html).not.toContain('<script>')
    expect(html).toContain('data-refresh-seconds="30"')
    const state = async (page: string): Promise<PageState> =>
      JSON.parse(await (await fetch(`${page}/state.json?user=7`)).text())
    const { askedAt, source, ...shown } = await state(url)
    expect(await state(node.url)).toMatchObject(shown)
    expect([source, askedAt]).toEqual([
      'UnleashClient, environment "production"',
      expect.stringMatching(/^\d{4}-.*T.*\+00:00$/),
    ])
    expect(stderr()).not.toMatch(/features: |register: /)
  })

  it.each([
    [{}, 'ERROR: UNLEASH_URL and UNLEASH_INSTANCE_ID must be set. Copy .env.example to .env'],
    [{ UNLEASH_URL: 'http://127.0.0.1:9' }, 'ERROR: UNLEASH_INSTANCE_ID must be set. Copy .env.example to .env'],
    [{ UNLEASH_URL: 'flags', UNLEASH_INSTANCE_ID: 'x' }, 'ERROR: UNLEASH_URL is "flags", which is no URL.'],
  ])('ends with a sentence where settings are missing or wrong: %o', async (env, sentence) => {
    const { process: child, stderr } = startPython(app, root, env)
    expect(await once(child, 'close')).toEqual([1, null])
    expect(stderr()).toContain(sentence)
  })
})
