// The commands of `project`, on one database: each test has a project of its own.
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { silentLogger } from '../../../lib/log.js'
import { evaluateFlag } from '../../../lib/project-flags/evaluate.js'
import { postgresProjects } from '../../../lib/project-flags/store/postgres.js'
import { ProjectFlags } from '../../../lib/project-flags/project-flags.js'
import { PostgresStore } from '../../../lib/store/postgres/store.js'
import { makeFolder } from '../../support/project.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'
import { type Ran, type RunOptions, run } from '../run.js'

const by = { author: 'test', source: 'test' }
let database: TestDatabase
let store: PostgresStore
let projects: ProjectFlags
let root: string
let path: string
let id: number
let last = 0

beforeAll(async () => {
  database = await createDatabase({ pooled: true })
  root = makeFolder()
  const tables = { features: 'features', gates: 'feature_gates' }
  store = new PostgresStore({ connection: { connectionString: database.url }, tables, logger: silentLogger })
  projects = new ProjectFlags(postgresProjects(store.projects))
})
afterAll(async () => {
  await store.close()
  await database.close()
  rmSync(root, { recursive: true, force: true })
})
beforeEach(async () => {
  path = `group/shop${++last}`
  id = (await projects.createProject({ path, name: path }, by)).id
})

/** Words with blanks stand in an array. */
async function project(...given: readonly (string | readonly string[])[]): Promise<Ran> {
  return projectWith({}, ...given)
}

function projectWith(options: Partial<RunOptions>, ...given: readonly (string | readonly string[])[]): Promise<Ran> {
  const words = given.flatMap((one) => (typeof one === 'string' ? one.split(' ') : one))
  return run(['project', ...words], { root, ...options, options: { databaseUrl: database.url, ...options.options } })
}

async function done(...given: readonly (string | readonly string[])[]): Promise<string> {
  const { code, stdout, stderr } = await project(...given)
  if (code !== 0) throw new Error(stderr)
  return stdout
}

async function json(...given: readonly (string | readonly string[])[]) {
  return JSON.parse(await done(...given, '--json'))
}

const users = Array.from({ length: 100 }, (_, index) => String(index))

/** The users of whom SDKs say that they have the flag. */
async function usersOf(flag: string, environment: string): Promise<string[]> {
  const { flag: found, content } = await projects.flag(id, flag)
  return users.filter((userId) => evaluateFlag(found, content.lists, environment, { userId }).others.enabled === true)
}

/** A flag for all users of an environment, made without the command line. */
function makeFlag(name: string, environment = 'production') {
  const strategies = [{ name: 'default', parameters: {}, scopes: [{ environmentScope: environment }] }]
  return projects.createFlag(id, { name, strategies }, by)
}

describe('project set', () => {
  const set = (...given: readonly (string | readonly string[])[]) => project(`set ${path} new_layout`, ...given)

  it('goes the way of a rollout: users, 10 %, 30 %, all, off; no user of the 10 % loses it', async () => {
    expect(await set('--env production --users 1,2')).toMatchObject({
      code: 0,
      stdout: 'new_layout: on\nin production: users 1, 2 (production)\n',
      stderr: expect.stringContaining('Made the flag new_layout.'),
    })
    const ten = await set('--env production --percent 10')
    expect(ten.stdout).toMatch(
      /^new_layout: on\nin production:\s+10 % by available ID \(production\)\nlose it:\s+[12, ]+ \(named before\)\n$/,
    )
    const first = await usersOf('new_layout', 'production')
    await set('--env production --percent 30')
    const second = await usersOf('new_layout', 'production')
    expect(second).toEqual(expect.arrayContaining(first))
    expect([first.length > 0, second.length > first.length]).toEqual([true, true])
    await set('--env production --all')
    expect(await usersOf('new_layout', 'production')).toEqual(users)
    expect((await set('off', ['--reason', 'too slow'])).stdout).toContain('new_layout: off in all environments\n')
    expect(await usersOf('new_layout', 'production')).toEqual([])
    const [newest] = await json(`history ${path} new_layout --limit 1`)
    expect(newest).toMatchObject({ kind: 'flag', source: 'cli', reason: 'too slow', after: { active: false } })
  })

  it('shows all scopes that match, and says how to end the one that lets in all users', async () => {
    await makeFlag('new_layout', '*')
    const { stdout, stderr } = await set('--env production --users 7')
    expect(stdout).toContain('in production: all users (all environments); user 7 (production)')
    expect(stderr).toContain('All users have it there all the same, by the strategy for all environments.')
    expect(stderr).toContain(`project set ${path} new_layout --env '*' --none`)
  })

  it('gives two flags groups of their own, so that they do not pick the same users', async () => {
    await set('--env production --percent 20')
    await done(`set ${path} holiday_banner --env production --percent 20`)
    expect(await usersOf('new_layout', 'production')).not.toEqual(await usersOf('holiday_banner', 'production'))
  })

  it('shows what would be with --dry-run, and writes nothing', async () => {
    await set('--env production --users 1,2')
    const before = await done(`export ${path}`)
    const tried = await set('--env production --percent 0 --dry-run')
    expect(tried.stdout).toContain(
      'in production: 0 % by available ID (production)\nlose it:       1, 2 (named before)\n',
    )
    expect(tried.stderr).toContain('Dry run: nothing was written.')
    expect(await project(`set ${path} holiday_banner --env production --all --dry-run`)).toMatchObject({ code: 0 })
    expect(await done(`export ${path}`)).toBe(before)
  })

  it('names all ids that lose it, and the environment, in JSON', async () => {
    await set(['--env', 'production', '--users', users.join(', ')])
    const { environment, lose, name, strategies } = await json(`set ${path} new_layout --env production --users 1,2`)
    expect([environment, name, lose]).toEqual([
      'production',
      'new_layout',
      users.filter((id) => id !== '1' && id !== '2'),
    ])
    expect(strategies).toMatchObject([{ name: 'userWithId', parameters: { userIds: '1,2' } }])
  })

  it('makes no flag for what is off, and none with nearly the name of another one', async () => {
    for (const words of ['off', 'on', '--env production --none', '--description x']) {
      const { code, stderr } = await set(words)
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining(`has no flag "new_layout"; it has no flags; make one`),
      ])
    }
    await makeFlag('new_layout')
    const { code, stderr } = await project(`set ${path} new-layout --env production --all`)
    expect([code, stderr]).toEqual([1, expect.stringContaining(`did you mean "new_layout"? To make it all the same: `)])
    expect((await json(`flags list ${path}`)).length).toBe(1)
  })

  it('names the environment that was probably meant', async () => {
    await makeFlag('new_layout')
    const tried = await set('--env prodution --all --dry-run')
    expect(tried.stderr).toContain('did you mean "production"?')
    expect(tried.stderr).not.toContain('To take it back')
    const { code, stderr } = await set('--env prodution --all')
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('was for "prodution" so far; did you mean "production"?'),
    ])
    expect((await set('--env prodution --none')).stderr).not.toContain('did you mean')
  })

  it('loses no change of two commands that run at once', async () => {
    await makeFlag('new_layout')
    const environments = ['a1', 'b2', 'c3', 'd4']
    const ran = await Promise.all(environments.map((environment) => set(`--env ${environment} --users 1`)))
    expect(ran.map(({ code }) => code)).toEqual([0, 0, 0, 0])
    const { strategies } = await json(`flags show ${path} new_layout`)
    expect(strategies).toHaveLength(5)
  })

  it('says it where nothing changes', async () => {
    await makeFlag('new_layout')
    expect((await set('--env production --all')).stderr).toContain('Nothing changed: it was so already.')
    expect((await set('on')).stderr).toContain('Nothing changed: it was so already.')
  })

  it('asks in production at a terminal, and not as a dry run', async () => {
    const inProduction = { options: { env: 'production' } }
    const words = `set ${path} new_layout --env production --all`
    const no = await projectWith({ ...inProduction, typed: [['[y/N]', 'n\n']] }, words)
    expect([no.code, no.stderr]).toEqual([
      1,
      expect.stringContaining(`Set the flag new_layout of ${path} to all users in the environment production`),
    ])
    expect(await projectWith({ ...inProduction, typed: [] }, words, '--dry-run')).toMatchObject({ code: 0 })
    expect(await projectWith({ ...inProduction, typed: [] }, words, '--yes')).toMatchObject({ code: 0 })
  })
})

describe('--dry-run', () => {
  it('of every change says what would be, and writes nothing', async () => {
    await makeFlag('new_layout')
    await projects.createList(id, { name: 'testers', userXids: '1,2' }, by)
    const state = async () => [
      await projects.content(id),
      await projects.instanceIds(id),
      await projects.projects(path),
    ]
    const before = await state()
    for (const [words, says] of [
      [`create ${path}-2`, `would make the project ${path}-2`],
      [`settings ${path} --streaming on --path ${path}-3`, `${path}-3 (id ${id})`],
      [`flags create ${path} other`, 'would make the flag other'],
      [`flags rename ${path} new_layout other`, 'would rename new_layout to other'],
      [`flags delete ${path} new_layout`, 'would delete the flag new_layout; it was on, for all users (production)'],
      [`set ${path} new_layout off`, 'new_layout: off in all environments'],
      [`lists create ${path} others 1`, 'would make the list others with 1 user'],
      [`lists change ${path} testers --add 3`, 'testers: 1 added, 3 users'],
      [`lists delete ${path} testers`, 'would delete the list testers'],
      [`instance-id create ${path} web`, 'would make the instance ID web'],
      [`instance-id retire ${path} default`, 'would retire the instance ID default'],
      [`delete ${path}`, `would delete ${path} with 1 flag and 1 user list`],
    ] as const) {
      const { code, stdout, stderr } = await project(words, '--dry-run')
      expect([code, stdout, stderr]).toEqual([0, expect.stringContaining(says), expect.stringContaining('Dry run: no')])
      expect(stderr).not.toContain('next:')
    }
    expect(await state()).toEqual(before)
  })
})

describe('the settings of a project', () => {
  it.each([
    ['--minimum-role no_one_allowed', 'no role may change the flags', '--minimum-role developer'],
    ['--access disabled', 'are switched off', '--access enabled'],
  ])('forbid changes with %s until they are changed back', async (freeze, says, back) => {
    await makeFlag('new_layout')
    await done(`settings ${path} ${freeze}`)
    for (const words of [`set ${path} new_layout off`, `flags create ${path} other`, `import ${path} -`]) {
      const { code, stderr } = await projectWith({ input: '[]' }, words)
      expect([code, stderr]).toEqual([1, expect.stringContaining(says)])
      expect(stderr).toContain(`project settings ${path} ${back}`)
    }
    expect(await project(`flags list ${path}`)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('new_layout\ton\t'),
    })
    await done(`settings ${path} ${back}`)
    await done(`set ${path} new_layout off`)
  })

  it('are shown where nothing is to be changed', async () => {
    await done(`settings ${path} --streaming on --name Shop`)
    expect(await done(`settings ${path}`)).toContain('streaming:            on: SDKs that can are told to stream\n')
    expect(await json(`settings ${path}`)).toMatchObject({ name: 'Shop', path, feature_flags_streaming: true })
  })
})

describe('project flags', () => {
  it('are made, shown, renamed and deleted, with a next step', async () => {
    const made = await project(`flags create ${path} new_layout`, ['--description', 'One column'])
    expect(made.stdout).toBe('made the flag new_layout; it is on for no user yet\n')
    expect(made.stderr).toContain(`next: bin/feature-flag project set ${path} new_layout --env production --percent 10`)
    await projects.changeFlag(
      id,
      'new_layout',
      { strategies: [{ name: 'default', parameters: {}, scopes: [{ environmentScope: 'review/*' }] }] },
      by,
    )
    expect(await done(`flags list ${path}`)).toBe('new_layout\ton\tall users (review/*)\tOne column\n')
    expect(await done(`flags list ${path} --env review/7`)).toBe('new_layout\ton\tall users (review/*)\tOne column\n')
    expect(await done(`flags list ${path} --env production`)).toBe('new_layout\ton\tno user\tOne column\n')
    expect(await done(`flags list ${path} --state off`)).toBe('')
    expect((await project(`flags rename ${path} new_layout one_column`)).stderr).toContain(
      'SDKs that ask for new_layout get',
    )
    expect((await project(`flags show ${path} new_layout`)).stderr).toContain(`project flags list ${path} shows all`)
    expect(await done(`flags delete ${path} one_column`)).toBe(
      'deleted the flag one_column; it was on, for all users (review/*)\n',
    )
    expect(await done(`history ${path} one_column`)).toMatch(/\tdeleted\t\n.*\tname "new_layout" → "one_column"\t\n/)
  })

  it("are refused with GitLab's sentences", async () => {
    const { code, stderr } = await project(`flags create ${path} New`)
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("Name can contain only lowercase letters, digits, '_' and '-'"),
    ])
  })
})

describe('project lists', () => {
  it('take ids from words, a file and stdin, each once', async () => {
    const file = join(root, 'ids.txt')
    writeFileSync(file, '\ufeff7\r\n8,9\n\n 7 \n')
    await done(`lists create ${path} words 1, 2,3 3`)
    await done(`lists create ${path} file --file ${file}`)
    expect(await projectWith({ input: '5\n6\n' }, `lists create ${path} stdin --file -`)).toMatchObject({ code: 0 })
    expect(await done(`lists list ${path}`)).toMatch(/^1\twords\t3\t\t.*\n2\tfile\t3\t\t.*\n3\tstdin\t2\t\t.*\n$/)
    expect(await done(`lists show ${path} file`)).toBe('7\n8\n9\n')
    expect(await done(`lists change ${path} 2 --add 9 10 11`)).toBe('file: 2 added, 1 there before, 5 users\n')
    expect(await done(`lists change ${path} file --remove 7 99`)).toBe('file: 1 taken off, 1 not on it, 4 users\n')
    expect(await done(`lists change ${path} file --replace 1 --name other`)).toBe(
      'other: 1 added, 4 taken off, 1 user\n',
    )
    expect((await project(`lists change ${path} file --add 1`)).stderr).toContain('has no user list "file"')
  })

  it('are kept while a strategy names them', async () => {
    await projects.createList(id, { name: 'testers', userXids: '1,2' }, by)
    await done(`set ${path} new_layout --env staging --list testers`)
    expect(await done(`flags list ${path}`)).toContain('list "testers" (2 users) (staging)')
    const { code, stderr } = await project(`lists delete ${path} testers`)
    expect([code, stderr]).toEqual([1, expect.stringContaining('User list is associated with a strategy')])
    await done(`set ${path} new_layout --env staging --none`)
    expect(await done(`lists delete ${path} testers`)).toBe('deleted the list testers\n')
  })

  it('lose no id to two commands that run at once', async () => {
    await projects.createList(id, { name: 'testers' }, by)
    await Promise.all(['1', '2', '3', '4'].map((id) => done(`lists change ${path} testers --add ${id}`)))
    expect((await done(`lists show ${path} testers`)).split('\n').sort()).toEqual(['', '1', '2', '3', '4'])
  })
})

describe('instance IDs', () => {
  it('are shown by create and configure alone', async () => {
    const secret = (await done(`instance-id create ${path} web`)).trim()
    expect(secret).toMatch(/^glffct-[\w-]{20}$/)
    for (const words of [`instance-id list ${path}`, `show ${path}`, `history ${path} --json`, `export ${path}`]) {
      const { stdout, stderr } = await project(words)
      expect(stdout + stderr).not.toContain('glffct-')
    }
    expect(await json(`configure ${path}`)).toMatchObject({ instance_id: secret })
    expect(await json(`configure ${path} --instance-id default`)).not.toMatchObject({ instance_id: secret })
  })

  it('that were used within a day are retired, and their project deleted, with --force only', async () => {
    await database.query('update project_instance_ids set last_used_at = now()')
    const retired = await project(`instance-id retire ${path} default`)
    expect([retired.code, retired.stderr]).toEqual([
      1,
      expect.stringContaining(`project instance-id create ${path} NAME`),
    ])
    const deleted = await project(`delete ${path}`)
    expect([deleted.code, deleted.stderr]).toEqual([
      1,
      expect.stringContaining('or use --force: SDKs that use it lose their flags'),
    ])
    expect(await done(`instance-id retire ${path} default --force`)).toMatch(
      /^retired the instance ID default \(id \d+\)\n$/,
    )
    expect((await project(`configure ${path}`)).stderr).toContain(
      `make one: bin/feature-flag project instance-id create ${path} NAME`,
    )
    expect(await done(`delete ${path} --force`)).toBe(`deleted the project ${path} with 0 flags and 0 user lists\n`)
  })

  it('fit the environment that is configured', async () => {
    await done(`instance-id create ${path} staging --env staging`)
    await done(`instance-id create ${path} twice`)
    await done(`instance-id create ${path} twice`)
    expect(await json(`configure ${path} --env staging --url https://flags.example.com/`)).toMatchObject({
      api_url: expect.stringMatching(/^https:\/\/flags\.example\.com\/api\/v4\/feature_flags\/unleash\/\d+$/),
      environment: 'staging',
    })
    const { code, stderr } = await project(`instance-id retire ${path} twice`)
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/2 instance IDs have the name "twice"; give the id of one: \d+, \d+/),
    ])
  })
})

/** A program for each SDK, and what judges it without running it. */
const checks = [
  ['ruby', 'app.rb', 'ruby', '-c'],
  ['python', 'app.py', 'python3', '-m', 'py_compile'],
  ['node', 'app.mjs', process.execPath, '--check'],
  ['curl', 'app.sh', 'sh', '-n'],
] as const

function isInstalled(command: string): boolean {
  return command === 'sh' || spawnSync(command, ['--version']).status === 0
}

describe('project configure', () => {
  const hostile = `x'"\\#{exit}\`$(exit)\n`

  it('writes programs that ruby, node, python and sh take, whatever the environment is called', async () => {
    await done([`instance-id`, 'create', path, 'odd', '--env', hostile])
    for (const [sdk, file, command, ...args] of checks.filter(([, , program]) => isInstalled(program))) {
      const written = join(root, file)
      const program = await done(`configure ${path} --sdk ${sdk}`)
      writeFileSync(written, program)
      expect(() => execFileSync(command, [...args, written], { stdio: 'pipe' })).not.toThrow()
      expect(program).toMatch(
        /^(#|\/\/) API URL: {6}http:\/\/127\.0\.0\.1:4242\/api\/v4\/feature_flags\/unleash\/\d+\n\1 Instance ID: {2}glffct-/,
      )
    }
  })

  it('has whole programs for Go and Java', async () => {
    const go = await done(`configure ${path} --sdk go`)
    expect(go).toMatch(/^package main\n[\s\S]*^func main\(\) \{\n[\s\S]*^\}\n$/m)
    // What a terminal may not be sent is written out as `\u{…}`, which no compiler takes.
    expect(go).not.toContain('\\u{')
    expect(await done(`configure ${path} --sdk java`)).toMatch(/^public class App \{\n[\s\S]*^\}\n$/m)
  })
})

describe('project evaluate', () => {
  it('says what SDKs answer, by which strategy, and where they differ', async () => {
    await done(`set ${path} new_layout --env production --users 7`)
    await projects.createFlag(id, { name: 'other' }, by)
    const answer = (...words: (string | readonly string[])[]) => done(`evaluate ${path}`, ...words)
    expect(await answer('new_layout --env production --user 7')).toBe('all SDKs:  on: user 7 (production)\n')
    expect(await answer('new_layout --env production --user 8')).toContain(
      'off: no strategy for production lets the user in',
    )
    expect(await answer('new_layout --env staging --user 7')).toContain('off: no strategy is for staging')
    expect(await answer('--env production --user 7')).toMatch(/^new_layout\ton\tuser 7 \(production\)\nother\toff\t/)
    await done(`set ${path} new_layout --env production --percent 50`)
    expect(await answer('new_layout --env production')).toBe(
      'all SDKs:  by chance, at 50 %: each check decides anew, by 50 % by available ID (production)\n',
    )
    const ids = ['José', '日本', '😀', 'é', 'ü', 'ñ', 'ø', 'ß']
    const all = await Promise.all(ids.map((id) => json(`evaluate ${path} new_layout --env production --user ${id}`)))
    const differing = all.find(({ enabled }) => enabled === null)
    expect(differing).toMatchObject({ name: 'new_layout', environment: 'production', reason: 'sdks_differ' })
    expect(differing.sdks.node.enabled).toBe(!differing.sdks.others.enabled)
  })
})

describe('export and import', () => {
  it('copy a project exactly, all or nothing', async () => {
    await projects.createList(id, { name: 'testers', userXids: '1,2' }, by)
    await done(`set ${path} new_layout --env staging --list testers`)
    await done(`set ${path} new_layout --env production --percent 10 --by userId`)
    const file = join(root, 'shop.json')
    await done(`export ${path} ${file}`)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const exported = JSON.parse(readFileSync(file, 'utf8'))

    await projects.createProject({ path: `${path}-copy`, name: 'Copy' }, by)
    const tried = await project(`import ${path}-copy ${file} --dry-run`)
    expect(tried.stdout).toBe('flags:      1 would be made (new_layout)\nuser lists: 1 would be made (testers)\n')
    expect(await json(`flags list ${path}-copy`)).toEqual([])
    expect(await done(`import ${path}-copy ${file}`, ['--reason', 'a copy'])).toContain('1 made (new_layout)')
    const [copied] = await json(`flags list ${path}-copy`)
    const meaning = (flag: { strategies: readonly Record<string, unknown>[] }) =>
      flag.strategies.map(({ name, parameters }) => ({ name, parameters }))
    expect(meaning(copied)).toEqual(meaning(exported.feature_flags[0]))
    expect(copied.strategies[0].user_list.name).toBe('testers')
    expect((await project(`import ${path}-copy ${file}`)).stdout).toContain('1 as they are')
    const history = await json(`history ${path}-copy`)
    expect(history.filter(({ source }: { source: string }) => source === 'import')).toHaveLength(2)

    const bad = { ...exported.feature_flags[0], name: 'No' }
    const good = { ...exported.feature_flags[0], name: 'another' }
    const refused = await projectWith({ input: JSON.stringify([good, bad]) }, `import ${path}-copy -`)
    expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining('flag "No": Name can contain only')])
    expect(refused.stderr).toContain('Nothing was written.')
    expect(await json(`flags list ${path}-copy`)).toHaveLength(1)
    expect(await projectWith({ input: JSON.stringify([good, bad]) }, `import ${path}-copy - --skip`)).toMatchObject({
      code: 0,
    })
    expect(await json(`flags list ${path}-copy`)).toHaveLength(2)
  })

  it('say what is wrong with a file', async () => {
    const refused = async (input: string) => (await projectWith({ input }, `import ${path} -`)).stderr
    expect(await refused('{"a":')).toContain('stdin is not JSON')
    expect(await refused('')).toContain('stdin is not JSON')
    expect(await refused('[]')).toContain('There is neither a flag nor a user list in it.')
    expect(await refused('{"message":"404 Project Not Found"}')).toContain('Nothing was written.')
    expect((await project(`import ${path} ${join(root, 'nowhere.json')}`)).stderr).toContain('cannot be read')
  })
})

describe('a project that is not there', () => {
  it('is named with the one that was probably meant', async () => {
    const name = path.split('/')[1] ?? ''
    for (const [given, meant] of [
      [path.toUpperCase().replace('O', '0'), path],
      [name, path],
    ]) {
      const { code, stderr } = await project(`show ${given}`)
      expect([code, stderr]).toEqual([1, `error: there is no project "${given}"; did you mean "${meant}"?\n`])
    }
    const { stderr } = await project('show something_quite_different')
    expect(stderr).toContain('project list shows all of them')
  })
})
