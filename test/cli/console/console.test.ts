// The console, with its input from a pipe.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyMadeDatabase } from '../../support/made-database.js'
import { makeRoot } from '../../support/project.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'
import { type Built, build, runBuilt, start } from '../built.js'
import { type OneProcess, startOneProcess } from '../one-process.js'
import { sampleFiles } from '../run.js'

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

const config = `export default { actors: {
  Project: { findByPath: async (path) => (path === 'a/b' ? 42 : path === 'a/large' ? 1234567890123456789 : null) },
  User: {}, Group: {}, Namespace: {}, 'Ci::Runner': {},
} }`

const session = (input: string, env: NodeJS.ProcessEnv = {}) => ({
  root: makeRoot({ ...sampleFiles, 'feature.config.mjs': config }),
  input,
  env: { DATABASE_URL: 'memory', ...env },
})

const piped = (input: string, env?: NodeJS.ProcessEnv) => one.run(['console'], session(input, env))
/** In a process of its own and on Postgres, as users have it. */
const pipedAlone = (input: string) => runBuilt(built, ['console'], session(input, { DATABASE_URL: database.url }))

describe('a console that reads a pipe', () => {
  it('evaluates line by line and prints each answer, without prompt or colours', async () => {
    const { code, stdout, stderr } = await pipedAlone(
      [
        'await Feature.remove("dark_mode")',
        'Feature.enabled("dark_mode", Project.find(42))',
        'await Feature.enable("dark_mode", Project.find(42))',
        'Feature.enabled("dark_mode", Project.find(42))',
        'Feature.enabled("dark_mode", Project.find(43))',
        'Feature.enabled("canary", { type: "ops" })',
        '',
        'const project = await Project.findByPath("a/b")',
        'project.flipperId',
      ].join('\n'),
    )
    expect(stdout.split('\n')).toEqual([
      'undefined',
      'false',
      'undefined',
      'true',
      'false',
      'false',
      'undefined',
      "'Project:42'",
      '',
    ])
    expect(code).toBe(0)
    expect(stderr).toContain('Feature flags, development: Postgres at 127.0.0.1')
    expect(stderr).toContain('dark_mode: on for 1 actor; off for everybody else')
  })

  it('awaits an answer that is a promise', async () => {
    const { stdout } = await piped('Promise.resolve([1, 2])\nProject.findByPath("a/b")\n')
    expect(stdout).toBe('[ 1, 2 ]\nProject { id: 42 }\n')
  })

  it('takes statements of several lines', async () => {
    const { code, stdout } = await piped(
      'function twice(n) {\n  return n * 2\n}\n\ntwice(\n  21\n)\nfor (const id of [1, 2]) {\n  await Promise.resolve(id)\n}\nawait (async () => {\n  return "done"\n})()\n',
    )
    expect([code, stdout]).toEqual([0, "undefined\n42\nundefined\n'done'\n"])
  })

  it.each([
    ['1 + 1\nthrow new Error("no")\n2 + 2', '2\n', 'error: line 2: Error: no'],
    ['await Promise.reject(new TypeError("late"))\n3', '', 'error: line 1: TypeError: late'],
    ['1\n)\n2', '1\n', 'error: line 2: SyntaxError'],
    ['1\nfoo(\n2', '1\n', 'error: line 2: SyntaxError'],
    ['Feature.enabled("drk_mode")', '', 'error: line 1: flag "drk_mode" has no definition; did you mean "dark_mode"?'],
    ['await Feature.enable("drk_mode")', '', 'did you mean "dark_mode"?'],
    [
      'await Project.findByPath("a/x")',
      '',
      'Project "a/x" is not found!; check the path, or give the id: Project.find(42)',
    ],
    ['await User.findByPath("root")', '', 'give the id: User.find(42)'],
    ['Project.find(undefined)', '', 'Project.find was given undefined'],
    ['User.find(1234567890123456789)', '', 'send it as text'],
    ['User.find(-1e21)', '', 'send it as text'],
    ['await Project.findByPath("a/large")', '', 'send it as text'],
    ['throw null', '', 'error: line 1: null'],
  ])('ends with 1 at the first error: %j', async (input, stdout, message) => {
    const ran = await piped(input)
    expect([ran.code, ran.stdout]).toEqual([1, stdout])
    expect(ran.stderr).toContain(message)
    expect(ran.stderr).not.toContain('    at ')
  })

  it('reports wrong use in the test environment once, as elsewhere', async () => {
    const { code, stderr } = await piped('Feature.enabled("drk_mode")', { FEATURE_ENV: 'test' })
    expect([code, stderr.match(/^error: /gm)?.length]).toEqual([1, 1])
  })

  it('offers the configured classes, and stops at .exit', async () => {
    const { code, stdout } = await piped('Runner.find(7).flipperId\n.exit\nnothing')
    expect([code, stdout]).toEqual([0, "'Ci::Runner:7'\n"])
  })

  it('writes the ids of a Rails application, and says what a change did not change', async () => {
    const root = makeRoot({
      ...sampleFiles,
      'feature.config.mjs': `export default { actors: { User: { id: 'User;{id}' } } }`,
    })
    const input = [
      'await Feature.disable("canary")',
      'await Feature.enable("canary", [User.find(5), User.find("User;6"), User.find("User:7")])',
      'await Feature.enable("canary", User.find(5))',
      'await Feature.disable("canary", [User.find(5), User.find(8)])',
      'await Feature.removeOptOut("dark_mode", User.find(9))',
      'Feature.get("canary").gates[1].value.join()',
    ].join('\n')
    const { code, stdout, stderr } = await one.run(['console'], {
      root,
      input,
      env: { DATABASE_URL: 'memory' },
    })
    expect([code, stdout.trimEnd().split('\n').at(-1)]).toEqual([0, "'User;6,User;7'"])
    expect(stderr.split('\n').filter((line) => /nothing/.test(line))).toEqual([
      'canary: nothing changed; this is what was stored already',
      'note: "User;8" was not on the list of "canary", so there was nothing to take off',
      'dark_mode: nothing changed; this is what was stored already',
      'note: "User;9" had no opt-out of "dark_mode", so there was nothing to take back',
    ])
  })

  it('writes the change with console as its source', async () => {
    await piped('await Feature.disable("canary")', { DATABASE_URL: database.url })
    const [entry] = await database.query('select source, author from feature_history order by version desc limit 1')
    expect(entry).toEqual({ source: 'console', author: expect.stringMatching(/^cli:/) })
  })

  it('does nothing for an empty pipe', async () => {
    expect(await pipedAlone('')).toMatchObject({ code: 0, stdout: '' })
  })

  it('ends the process with 1 at an error', async () => {
    const { code, stdout, stderr } = await pipedAlone('1\nthrow new Error("no")\n2')
    expect([code, stdout, stderr.includes('error: line 2: Error: no')]).toEqual([1, '1\n', true])
  })
})

describe('a console on the embedded database', () => {
  it('goes on when the process that owns it ends, and its writes are there afterwards', async () => {
    const root = makeRoot(sampleFiles)
    await copyMadeDatabase(root)
    const owner = start(built, ['console'], { root })
    owner.child.stdin.write('"owner is ready"\n')
    await owner.shows('owner is ready')
    const other = start(built, ['console'], { root })
    other.child.stdin.write('await Feature.enable("dark_mode")\nFeature.enabled("dark_mode")\n"first"\n')
    await other.shows('first')
    owner.child.stdin.end()
    expect((await owner.ended).code).toBe(0)
    other.child.stdin.end('await Feature.disable("dark_mode")\nFeature.enabled("dark_mode")\n')
    const ended = await other.ended
    expect([ended.code, ended.stdout]).toEqual([0, "undefined\ntrue\n'first'\nundefined\nfalse\n"])
    const got = await runBuilt(built, ['get', 'dark_mode', '--json'], { root })
    expect(JSON.parse(got.stdout)).toMatchObject({ state: 'off', stored: true })
  })
})
