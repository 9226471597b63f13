// The command set.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeRoot } from '../../support/project.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'
import { type RunOptions, run, sampleFiles } from '../run.js'

let database: TestDatabase
let root: string

beforeAll(async () => {
  database = await createDatabase({ pooled: true })
})
afterAll(() => database.close())
beforeEach(async () => {
  root = makeRoot(sampleFiles)
  await database.query('delete from feature_gates')
  await database.query('delete from features')
})

const resolver = { Project: { findByPath: (path: string) => (path === 'a/b' ? 42 : null) } }

function cli(argv: readonly string[], options: Partial<RunOptions> = {}) {
  return run(argv, { root, ...options, options: { databaseUrl: database.url, ...options.options } })
}

async function rows(): Promise<string[]> {
  const found = await database.query('select feature_key, key, value from feature_gates order by 1, 2, 3')
  return found.map((row) => `${row['feature_key']} ${row['key']} ${row['value']}`)
}

async function stored(): Promise<number> {
  return (await database.query('select key from features')).length
}

describe('set', () => {
  it('turns a flag on and off for everybody, and says so', async () => {
    expect(await cli(['set', 'dark_mode', 'true'])).toMatchObject({ code: 0, stdout: 'dark_mode: on for everybody\n' })
    expect(await rows()).toEqual(['dark_mode boolean true'])
    expect(await cli(['set', 'dark_mode', 'false'])).toMatchObject({
      code: 0,
      stdout: 'dark_mode: off for everybody\n',
    })
    expect([await rows(), await stored()]).toEqual([[], 1])
  })

  it('adds targets by id and by path, and takes them off again', async () => {
    const on = await cli(['set', 'dark_mode', 'true', '--project', 'a/b,7', '--user', '1'], {
      options: { actors: resolver },
    })
    expect(on).toMatchObject({ code: 0, stdout: 'dark_mode: on for 3 actors; off for everybody else\n' })
    expect(await rows()).toEqual([
      'dark_mode actors Project:42',
      'dark_mode actors Project:7',
      'dark_mode actors User:1',
    ])
    await cli(['set', 'dark_mode', 'false', '--project', '7,42'])
    expect(await rows()).toEqual(['dark_mode actors User:1'])
  })

  it.each([
    ['--group', 'Group:5'],
    ['--namespace', 'Namespace:5'],
    ['--organization', 'Organizations::Organization:5'],
    ['--repository', 'Repository:5'],
    ['--runner', 'Ci::Runner:5'],
  ])('knows the target %s', async (option, id) => {
    expect(await cli(['set', 'dark_mode', 'true', option, '5'])).toMatchObject({ code: 0 })
    expect(await rows()).toEqual([`dark_mode actors ${id}`])
  })

  it('opens a flag to a registered group', async () => {
    const groups = { groups: { staff: () => true } }
    expect((await cli(['set', 'dark_mode', 'true', '--feature-group', 'staff'], { options: groups })).stderr).toBe('')
    expect(await rows()).toEqual(['dark_mode groups staff'])
    const unknown = await cli(['set', 'dark_mode', 'true', '--feature-group', 'staf'], { options: groups })
    expect([unknown.code, unknown.stderr]).toEqual([0, expect.stringContaining('no group "staf"')])
  })

  it.each([[['set', 'dark_mode', 'true']], [['delete', 'dark_mode', '--yes']], [['import', '-', '--yes']]])(
    'refuses a reason of more than 1,000 characters as every way to change a flag does: %j',
    async (argv) => {
      await cli(['set', 'dark_mode', '5', '--actors'])
      const { stdout: input } = await cli(['export'])
      const before = await rows()
      const refused = await cli([...argv, '--reason', 'x'.repeat(1_001)], { input })
      expect(refused).toMatchObject({ code: 2, stdout: '' })
      expect(refused.stderr).toContain('the reason of a change has 1001 characters; give at most 1000')
      expect(await rows()).toEqual(before)
    },
  )

  it('sets a percentage of actors, with its fraction', async () => {
    const { code, stdout } = await cli(['set', 'dark_mode', '33.333', '--actors'])
    expect([code, stdout]).toEqual([0, 'dark_mode: on for 33.333 % of actors; off for everybody else\n'])
    expect(await rows()).toEqual(['dark_mode percentage_of_actors 33.333'])
  })

  it('sets a percentage of time, and calls it deprecated', async () => {
    const { code, stderr } = await cli(['set', 'dark_mode', '25', '--random'])
    expect(code).toBe(0)
    expect(stderr).toContain('--random is deprecated')
    expect(await rows()).toEqual(['dark_mode percentage_of_time 25'])
  })

  it('treats 100 and 0 as true and false, like GitLab', async () => {
    await cli(['set', 'dark_mode', '100', '--actors'])
    expect(await rows()).toEqual(['dark_mode boolean true'])
    await cli(['set', 'dark_mode', '0', '--actors'])
    expect(await rows()).toEqual([])
  })

  it('opts an actor out, in the place of a value, and takes it back', async () => {
    await cli(['set', 'dark_mode', 'true'])
    const out = await cli(['set', 'dark_mode', '--opt-out', '--user', '1'])
    expect(out.stdout).toBe('dark_mode: on for everybody; off for 1 opted-out actor\n')
    expect(await rows()).toEqual(['dark_mode actors User:1:opt_out', 'dark_mode boolean true'])
    expect(await cli(['set', 'dark_mode', '--remove-opt-out', '--user', '1'])).toMatchObject({ code: 0 })
    expect(await rows()).toEqual(['dark_mode boolean true'])
  })

  it('shows the result as JSON', async () => {
    const { stdout } = await cli(['set', 'dark_mode', 'true', '--user', '1', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'dark_mode',
      state: 'conditional',
      stored: true,
      gates: [
        { key: 'boolean', value: false },
        { key: 'actors', value: ['User:1'] },
      ],
      definition: { type: 'development', default_enabled: false },
    })
  })

  it('says when nothing changed', async () => {
    await cli(['set', 'dark_mode', 'true'])
    const again = await cli(['set', 'dark_mode', 'true'])
    expect([again.code, again.stderr]).toEqual([0, 'Nothing changed: this is what was stored already.\n'])
  })

  it('keeps the author and the reason in the history', async () => {
    await cli(['set', 'dark_mode', 'true', '--reason', 'rollout step 1'])
    const [entry] = await database.query(
      'select author, source, reason from feature_history order by version desc limit 1',
    )
    expect(entry).toEqual({ author: expect.stringMatching(/^cli:./), source: 'cli', reason: 'rollout step 1' })
  })

  it('takes a flag without definition, and the default-on trap, only by force', async () => {
    expect(await cli(['set', 'unheard_of', 'true', '--force'])).toMatchObject({ code: 0 })
    expect(await cli(['set', 'new_layout', 'true', '--user', '1', '--force'])).toMatchObject({ code: 0 })
    expect(await rows()).toEqual(['new_layout actors User:1', 'unheard_of boolean true'])
  })
})

/** Classes as a project registers them whose database a Rails application writes too. */
const rails = {
  User: { id: 'User;{id}', findByPath: (name: string) => (name === 'root' ? 1 : null) },
  Customer: {},
  BillingAccount: {},
}

describe('any actor', () => {
  it.each([
    [['--actor', 'Customer:5'], {}, ['Customer:5']],
    [['--actor', 'Customer:5, Ci::Runner:6', '--actor', 'User;7'], {}, ['Ci::Runner:6', 'Customer:5', 'User;7']],
    [['--user', '1,2', '--user', '3'], {}, ['User:1', 'User:2', 'User:3']],
    [['--user', 'User:5'], {}, ['User:5']],
    [['--customer', '5', '--billing-account=6'], rails, ['BillingAccount:6', 'Customer:5']],
    [['--user', '5,root', '--actor', 'User;6,User:7'], rails, ['User;1', 'User;5', 'User;6', 'User;7']],
  ])('can be a target: %j', async (argv, actors, expected) => {
    const options = Object.keys(actors).length === 0 ? {} : { actors }
    const ran = await cli(['set', 'dark_mode', 'true', ...argv], { options })
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(await rows()).toEqual(expected.map((id) => `dark_mode actors ${id}`))
  })

  it('of a Rails application is found, opted out and taken off in its own form', async () => {
    const options = { actors: rails }
    // As the ActiveRecord adapter of Flipper writes them.
    await database.query("insert into features (key, created_at, updated_at) values ('dark_mode', now(), now())")
    await database.query(
      "insert into feature_gates (feature_key, key, value, created_at, updated_at) values ('dark_mode', 'actors', 'User;5', now(), now()), ('dark_mode', 'actors', 'User;6', now(), now())",
    )
    expect(await cli(['set', 'dark_mode', 'false', '--user', '5'], { options })).toMatchObject({ code: 0, stderr: '' })
    expect(await rows()).toEqual(['dark_mode actors User;6'])
    await cli(['set', 'dark_mode', '--opt-out', '--user', '7'], { options })
    expect(await rows()).toEqual(['dark_mode actors User;6', 'dark_mode actors User;7:opt_out'])
    const ran = await cli(['set', 'dark_mode', '--remove-opt-out', '--actor', 'User;7'], { options })
    expect([ran.code, await rows()]).toEqual([0, ['dark_mode actors User;6']])
  })

  it('is in the help where the configuration registers its class', async () => {
    const help = await cli(['set', '--help'], { options: { actors: rails } })
    expect(help.stdout).toMatch(/--billing-account <list> +only for these actors of the class BillingAccount/)
    expect((await cli(['set', '--help'])).stdout).not.toContain('--customer <list>')
  })

  it('that was not on the list is named, for people and for programs', async () => {
    await cli(['set', 'dark_mode', 'true', '--actor', 'Customer:5', '--feature-group', 'staff'])
    const argv = ['set', 'dark_mode', 'false', '--actor', 'Customer:5,Customer:6', '--feature-group', 'stuff']
    const some = await cli(argv)
    expect(some).toMatchObject({ code: 0, stdout: 'dark_mode: on for the group staff; off for everybody else\n' })
    expect(some.stderr).toContain(
      'note: "Customer:6" was not on the list of "dark_mode", so there was nothing to take off',
    )
    expect(some.stderr).toContain('note: "stuff" was not on the list of "dark_mode"')
    const none = await cli([...argv, '--json'])
    expect(JSON.parse(none.stdout)).toMatchObject({ unmatched: ['Customer:5', 'Customer:6', 'stuff'] })
    expect(none.stderr).toContain('Nothing changed')
    expect((await cli(['set', 'dark_mode', 'true', '--actor', 'Customer:5', '--json'])).stdout).not.toContain(
      'unmatched',
    )
  })
})

describe('bad input to set', () => {
  beforeEach(async () => {
    await cli(['set', 'canary', 'true'])
  })

  const cases = [
    { argv: ['dark_mode'], code: 2, says: 'there is no value to set "dark_mode" to' },
    { argv: ['dark_mode', '25'], code: 2, says: 'add --actors (recommended) or --random' },
    { argv: ['dark_mode', '100'], code: 2, says: 'add --actors' },
    { argv: ['dark_mode', '101', '--actors'], code: 2, says: '"101" is not a percentage' },
    { argv: ['dark_mode', '-1', '--actors'], code: 2, says: 'cannot be set to "-1"' },
    { argv: ['dark_mode', 'abc'], code: 2, says: 'cannot be set to "abc"' },
    { argv: ['dark_mode', '25%', '--actors'], code: 2, says: 'cannot be set to "25%"' },
    { argv: ['dark_mode', ''], code: 2, says: 'cannot be set to ""' },
    { argv: ['dark_mode', '25', '--user', '1'], code: 2, says: 'cannot be set for a target' },
    {
      argv: ['dark_mode', '25', '--actors', '--user', '1'],
      code: 2,
      says: '--actors and a target (--user) exclude each other',
    },
    {
      argv: ['dark_mode', '25', '--random', '--feature-group', 'staff'],
      code: 2,
      says: '--random and a target (--feature-group)',
    },
    { argv: ['dark_mode', '25', '--actors', '--random'], code: 2, says: 'cannot be used with' },
    { argv: ['dark_mode', '--opt-out'], code: 2, says: 'needs a target' },
    { argv: ['dark_mode', 'true', '--opt-out', '--user', '1'], code: 2, says: 'takes the place of the value' },
    { argv: ['dark_mode', '--opt-out', '--remove-opt-out', '--user', '1'], code: 2, says: 'cannot be used with' },
    { argv: ['dark_mode', '--opt-out', '--feature-group', 'staff'], code: 2, says: 'only single actors' },
    { argv: ['dark_mode', 'true', '--usr', '1'], code: 2, says: 'Did you mean --user?' },
    { argv: ['dark_mode', 'true', '--wait'], code: 2, says: 'no Redis is configured; set REDIS_URL' },
    { argv: ['drk_mode', 'true'], code: 1, says: 'did you mean "dark_mode"?' },
    { argv: ['__proto__', 'true'], code: 1, says: 'has no definition; use --force; no definition can' },
    { argv: ['no_such_flag', 'true'], code: 1, says: 'has no definition; define it first (or use --force)' },
    { argv: ['constructor', 'true'], code: 1, says: 'has no definition' },
    { argv: ['x'.repeat(300), 'true'], code: 2, says: 'cannot be stored' },
    { argv: ['', 'true'], code: 2, says: 'cannot be stored' },
    { argv: ["'; drop table features;--", 'true'], code: 1, says: 'has no definition' },
    { argv: ['dark_mode', 'true', '--project', 'a/x'], code: 1, says: 'project "a/x" is not found!; check the path' },
    { argv: ['dark_mode', 'true', '--user', 'root'], code: 1, says: 'give the id' },
    { argv: ['dark_mode', 'true', '--user', ' , '], code: 1, says: 'name at least one' },
    { argv: ['dark_mode', '--remove-opt-out', '--user', '1'], code: 1, says: 'no opt-out of "User:1"' },
    { argv: ['dark_mode', 'true', '--endpoint', 'User:5'], code: 2, says: 'did you mean --actor User:5?' },
    { argv: ['dark_mode', 'true', '--endpoint', 'User;5'], code: 2, says: 'did you mean --actor "User;5"?' },
    { argv: ['dark_mode', 'true', '--feature-group', 'User:5'], code: 2, says: 'did you mean --actor User:5?' },
    { argv: ['dark_mode', '--opt-out', '--endpoint', 'User:5'], code: 2, says: 'did you mean --actor User:5?' },
    { argv: ['dark_mode', 'false', '--project', 'User:5'], code: 2, says: 'did you mean --actor User:5?' },
    { argv: ['dark_mode', 'true', '--actor', '5'], code: 2, says: 'names no class; write class and id' },
    { argv: ['dark_mode', 'true', '--actor', 'user:5'], code: 2, says: 'did you mean "User:5"?' },
    { argv: ['dark_mode', 'true', '--actor', 'Projct:5'], code: 2, says: 'did you mean "Project:5"?' },
    { argv: ['dark_mode', 'true', '--actor', 'User:5:opt_out'], code: 1, says: 'leave the ending out' },
    { argv: ['dark_mode', 'true', '--actor', ''], code: 1, says: 'name at least one' },
    { argv: ['dark_mode', 'true', '--actors', 'User:5'], code: 2, says: 'did you mean --actor User:5?' },
    { argv: ['dark_mode', '--actors', 'User;5'], code: 2, says: 'did you mean --actor "User;5"?' },
    { argv: ['dark_mode', 'true', 'User:5'], code: 2, says: 'no place for "User:5" after the value' },
    { argv: ['dark_mode', 'true', 'false'], code: 2, says: 'no place for "false" after the value' },
    { argv: ['dark_mode', '25', '--actor'], code: 2, says: "option '--actor <list>' argument missing" },
    { argv: ['dark_mode', 'true', '--customer', '5'], code: 2, says: "unknown option '--customer'" },
    { argv: ['canary', '25', '--actors'], code: 1, says: 'already fully enabled' },
    { argv: ['new_layout', 'true', '--user', '1'], code: 1, says: 'off for everybody else' },
    { argv: ['new_layout', 'true', '--user', '1'], code: 1, says: 'or use --force to turn it off for the others' },
  ].map(({ argv, code, says }) => [argv.join(' ').slice(0, 60), argv, code, says] as const)

  it.each(cases)('is refused with its exit code, and writes nothing: set %s', async (_, argv, code, says) => {
    const before = [await rows(), await stored()]
    const ran = await cli(['set', ...argv], { options: { actors: resolver } })
    expect(ran.stderr).toContain(says)
    expect([ran.code, ran.stdout]).toEqual([code, ''])
    expect([await rows(), await stored()]).toEqual(before)
    expect((await cli(['get', 'canary', '--json'])).stdout).toContain('"state": "on"')
  })

  it('can neither forge a line nor move the cursor', async () => {
    const { stderr } = await cli(['set', 'ok\n{"level":"info"}\u001b[2J', 'true'])
    expect(stderr).not.toContain('\u001b')
    expect(stderr).toMatch(/^error: /)
  })
})

describe('set at a terminal in production', () => {
  const production = { options: { env: 'production' } }

  it('asks first, and does nothing without a yes', async () => {
    const no = await cli(['set', 'dark_mode', 'true'], { ...production, typed: [['[y/N]', '\r']] })
    expect([no.code, no.stdout]).toEqual([1, ''])
    expect(no.stderr).toMatch(/Set "dark_mode" to true for everybody in production \(Postgres at .*\)\? \[y\/N\]/)
    expect(await stored()).toBe(0)
  })

  it('writes after a yes, and without asking with --yes', async () => {
    const yes = await cli(['set', 'dark_mode', 'true'], { ...production, typed: [['[y/N]', 'y\r']] })
    expect([yes.code, yes.stdout]).toEqual([0, 'dark_mode: on for everybody\n'])
    const unasked = await cli(['set', 'dark_mode', 'false', '--yes'], { ...production, typed: [] })
    expect(unasked.code).toBe(0)
    expect(unasked.stderr).not.toContain('[y/N]')
  })

  it('ends with 130 at Ctrl-C, and nothing is written', async () => {
    const stopped = await cli(['set', 'dark_mode', 'true'], { ...production, typed: [['[y/N]', '\u0003']] })
    expect([stopped.code, await stored()]).toEqual([130, 0])
  })

  it('does not ask where no person could answer', async () => {
    expect(await cli(['set', 'dark_mode', 'true'], production)).toMatchObject({ code: 0 })
  })
})

describe('a database that cannot be used', () => {
  it('makes set fail, and say why', async () => {
    const databaseUrl = 'postgres://nobody:secret@127.0.0.1:1/none'
    for (const argv of [['set', 'dark_mode', 'true'], ['list'], ['get', 'dark_mode'], ['export'], ['token', 'list']]) {
      const { code, stdout, stderr } = await run(argv, { root, options: { databaseUrl } })
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toMatch(/^error: /)
      expect(stderr).not.toContain('secret')
    }
  })

  it('is reported with what to do where it is not migrated', async () => {
    const empty = await createDatabase({ migrated: false })
    try {
      const { code, stderr } = await run(['list'], { root, options: { databaseUrl: empty.url } })
      expect(code).toBe(1)
      expect(stderr).toContain('bin/feature-flag migrate')
    } finally {
      await empty.close()
    }
  })
})
