// The console as users have it: what it evaluates may hold, throw or log text that steers terminals.
import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeRoot } from '../../support/project.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'
import { type Built, build, start } from '../built.js'
import { expectClean, expectHarmless, hostile } from '../hostile.js'
import { type OneProcess, startOneProcess } from '../one-process.js'
import { type Ran, sampleFiles } from '../run.js'

let built: Built
let one: OneProcess
let database: TestDatabase

beforeAll(async () => {
  built = build()
  one = await startOneProcess(built)
  database = await createDatabase()
})
afterAll(async () => {
  await one.close()
  await database.close()
})

const terminal =
  'data:text/javascript,for (const stream of [process.stdin, process.stdout, process.stderr]) stream.isTTY = true; process.stdout.columns = 200'

/** Runs a console on a pipe, or on a pipe that says that it is a terminal. What it shows depends on the store in one test only. */
function console_(input: string, isTerminal: boolean, env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const { PATH, HOME } = process.env
  const args = [...(isTerminal ? ['--import', terminal] : []), built.command, 'console']
  const child = spawn(process.execPath, args, {
    cwd: makeRoot(sampleFiles),
    env: { PATH, HOME, TERM: 'xterm-256color', DATABASE_URL: 'memory', ...env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  child.stdin.end(input)
  return new Promise((resolve) => child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr })))
}

/** Written with escapes only, so that typing it is harmless. */
const literal = JSON.stringify(hostile).replace(
  /[^\x20-\x7e]/g,
  (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
)

/** What readline itself writes to move the cursor and to erase, and the colours of inspect. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about
const editing = /\u001b\[(?:\d+G|[0-3]?[JK]|\d{1,2}m|\?2004[hl])|\r/g

const lines: readonly string[] = [
  // One console after the other may declare it, in one process.
  `var text = ${literal}`,
  'text',
  '[text, { [text]: text, at: new Map([[text, text]]) }]',
  'new (Object.defineProperty(class {}, "name", { value: text }))',
  'Symbol(text)',
  '({ [Symbol(text)]: 1 })',
  'Object.defineProperty(() => {}, "name", { value: text })',
  'new Error(text)',
  'new Error("outer", { cause: new Error(text) })',
  '({ [Symbol.for("nodejs.util.inspect.custom")]: () => text })',
  'console.log(text)',
  'console.error("%s", text)',
  'console.table([{ [text]: text }])',
  'await Feature.enable("dark_mode", User.find(text)); Feature.get("dark_mode")',
  'await Feature.disable("dark_mode", User.find(1), { reason: text }); await Feature.history({ feature: "dark_mode", limit: 9 })',
]

const failing: readonly string[] = [
  `throw new Error(${literal})`,
  `throw ${literal}`,
  `throw { message: ${literal} }`,
  `throw Object.assign(new Error("x"), { name: ${literal} })`,
  `await Promise.reject(new TypeError(${literal}))`,
  `Feature.enabled(${literal})`,
  `await Feature.enable(${literal})`,
  `await Project.findByPath(${literal})`,
  `Project.find({ toString: () => ${literal} })`,
  `Promise.reject(new Error(${literal})); await new Promise((done) => setTimeout(done, 50)); 1`,
]

it.each([false, true])(
  'the console reports changes of groups by hostile names without characters that steer the terminal (terminal: %s)',
  async (on) => {
    await database.query('delete from feature_gates')
    await database.query('delete from features')
    await database.query("insert into features (key) values ('dark_mode')")
    const insert = "insert into feature_gates (feature_key, key, value) values ('dark_mode', 'groups', $1)"
    await database.query(insert, [hostile])
    const { stderr } = await console_('await Feature.enable("dark_mode", User.find(42))\n', on, {
      DATABASE_URL: database.url,
    })
    expect(stderr).toContain('dark_mode: on for 1 actor and the group \\u{1b}[2J')
    expectClean(stderr.replace(on ? editing : '', ''), false)
  },
)

/** Runs a console on a pipe, in the process that is there for all of them. */
const piped = (input: string) =>
  one.run(['console'], { root: makeRoot(sampleFiles), input, env: { DATABASE_URL: 'memory' } })

describe('a console that reads a pipe', () => {
  it('shows answers without characters that steer the terminal, also in a process of its own', async () => {
    const { code, stdout, stderr } = await console_(`${lines.join('\n')}\n`, false)
    expect([code, stderr.includes('error:')]).toEqual([0, false])
    expectHarmless(stdout, false)
    expectHarmless(stderr, false)
  })

  it.each(lines.slice(1).map((line) => [line]))(
    'shows the answer of %s without characters that steer the terminal',
    async (line) => {
      const { code, stdout, stderr } = await piped(`${lines[0]}\n${line}\n`)
      expect([code, stderr.includes('error:')]).toEqual([0, false])
      expectHarmless(stdout, false)
      expectHarmless(stderr, false)
    },
  )

  it('shows errors of what it evaluates without characters that steer the terminal, each as one line', async () => {
    for (const line of failing) {
      const { code, stdout, stderr } = await piped(`${line}\n`)
      expect([line, code]).toEqual([line, 1])
      expectClean(stdout, false)
      expectClean(stderr, false)
      expect(stderr.split('\n').filter((text) => text.startsWith('error: '))).toHaveLength(1)
    }
  })
})

describe('a console at a terminal', () => {
  it('shows answers, logs and errors without characters that steer the terminal', async () => {
    const { stdout, stderr } = await console_(
      `${[...lines, ...failing, 'Feature.get("dark_mode")', '.exit'].join('\n')}\n`,
      true,
    )
    expect(stdout).toContain('Uncaught')
    expectHarmless(stdout.replace(editing, ''), false)
    expectHarmless(stderr.replace(editing, ''), false)
  })

  it('still shows answers in colours', async () => {
    const { stdout } = await console_('[1, true]\n.exit\n', true)
    expect(stdout).toContain('[ \u001b[33m1\u001b[39m, \u001b[33mtrue\u001b[39m ]')
  })

  it('shows the name of an environment without characters that steer the terminal', async () => {
    const env = { FEATURE_ENV: `staging\u009b2J\u202e` }
    const { stdout, stderr } = await console_('.exit\n', true, env)
    expectHarmless(stdout.replace(editing, ''), false)
    expectHarmless(stderr.replace(editing, ''), false)
  })
})

it('serve shows the folder it runs in without characters that steer the terminal', async () => {
  const root = join(makeRoot(), 'app\u001b[2J\u009b2J\u202e')
  mkdirSync(root)
  const started = start(built, ['serve', '--port', '0'], { root, env: { FEATURE_ENV: 'test' } })
  await started.shows('Console, from')
  started.child.kill('SIGTERM')
  const { stdout, stderr } = await started.ended
  expect(stdout).toContain('app\\u{1b}[2J')
  expectClean(stdout, false)
  expectClean(stderr, false)
})
