// The command review: a repository with a commit for each rule, and what it says of each.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { rmSync } from 'node:fs'
import { makeFolder, makeRoot } from '../support/project.js'
import { commitFiles, type Files, gitIn, initRepository, writeFiles } from '../support/git.js'
import { createDatabase } from '../support/services.js'
import { run } from '../cli/run.js'

const owner = 'group: group::shop\n'
const issue = 'rollout_issue_url: https://gitlab.example.com/shop/-/issues/1\n'

/** A definition in which nothing is wrong, with other fields if wanted. */
function flag(name: string, { type = 'wip', on = false, more = owner, described = `Turns ${name} on.` } = {}): string {
  return `name: ${name}\ndescription: ${described}\nmilestone: '1.0'\n${more}type: ${type}\ndefault_enabled: ${on}\n`
}

const path = (name: string, type = 'wip') => `config/feature_flags/${type}/${name}.yml`
const asks = (...names: readonly string[]) =>
  `import { Feature } from 'sluice'\n\nexport function ask() {\n${names.map((name) => `  Feature.enabled('${name}')\n`).join('')}}\n`

interface Step {
  readonly title: string
  readonly files: Files
  readonly argv?: readonly string[]
  /** `severity rule file:line` of each finding. */
  readonly findings: readonly string[]
  /** `change name: fields` of each flag. */
  readonly flags: readonly string[]
  /** For whom the changelog has an entry. */
  readonly entry?: readonly string[]
}

/** One commit after the other; each is reviewed against the one before it. */
const steps: readonly Step[] = [
  {
    title: 'a new flag that is asked, with an owner, is fine',
    files: { [path('fine')]: flag('fine'), 'src/fine.ts': asks('fine') },
    findings: [],
    flags: ['added fine'],
    entry: [],
  },
  {
    title: 'a new flag that is on by default is an error',
    files: { [path('loud', 'ops')]: flag('loud', { type: 'ops', on: true }), 'src/loud.ts': asks('loud') },
    findings: [`error default-on ${path('loud', 'ops')}`],
    flags: ['added loud'],
    entry: ['loud'],
  },
  {
    title: 'a new flag that is on by default is fine where that is permitted',
    files: { [path('also', 'ops')]: flag('also', { type: 'ops', on: true }), 'src/also.ts': asks('also') },
    argv: ['--allow-default-on'],
    findings: [],
    flags: ['added also'],
    entry: ['also'],
  },
  {
    title: 'a new flag that no code asks is an error, and a test does not count',
    files: { [path('lonely')]: flag('lonely'), 'src/lonely.test.ts': asks('lonely') },
    findings: [`error unused ${path('lonely')}`],
    flags: ['added lonely'],
  },
  {
    title: 'a new flag without an owner is an error',
    files: { [path('orphan')]: flag('orphan', { more: '' }), 'src/orphan.ts': asks('orphan') },
    findings: [`error owner ${path('orphan')}`],
    flags: ['added orphan'],
  },
  {
    title: 'a new flag without a rollout issue is an error where its type has one',
    files: { [path('rolled', 'beta')]: flag('rolled', { type: 'beta' }), 'src/rolled.ts': asks('rolled') },
    findings: [`error rollout-issue ${path('rolled', 'beta')}`],
    flags: ['added rolled'],
  },
  {
    title: 'a rollout issue that is written later is a change of one field',
    files: { [path('rolled', 'beta')]: flag('rolled', { type: 'beta', more: owner + issue }) },
    findings: [],
    flags: ['changed rolled: rollout_issue_url'],
    entry: [],
  },
  {
    title: 'a default that is flipped is a warning, and needs an entry',
    files: { [path('rolled', 'beta')]: flag('rolled', { type: 'beta', on: true, more: owner + issue }) },
    findings: [`warning default-changed ${path('rolled', 'beta')}`],
    flags: ['changed rolled: default_enabled'],
    entry: ['rolled'],
  },
  {
    title: 'another type and another owner are named',
    files: {
      [path('fine')]: null,
      [path('fine', 'ops')]: flag('fine', { type: 'ops', more: 'group: team-x\n' }),
    },
    findings: [`warning type-changed ${path('fine', 'ops')}`],
    flags: ['changed fine: group type'],
  },
  {
    title: 'a definition that moves to ee/ is named',
    files: { [path('orphan')]: null, [`ee/${path('orphan')}`]: flag('orphan', { more: '' }) },
    findings: [],
    flags: ['changed orphan: edition'],
  },
  {
    title: 'a removed definition that code still asks is an error at each place',
    files: { [path('loud', 'ops')]: null },
    findings: ['error still-asked src/loud.ts:4'],
    flags: ['removed loud'],
    entry: ['loud'],
  },
  {
    title: 'a definition that goes with the code that asks it is fine',
    files: { [path('also', 'ops')]: null, 'src/also.ts': null },
    findings: [],
    flags: ['removed also'],
    entry: ['also'],
  },
  {
    title: 'code that still asks through a variable of unknown type is found too',
    files: {
      [path('lonely')]: null,
      'src/lonely.test.ts': null,
      'src/unsure.ts': `export const unsure = (features) => features.enabled('lonely')\n`,
    },
    findings: ['error still-asked src/unsure.ts:1'],
    flags: ['removed lonely'],
  },
  {
    title: 'a renamed definition is one, with a warning, and an error where the old name is asked',
    files: {
      [path('fine', 'ops')]: null,
      [path('finer', 'ops')]: flag('finer', { type: 'ops', more: 'group: team-x\n', described: 'Turns fine on.' }),
      'src/finer.ts': asks('finer'),
    },
    findings: ['error still-asked src/fine.ts:4', `warning renamed ${path('finer', 'ops')}`],
    flags: ['renamed finer'],
    entry: [],
  },
  {
    title: 'a broken definition is an error, and its flag is not called removed',
    files: { [path('finer', 'ops')]: 'name: finer\ntype: ops\ndefault_enabled: maybe\n' },
    findings: [`error definition ${path('finer', 'ops')}:3`],
    flags: [],
  },
  {
    title: 'a definition that is mended is not called new',
    files: { [path('finer', 'ops')]: flag('finer', { type: 'ops' }) },
    findings: [],
    flags: [],
  },
  {
    title: 'code that asks a flag changes: in the function that asks it, and nowhere else',
    files: {
      'src/code.ts': `${asks('finer', 'rolled')}\nexport function other() {\n  return 1\n}\n`,
    },
    findings: [],
    flags: ['code finer', 'code rolled'],
    entry: ['rolled'],
  },
  {
    title: 'code beside the function that asks a flag changes none',
    files: { 'src/code.ts': `${asks('finer', 'rolled')}\nexport function other() {\n  return 2\n}\n` },
    findings: [],
    flags: [],
  },
  {
    title: 'a check that is taken out changes the code of its flag',
    files: { 'src/code.ts': `${asks('finer')}\nexport function other() {\n  return 2\n}\n` },
    findings: [],
    flags: ['code finer', 'code rolled'],
  },
  {
    title: 'a flag without a definition, of a type that needs none, is asked on',
    files: {
      [path('trial', 'experiment')]: flag('trial', { type: 'experiment', more: owner + issue }),
      'src/trial.ts': `import { Feature } from 'sluice'\nexport const trial = () => Feature.enabled('trial', { type: 'experiment' })\n`,
    },
    findings: [],
    flags: ['added trial'],
  },
  {
    title: 'a removed definition of a type that needs none is fine where calls name the type',
    files: { [path('trial', 'experiment')]: null },
    findings: [],
    flags: ['removed trial'],
  },
  {
    title: 'two definitions of one flag are an error, whichever file is new',
    files: { [path('orphan')]: flag('orphan') },
    findings: [`error definition ee/${path('orphan')}:1`],
    flags: [],
  },
]

let root: string
let commits: string[]

beforeAll(() => {
  root = makeFolder({ '.gitignore': '.feature/\n' })
  commits = [initRepository(root, { 'README.md': 'A shop.\n' })]
})

afterAll(() => rmSync(root, { recursive: true, force: true }))

interface Answer {
  readonly flags: readonly { readonly change: string; readonly name: string; readonly fields: readonly string[] }[]
  readonly findings: readonly {
    readonly severity: string
    readonly rule: string
    readonly file: string
    readonly line: number | null
  }[]
  readonly process: { readonly label: string | null; readonly changelog: { readonly entry: readonly string[] } }
}

describe('review of a commit', () => {
  it.each(steps)('$title', async ({ files, argv = [], findings, flags, entry }) => {
    const base = commits.at(-1) ?? ''
    commits.push(commitFiles(root, files))
    const { code, stdout, stderr } = await run(['review', '--base', base, '--json', ...argv], { root })
    expect(stderr).toBe('')
    const answer: Answer = JSON.parse(stdout)
    const found = answer.findings.map(({ severity, rule, file, line }) =>
      [severity, rule, line === null ? file : `${file}:${line}`].join(' '),
    )
    expect(found).toEqual(findings)
    expect(
      answer.flags.map(
        ({ change, name, fields }) => `${change} ${name}${fields.length === 0 ? '' : `: ${fields.join(' ')}`}`,
      ),
    ).toEqual(flags)
    expect(code).toBe(findings.some((one) => one.startsWith('error')) ? 1 : 0)
    expect(answer.process.label).toBe(flags.length === 0 ? null : '/label ~"feature flag"')
    if (entry !== undefined)
      expect(
        answer.process.changelog.entry.map((reason) => /\w+_?\w*/.exec(reason.replace('code behind ', ''))?.[0]),
      ).toEqual(entry)
  })
})

describe('review of files that are no commit yet', () => {
  const files = { [path('one')]: flag('one'), 'src/one.ts': asks('one') }
  const formats = ['text', 'markdown', 'github', 'codequality'] as const

  it('takes untracked and changed files as they are, in a folder of a larger repository, in every format', async () => {
    const whole = makeRoot({ '.gitignore': '.feature/\n' })
    initRepository(whole, { 'shop/README.md': 'A shop.\n' })
    const shop = `${whole}/shop`
    writeFiles(shop, {
      ...files,
      [path('one')]: flag('one', { more: '' }),
      [path('two', 'ops')]: flag('two', { type: 'ops' }),
    })
    const said = await Promise.all(
      formats.map(async (format) => {
        const { code, stdout } = await run(['review', '--base', 'main', '--format', format], { root: shop })
        return `${format} ${code}\n${stdout.replaceAll(/[0-9a-f]{12,}/g, '<hash>')}`
      }),
    )
    await expect(said.join('\n')).toMatchFileSnapshot('formats.txt')
  })

  it('says nothing of a change that touches no flag', async () => {
    const plain = makeRoot({ '.gitignore': '.feature/\n' })
    initRepository(plain, { ...files, [path('one')]: flag('one') })
    commitFiles(plain, { 'README.md': 'A shop.\n' })
    const said = await Promise.all(
      formats.map((format) => run(['review', '--base', 'HEAD~1', '--format', format], { root: plain })),
    )
    expect(said.map(({ code }) => code)).toEqual([0, 0, 0, 0])
    expect(said.map(({ stdout }) => stdout.split('\n')[1] ?? '')).toEqual([
      'No flag is changed, and no code that asks one.',
      '',
      '',
      '',
    ])
  })

  it('leaves out what happened on the other branch since', async () => {
    const shop = makeRoot({ '.gitignore': '.feature/\n' })
    initRepository(shop, { 'README.md': 'A shop.\n' })
    gitIn(shop, 'checkout', '--quiet', '-b', 'topic')
    commitFiles(shop, files)
    gitIn(shop, 'checkout', '--quiet', 'main')
    commitFiles(shop, { [path('theirs')]: flag('theirs') })
    gitIn(shop, 'checkout', '--quiet', 'topic')
    const { stdout } = await run(['review', '--base', 'main', '--json'], { root: shop })
    expect(JSON.parse(stdout).flags.map(({ name }: { readonly name: string }) => name)).toEqual(['one'])
  })

  it('notes with --state that no database is configured, and reviews all the same', async () => {
    const shop = makeRoot({ '.gitignore': '.feature/\n' })
    initRepository(shop, { 'README.md': 'A shop.\n' })
    writeFiles(shop, files)
    const { code, stderr } = await run(['review', '--base', 'main', '--state'], { root: shop })
    expect([code, stderr]).toEqual([0, expect.stringContaining('no database is configured')])
  })
})

describe('review --state', () => {
  it('says what each flag is in the database', async () => {
    const database = await createDatabase()
    onTestFinished(() => database.close())
    const options = { databaseUrl: database.url }
    const shop = makeRoot({ '.gitignore': '.feature/\n' })
    initRepository(shop, { [path('one')]: flag('one'), [path('two')]: flag('two'), 'src/a.ts': asks('one', 'two') })
    await run(['set', 'one', '25', '--actors'], { root: shop, options })
    writeFiles(shop, {
      [path('one')]: null,
      [path('two')]: flag('two', { more: 'group: team-x\n' }),
      'src/a.ts': asks('two'),
    })
    const { code, stdout } = await run(['review', '--base', 'main', '--state'], { root: shop, options })
    expect(code).toBe(0)
    expect(stdout).toContain('here it is on for 25 % of actors; off for everybody else, as stored')
    expect(stdout).toContain('here it is off for everybody (by default)')
    const json = await run(['review', '--base', 'main', '--state', '--json'], { root: shop, options })
    expect(JSON.parse(json.stdout).flags).toMatchObject([{ state: { stored: true } }, { state: { stored: false } }])
  })

  it('reviews all the same where the database is away', async () => {
    const shop = makeRoot({ '.gitignore': '.feature/\n' })
    initRepository(shop, { 'README.md': 'A shop.\n' })
    const options = { databaseUrl: 'postgres://person:secret@127.0.0.1:1/none' }
    const { code, stdout, stderr } = await run(['review', '--base', 'main', '--state'], { root: shop, options })
    expect([code, stdout]).toEqual([0, expect.stringContaining('No flag is changed')])
    expect(stderr).toContain('note: --state: the database was not read')
    expect(stderr).not.toContain('secret')
  })
})

describe('review without what it needs', () => {
  it('names the command that fetches what a shallow clone lacks, and works after it', async () => {
    const origin = makeRoot()
    initRepository(origin, { 'README.md': 'A shop.\n', '.gitignore': '.feature/\n' })
    commitFiles(origin, { 'README.md': 'A shop with flags.\n' })
    gitIn(origin, 'checkout', '--quiet', '-b', 'topic')
    commitFiles(origin, { [path('one')]: flag('one'), 'src/one.ts': asks('one') })
    const clone = `${makeRoot()}/clone`
    gitIn(origin, 'clone', '--quiet', '--depth=1', '--branch=topic', `file://${origin}`, clone)
    const before = await run(['review', '--base', 'origin/main'], { root: clone })
    expect(before).toMatchObject({ code: 2, stdout: '' })
    expect(before.stderr).toContain('there is no commit "origin/main" in this clone, which is shallow')
    const command = 'git fetch --unshallow origin +refs/heads/main:refs/remotes/origin/main'
    expect(before.stderr).toContain(`run "${command}"`)
    const counted = await run(['review', '--base', 'HEAD~3'], { root: clone })
    expect([counted.code, counted.stderr]).toEqual([
      2,
      expect.stringContaining('run "git fetch --unshallow origin", or'),
    ])
    // With the branch alone, both ends are there, and where they parted is not.
    gitIn(clone, 'fetch', '--quiet', '--depth=1', 'origin', '+refs/heads/main:refs/remotes/origin/main')
    const half = await run(['review', '--base', 'origin/main'], { root: clone })
    expect([half.code, half.stderr]).toEqual([1, expect.stringContaining('run "git fetch --unshallow origin"')])
    gitIn(clone, ...command.split(' ').slice(1))
    expect(await run(['review', '--base', 'origin/main'], { root: clone })).toMatchObject({ code: 0 })
  })

  it.each([
    ['no-such-branch', 'there is no commit "no-such-branch"'],
    ['', 'there is no commit ""'],
    ['--output=stolen', 'there is no commit "--output=stolen"'],
    ['main; touch stolen', 'there is no commit "main; touch stolen"'],
    ['0'.repeat(40), 'there is no commit'],
    ['main..HEAD', 'there is no commit "main..HEAD"'],
  ])('says that --base %j does not exist, as wrong usage', async (base, says) => {
    const shop = makeRoot()
    initRepository(shop, { 'README.md': 'A shop.\n' })
    const { code, stdout, stderr } = await run(['review', `--base=${base}`], { root: shop })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(says)
    expect(gitIn(shop, 'status', '--porcelain')).toBe('')
  })

  it('says that a repository has no commits', async () => {
    const shop = makeRoot()
    gitIn(shop, 'init', '--quiet')
    const { code, stderr } = await run(['review', '--base', 'main'], { root: shop })
    expect([code, stderr]).toEqual([1, expect.stringContaining('has no commits, so there is nothing to compare with')])
  })

  it('says that a folder is in no repository', async () => {
    const { code, stderr } = await run(['review', '--base', 'main'], { root: makeRoot() })
    expect([code, stderr]).toEqual([1, expect.stringContaining('is in no working copy of a git repository')])
  })

  it('says that two histories share no commit', async () => {
    const shop = makeRoot()
    initRepository(shop, { 'README.md': 'A shop.\n' })
    gitIn(shop, 'checkout', '--quiet', '--orphan', 'other')
    commitFiles(shop, { 'README.md': 'Another shop.\n' })
    const { code, stderr } = await run(['review', '--base', 'main'], { root: shop })
    expect([code, stderr]).toEqual([1, expect.stringContaining('HEAD and "main" share no commit; name the branch')])
  })
})
