// Every error that a call can end with, in the words of today, compared with the record beside this file. What requests and command
// lines are told stands in the records of those; here is what a program meets.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ErrorCode, errorTable, FeatureError } from '../../lib/errors.js'
import { planEnable } from '../../lib/feature/change/plan.js'
import { createFrontend, expressFrontend } from '../../lib/frontend/frontend.js'
import { createFeature, type FeatureFlags, FeatureGate, type FeatureOptions } from '../../lib/index.js'
import { silentLogger } from '../../lib/log.js'
import { MemoryStore } from '../../lib/store/memory/store.js'
import { PostgresStore } from '../../lib/store/postgres/store.js'
import { change } from '../contract/changes.js'
import { createProject, type TestProject } from '../support/project.js'
import { createDatabase } from '../support/services.js'
import { startTcpProxy } from '../support/tcp-proxy.js'
import { blanked } from './blank.js'
import { exported, wrongOptions } from './wrong-options.js'
import { laggingWriter } from '../support/lagging-writer.js'

class User extends FeatureGate('User') {}
class Project extends FeatureGate('Project') {}

/** The code of what was thrown, and its text as a line; what is met without being thrown has no code. */
const met: { code: ErrorCode | null; line: string; error: FeatureError | null }[] = []
let project: TestProject

beforeEach(async () => {
  project = await createProject('dark_mode')
  await project.define('canary', { type: 'ops' })
  await project.define('on_by_default', { defaultEnabled: true })
  await project.define('for_projects', { actor: '[project, pod]' })
})
afterEach(() => project.close())

/** Calls, and notes what is thrown. */
async function note(name: string, call: () => unknown): Promise<void> {
  let thrown: unknown = null
  try {
    await call()
  } catch (error) {
    thrown = error
  }
  const error = thrown instanceof FeatureError ? thrown : null
  const said = error === null ? String(thrown) : `${error.name} ${error.code} ${error.status}\n    ${error.message}`
  met.push({ code: error?.code ?? null, line: blanked(`${name}\n    ${said}`, { [project.root]: '<root>' }), error })
}

/** Calls that the types would refuse: programs without types make them. */
function untyped(feature: FeatureFlags): Record<string, (...given: unknown[]) => unknown> {
  return Object.fromEntries(
    [
      'enabled',
      'disabled',
      'decide',
      'enable',
      'disable',
      'optOut',
      'removeOptOut',
      'on',
      'group',
      'registerGroup',
    ].map((name) => [name, (...given) => Reflect.apply(Reflect.get(feature, name), feature, given)]),
  )
}

async function withFeature(options: FeatureOptions, use: (feature: FeatureFlags) => Promise<void>): Promise<void> {
  const feature = createFeature({
    root: project.root,
    // Strict, and what is thrown is not thrown a second time as in tests.
    env: 'staging',
    databaseUrl: 'memory',
    diskFile: false,
    logger: silentLogger,
    ...options,
  })
  try {
    await feature.start()
    await use(feature)
  } finally {
    await feature.stop()
  }
}

describe('what a program is told', { timeout: 60_000 }, () => {
  it('of a check that is wrong', () =>
    withFeature({ actors: { User: {} } }, async (feature) => {
      const { enabled, decide } = untyped(feature)
      await note("enabled('nothing_like_it')", () => enabled?.('nothing_like_it'))
      await note("enabled('dark_mod')", () => enabled?.('dark_mod'))
      await note("enabled('')", () => enabled?.(''))
      await note('enabled(42)', () => enabled?.(42))
      await note('enabled()', () => enabled?.())
      await note("enabled('dark_mode', { type: 'ops' })", () => enabled?.('dark_mode', { type: 'ops' }))
      await note("enabled('canary') of another type", () => enabled?.('canary'))
      await note("enabled('dark_mode', { type: 'oops' })", () => enabled?.('dark_mode', { type: 'oops' }))
      await note("enabled('dark_mode', 'User:1')", () => enabled?.('dark_mode', 'User:1'))
      await note("enabled('for_projects', user)", () => enabled?.('for_projects', new User(5)))
      await note("enabled('dark_mode', 1)", () => enabled?.('dark_mode', 1))
      await note("enabled('dark_mode', {})", () => enabled?.('dark_mode', {}))
      await note("enabled('dark_mode', [])", () => enabled?.('dark_mode', []))
      await note("enabled('dark_mode', a promise)", () => enabled?.('dark_mode', Promise.resolve(new User(1))))
      await note("enabled('dark_mode', an actor without id)", () => enabled?.('dark_mode', { flipperId: '' }))
      await note("enabled('dark_mode', an actor of another class)", () => enabled?.('dark_mode', new Project(1)))
      await note("enabled('dark_mode', a group)", () => enabled?.('dark_mode', feature.group('beta_testers')))
      await note("enabled('dark_mode', an actor, { typ: 'ops' })", () =>
        enabled?.('dark_mode', new User(1), { typ: 'ops' }),
      )
      await note("decide('nothing_like_it')", () => decide?.('nothing_like_it'))
    }))

  it('of a change that is wrong', () =>
    withFeature({ limits: { actorsPerFlag: 1, optOutsPerFlag: 1, snapshotBytes: 500 } }, async (feature) => {
      const { enable, disable, optOut, on, group, registerGroup } = untyped(feature)
      await note("enable('nothing_like_it')", () => enable?.('nothing_like_it'))
      await note("enable('dark_mod')", () => enable?.('dark_mod'))
      await note("enable('dark_mode', undefined)", () => enable?.('dark_mode', undefined))
      await note("enable('dark_mode', null)", () => enable?.('dark_mode', null))
      await note("enable('dark_mode', false)", () => enable?.('dark_mode', false))
      await note("enable('dark_mode', 'User:1')", () => enable?.('dark_mode', 'User:1'))
      await note("enable('dark_mode', [])", () => enable?.('dark_mode', []))
      await note("enable('dark_mode', an actor whose id has a NUL)", () => enable?.('dark_mode', { flipperId: 'a\0b' }))
      await note("enable('dark_mode', true, { reason: 1 })", () => enable?.('dark_mode', true, { reason: 1 }))
      await note("disable('dark_mode', undefined)", () => disable?.('dark_mode', undefined))
      await note("disable('dark_mode', true)", () => disable?.('dark_mode', true))
      await note("optOut('dark_mode', undefined)", () => optOut?.('dark_mode', undefined))
      await note("optOut('dark_mode', a group)", () => optOut?.('dark_mode', feature.group('beta_testers')))
      await note('enablePercentageOfActors(101)', () => feature.enablePercentageOfActors('dark_mode', 101))
      await note('enablePercentageOfActors(NaN)', () => feature.enablePercentageOfActors('dark_mode', Number.NaN))
      await note('disable on_by_default for one', () => feature.disable('on_by_default', new User(1)))
      await note('enable on_by_default for one', () => feature.enable('on_by_default', new User(1)))
      await note('removeOptOut of none', () => feature.removeOptOut('dark_mode', new User(1)))
      await feature.optOut('dark_mode', new User(1))
      await note('enable an opted-out actor', () => feature.enable('dark_mode', new User(1)))
      await note('optOut over the limit', () => feature.optOut('dark_mode', new User(2)))
      await feature.enable('dark_mode', new User(3))
      await note('enable over the limit', () => feature.enable('dark_mode', new User(4)))
      await note('enable over the size', () => feature.enable('dark_mode', new User('x'.repeat(600))))
      await feature.enable('dark_mode')
      await note('a percentage of actors on what is on', () => feature.enablePercentageOfActors('dark_mode', 5))
      await note('a percentage of time on what is on', () => feature.enablePercentageOfTime('dark_mode', 5))
      await note('undo of no change', () => feature.undo('2f5c5a52-6c0e-4d0f-9d3a-6b1f2f6a9d11'))
      await note('undo of what was changed again', async () => {
        const entries = await feature.history({ feature: 'dark_mode', limit: 100 })
        await feature.undo(entries.at(-1)?.changeId ?? '')
      })
      await note('preview of no operations', () => feature.preview('dark_mode', []))
      await note('wait without Redis', () => feature.enable('dark_mode', true, { wait: true }))
      await note("group('')", () => group?.(''))
      await note("registerGroup('')", () => registerGroup?.('', () => true))
      await note('registerGroup without a predicate', () => registerGroup?.('late_birds'))
      await note('registerGroup twice', () => {
        registerGroup?.('early_birds', () => true)
        registerGroup?.('early_birds', () => true)
      })
      await note("on('nothing')", () => on?.('nothing', () => {}))
      await note('history with a bad limit', () => feature.history({ limit: -1 }))
      await note('enable, forced, what cannot be a name', () => enable?.('Not a name', true, { force: true }))
      await note('start with other options', () => feature.start({ env: 'test' }))
    }))

  it('of a push that cannot reach a page', () =>
    withFeature({}, async (feature) => {
      const frontend = createFrontend(feature)
      const untypedForce = frontend.pushForceFrontendFeatureFlag as (name: string, value: unknown) => void
      const inPage = (name: string, push: () => void) => note(name, () => feature.withRequest(push))
      await note('push outside of a request', () => frontend.pushFrontendFeatureFlag('dark_mode'))
      await note('push after the headers', () =>
        expressFrontend({ feature })({}, { headersSent: true }, () => frontend.pushFrontendFeatureFlag('dark_mode')),
      )
      await inPage('push two flags that are one in a page', () => {
        frontend.pushForceFrontendFeatureFlag('a_1', true)
        frontend.pushForceFrontendFeatureFlag('a1', true)
      })
      await inPage('push a name that no flag has', () => frontend.pushForceFrontendFeatureFlag('</script>', true))
      await inPage('push a text as the answer', () => untypedForce('dark_mode', '</script>'))
      await inPage('push a promise of an experiment', () => frontend.pushExperiment(Promise.resolve() as never))
      await inPage('an empty nonce', () => frontend.gonScript({ nonce: '' }))
      await inPage('a nonce with quotes', () => frontend.gonScript({ nonce: 'a" onload="b' }))
      await note('the flags of something else', () => createFrontend({} as FeatureFlags))
    }))

  it('of a Redis that cannot be asked', () =>
    withFeature({ redisUrl: 'redis://127.0.0.1:1' }, async (feature) => {
      await note('wait without an answer of Redis', () => feature.enable('dark_mode', true, { wait: true }))
    }))

  it('of an import that is wrong', () =>
    withFeature({}, async (feature) => {
      for (const [name, data] of Object.entries({
        'a number': 1,
        'an empty object': {},
        'another format': { format: 'something' },
        'a later version': { ...exported([]), version: 2 },
        'no features': { format: 'sluice-export', version: 1 },
        'features that are no list': exported({}),
        'a feature without key': exported([{ gates: {} }]),
        'a feature without gates': exported([{ key: 'dark_mode' }]),
        'gates that are no lists': exported([{ key: 'dark_mode', gates: { actors: 'User:1' } }]),
        'a value that is no text': exported([{ key: 'dark_mode', gates: { actors: [1] } }]),
        'a feature twice': exported([
          { key: 'dark_mode', gates: {} },
          { key: 'dark_mode', gates: {} },
        ]),
        'an unknown feature': exported([{ key: 'nothing_like_it', gates: {} }]),
        'a NUL': exported([{ key: 'dark_mode', gates: { actors: ['a\0b'] } }]),
      })) {
        await note(`import ${name}`, () => feature.import(data))
      }
    }))

  it('of a configuration that is wrong', async () => {
    for (const [name, options] of Object.entries(wrongOptions))
      await note(`start with ${name}`, () => withFeature(options, async () => {}))
  })

  it('of definitions that are wrong', async () => {
    const place = (path: string, text: string) => {
      const file = join(project.root, 'config/feature_flags', path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
    place('development/twice.yml', 'name: twice\ntype: development\ngroup: group::a\ndefault_enabled: false\n')
    place('ops/twice.yml', 'name: twice\ntype: ops\ngroup: group::a\ndefault_enabled: false\n')
    await note('start with a flag that is defined twice', () => withFeature({}, async () => {}))
    place('ops/twice.yml', 'name: [\n')
    await note('start with a file that is no YAML', () => withFeature({}, async () => {}))
    place('ops/twice.yml', 'name: thrice\ntype: ops\ngroup: group::a\ndefault_enabled: perhaps\n')
    await note('start with a definition that breaks rules', () => withFeature({}, async () => {}))
    await withFeature({ env: 'production' }, async (feature) => {
      await note('enable a flag whose definition is broken', () => feature.enable('twice'))
    })
  })

  it('of a life that is over or has not begun', async () => {
    const feature = createFeature({ root: project.root, env: 'staging', databaseUrl: 'memory', logger: silentLogger })
    await note('enable before start', () => feature.enable('dark_mode'))
    await note('history before start', () => feature.history({ limit: 1 }))
    await feature.start()
    await feature.stop()
    await note('enable after stop', () => feature.enable('dark_mode'))
    await note('refresh after stop', () => feature.refresh())
  })

  it('of a database that does not do what it should', async () => {
    const tables = { features: 'features', gates: 'feature_gates' }
    const database = await createDatabase()
    const empty = await createDatabase({ migrated: false })
    const url = new URL(database.url)
    const proxy = await startTcpProxy(Number(url.port))
    url.port = String(proxy.port)
    const open = (connectionString: string) =>
      new PostgresStore({
        connection: { connectionString },
        tables,
        logger: silentLogger,
        times: { statementMs: 400, outcomeMs: 300, lockMs: 100 },
      })
    const [store, unmigrated, through] = [open(database.url), open(empty.url), open(url.href)]
    const enable = change({ feature: 'a', operation: { kind: 'enable' } })
    await note('a database without tables, read', () => unmigrated.readAll())
    await note('a database without tables, written', () => unmigrated.apply(enable))
    await note('a history with a bad limit', () => store.history({ limit: 0.5 }))
    const old = new MemoryStore({ now: () => new Date('2026-11-20T10:00:00Z') })
    await note('a position in the future', () => old.readPast({ point: { kind: 'version', version: '7' } }))
    await note('a time before the history', () => old.readPast({ point: { kind: 'ago', ms: 1_000 } }))
    await note('a value that cannot be stored', () =>
      store.apply(change({ feature: 'a', operation: { kind: 'add', gate: 'actors', values: ['a\0b'] } })),
    )
    await database.query(
      "create function refuse() returns trigger language plpgsql as $$ begin raise 'not on Fridays'; end $$",
    )
    await database.query('create trigger refuse before insert on feature_gates for each row execute function refuse()')
    await note('a statement that is refused', () => store.apply(enable))
    await database.query('drop trigger refuse on feature_gates')
    await database.query(
      'create or replace function refuse() returns trigger language plpgsql as $$ begin raise serialization_failure; end $$',
    )
    await database.query('create trigger refuse before insert on feature_gates for each row execute function refuse()')
    await note('other writers in the way', () => store.apply(enable))
    await database.query('drop trigger refuse on feature_gates')
    proxy.onRequest = (data) => {
      if (!data.toString('latin1').toLowerCase().includes('commit\0')) return 'pass'
      proxy.accepting = false
      return 'pass and swallow answers'
    }
    await note('a connection lost while committing', () => through.apply(enable))
    await note('a database that cannot be reached', () => through.head(null))
    await store.close()
    await note('a store that is closed', () => store.head(null))
    await Promise.all([unmigrated.close(), through.close()])
    for (const each of [proxy, database]) await each.close()
    await empty.close()
  })

  it('of processes that do not confirm', async () => {
    const writer = laggingWriter({ confirmed: 1, lagging: ['host:1', 'host:2'] })
    await note('two processes that lag', () =>
      writer.write(planEnable('a_flag', 'everybody'), { force: true, wait: true }),
    )
  })
})

/** Codes with tests of their own, because it takes a command line, a server that listens, or a migration, to meet them. */
const elsewhere: readonly ErrorCode[] = [
  'percentage_without_key',
  // test/feature/experiment/experiments.test.ts has them: they are in the log alone.
  'unknown_variant',
  'callback_failed',
  // test/testing/ has them: they are met in the tests of an application alone.
  'no_test_scope',
  'tests_disagree',
  // test/contract/sign-ins.test.ts has it: a database with another login.
  'server_rights_missing',
  // test/server/sign-in/ has them: they are of cookies alone.
  'csrf',
  'tls_needed',
  // test/cli/commands/open.test.ts has it: it is of one command alone.
  'no_server',
  'confirmation_needed',
  'misdirected_request',
  // test/server/routes/projects.test.ts has their bodies, which are GitLab's.
  'invalid_project_flag',
  'changed_meanwhile',
  'in_use',
  'internal',
]

describe('the record of errors', () => {
  it('has every message as it is', async () => {
    await expect(`${met.map(({ line }) => line).join('\n\n')}\n`).toMatchFileSnapshot('errors.txt')
  })

  it('has no message of half: each says what is wrong and what to do', () => {
    const errors = met.flatMap(({ error }) => (error === null ? [] : [error]))
    expect(errors.length).toBeGreaterThan(90)
    const halves = errors.filter(({ problem, remedy }) => problem.trim() === '' || remedy.trim() === '')
    expect(halves.map(({ message }) => message)).toEqual([])
    for (const { message, problem, remedy } of errors) expect(message).toBe(`${problem}; ${remedy}`)
  })

  it('has every code, or those of the HTTP API and the log do', () => {
    const others = ['http.txt', 'log.txt'].map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
    const found = (code: string) =>
      met.some((one) => one.code === code) || others.some((text) => text.includes(`{"code":"${code}"`))
    const codes = Object.keys(errorTable) as ErrorCode[]
    expect(codes.filter((code) => !found(code))).toEqual(elsewhere)
  })
})
