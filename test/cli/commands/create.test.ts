// The command create.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeRoot } from '../../support/project.js'
import { definition, run, sampleFiles } from '../run.js'

const mr = 'https://gitlab.com/gitlab-org/gitlab/-/merge_requests/38602'
const issue = 'https://gitlab.com/gitlab-org/gitlab/-/issues/232533'
const newPath = 'config/feature_flags/development/my_flag.yml'

function filesIn(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(yml|tmp)$/.test(path))
    .sort()
}

describe('create with answers from a pipe', () => {
  it('asks, prints the file and writes it', async () => {
    const root = makeRoot({ 'package.json': '{"version":"16.10.3"}' })
    const { code, stdout, stderr } = await run(['my_flag'], { root, input: `group::apm\n${mr}\n${issue}\n` })
    const yaml = [
      '---',
      'name: my_flag',
      `introduced_by_url: ${mr}`,
      `rollout_issue_url: ${issue}`,
      "milestone: '16.10'",
      'group: group::apm',
      'type: development',
      'default_enabled: false',
      '',
    ].join('\n')
    expect([code, stdout]).toEqual([0, `create ${newPath}\n${yaml}`])
    expect(readFileSync(join(root, newPath), 'utf8')).toBe(yaml)
    expect(stderr.split('\n').filter((line) => line !== '')).toEqual([
      '>> Specify the group introducing the feature flag, like `group::apm`:',
      '?> group::apm',
      '>> URL of the MR introducing the feature flag (enter to skip):',
      `?> ${mr}`,
      '>> Open this URL and fill in the rest of the details:',
      'https://gitlab.com/gitlab-org/gitlab/-/issues/new?issue%5Btitle%5D=%5BFeature+flag%5D+Rollout+of+%60my_flag%60&issuable_template=Feature+Flag+Roll+Out',
      '>> URL of the rollout issue (enter to skip):',
      `?> ${issue}`,
      '>> Description of the feature flag, what it turns on (enter to skip):',
      '?> ',
    ])
  })

  it('writes the description that follows the answers to the questions of GitLab', async () => {
    const { code, stdout } = await run(['my_flag'], { root: makeRoot(), input: 'group::apm\n\n\nDraws it: light\n' })
    expect([code, stdout]).toEqual([0, expect.stringContaining("name: my_flag\ndescription: 'Draws it: light'\n")])
  })

  it('asks for the kind of actor where classes are registered, last of all', async () => {
    const options = { actors: { User: {}, 'Ci::Runner': {}, Cart: { id: 'cart-{id}' } } }
    const ask = (answer: string) =>
      run(['my_flag', '-n'], { root: makeRoot(), options, input: `group::apm\n\n\nSome.\n${answer}\n` })
    const [skipped, one, several] = [await ask(''), await ask('user'), await ask('Ci::Runner, cart')]
    expect(skipped.stderr).toContain('asked for, of user, runner, cart (enter to skip):\n?> \n')
    expect([skipped.code, skipped.stdout]).toEqual([0, expect.not.stringContaining('actor')])
    expect([one.code, one.stdout]).toEqual([0, expect.stringContaining('default_enabled: false\nactor: user\n')])
    expect([several.code, several.stdout]).toEqual([0, expect.stringContaining('actor: [Ci::Runner, cart]\n')])
  })

  it('does not ask for the kind of actor where no classes are registered', async () => {
    const { stderr } = await run(['my_flag', '-n'], { root: makeRoot(), input: 'group::apm\n' })
    expect(stderr).not.toContain('actor')
  })

  it('does not wait for more than those answers where the pipe stays open', async () => {
    const input = `group::apm\n${mr}\n${issue}\n`
    const { code, stdout } = await run(['my_flag'], { root: makeRoot(), input, staysOpen: true })
    expect([code, stdout]).toEqual([0, expect.not.stringContaining('description')])
  })

  it.each([
    { staysOpen: true, input: '' },
    { staysOpen: false, input: 'of another program\n' },
  ])('leaves the input alone where options give those answers: $input', async (pipe) => {
    const { code, stdout } = await run(['my_flag', '-g', 'team-x', '-m', '', '-i', ''], { root: makeRoot(), ...pipe })
    expect([code, stdout]).toEqual([0, expect.not.stringContaining('description')])
  })

  it('writes a file that is valid', async () => {
    const root = makeRoot()
    await run(['my_flag', '--description', 'What: "it" does # really', '--milestone', '16.10'], {
      root,
      input: 'group::apm\n',
    })
    const { code, stdout } = await run(['validate'], { root })
    expect([code, stdout]).toEqual([0, '1 file: 1 definition, 0 errors, 0 warnings\n'])
  })

  it('skips what may be skipped, at an empty line and at the end of the input', async () => {
    for (const input of ['group::apm\n\n\n', 'group::apm\n', 'group::apm']) {
      const root = makeRoot()
      const { code, stdout } = await run(['my_flag'], { root, input })
      expect(code).toBe(0)
      expect(stdout).not.toContain('_url')
      expect(filesIn(root)).toEqual([newPath])
    }
  })

  it('asks for a rollout issue only where the type has one', async () => {
    const asked = await run(['my_flag', '-t', 'beta'], { root: makeRoot(), input: 'group::apm\n' })
    expect(asked.stderr).toContain('URL of the rollout issue')
    const unasked = await run(['my_flag', '-t', 'ops'], { root: makeRoot(), input: 'group::apm\n' })
    expect(unasked.stderr).not.toContain('rollout issue')
    expect(unasked.stdout).toContain('create config/feature_flags/ops/my_flag.yml')
  })

  it.each([
    { input: 'group:apm\n', says: 'the owner "group:apm" is nearly group::… and names no owner' },
    { input: 'group::\n', says: 'the owner "group::" is nearly group::…' },
    { input: '\n', says: 'every flag must have an owner' },
    { input: 'group::apm\nmerge request 5\n', says: '"merge request 5" is not a URL' },
    { input: 'group::apm\n\njavascript:alert(1)\n', says: '"javascript:alert(1)" is not a URL' },
    { input: `group::apm\n\n\n${'x'.repeat(4_097)}\n`, says: 'is too long, and nothing was written' },
  ])('fails at a wrong answer, says "$says", and writes nothing', async ({ input, says }) => {
    const root = makeRoot()
    const { code, stdout, stderr } = await run(['my_flag'], { root, input })
    expect([code, stdout, filesIn(root)]).toEqual([1, '', []])
    expect(stderr).toContain(says)
  })

  it('fails where no group is given as the owner', async () => {
    const root = makeRoot()
    const { code, stderr } = await run(['my_flag'], { root })
    expect([code, filesIn(root)]).toEqual([2, []])
    expect(stderr).toContain('every flag must have an owner')
  })
})

describe('the owner', () => {
  it.each(['team-x', 'group::apm', 'Payments & Billing', '@shop/core', 'grouping', 'x'.repeat(255)])(
    'that create takes passes validate: %s',
    async (group) => {
      const root = makeRoot()
      const options = ['-m', '', '-i', '', '--description', 'd', '--milestone', '1.0']
      expect(await run(['my_flag', '-g', group, ...options], { root })).toMatchObject({ code: 0 })
      expect(await run(['other_flag', ...options], { root, input: `${group}\n` })).toMatchObject({ code: 0 })
      expect(await run(['validate', '-q'], { root })).toEqual({ code: 0, stdout: '', stderr: '' })
    },
  )

  it.each(['', ' ', 'group::', 'group:apm', 'groups::apm', 'Group::apm', 'group:: apm', 'x'.repeat(256), 'a\u200bb'])(
    'that create refuses does not pass validate: %j',
    async (group) => {
      const root = makeRoot({ [newPath]: definition('my_flag').replace('group::test', JSON.stringify(group)) })
      expect(await run(['other_flag', '-g', group, '-m', '', '-i', ''], { root })).toMatchObject({ code: 2 })
      expect(await run(['validate', '-q'], { root })).toMatchObject({
        code: 1,
        stdout: expect.stringContaining('group: '),
      })
    },
  )
})

describe('create at a terminal', () => {
  it('asks again after a wrong answer', async () => {
    const root = makeRoot()
    const typed = [
      ['group::apm`:', 'group:apm\r'],
      ['is nearly group::…', 'group::apm\r'],
      ['URL of the MR', '\r'],
      ['rollout issue', '\r'],
      ['Description', '\r'],
    ] as const
    const { code, stdout } = await run(['my_flag'], { root, typed })
    expect(code).toBe(0)
    expect(stdout).toContain('create')
    expect(filesIn(root)).toEqual([newPath])
  })

  it('asks for a description also where options give all other answers, and for none where one is given', async () => {
    const given = ['my_flag', '-n', '-g', 'group::apm', '-m', '', '-i', '']
    const asked = await run(given, { root: makeRoot(), typed: [['Description', 'Draws it.\r']] })
    expect([asked.code, asked.stdout]).toEqual([0, expect.stringContaining('description: Draws it.')])
    const unasked = await run([...given, '--description', ''], { root: makeRoot(), typed: [] })
    expect([unasked.code, unasked.stdout]).toEqual([0, expect.not.stringContaining('description')])
  })

  it('ends with 130 at Ctrl-C, and nothing is written', async () => {
    const root = makeRoot()
    const { code } = await run(['my_flag'], { root, typed: [['group::apm`:', '\u0003']] })
    expect([code, filesIn(root)]).toEqual([130, []])
  })
})

describe('create with options', () => {
  it('asks for no answer that an option gives', async () => {
    const root = makeRoot()
    const { code, stderr, stdout } = await run(['my_flag', '-g', 'group::apm', '-m', mr, '-i', issue], { root })
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain(`introduced_by_url: ${mr}\nrollout_issue_url: ${issue}\n`)
  })

  it('shows the file and writes nothing with -n', async () => {
    const root = makeRoot()
    const { code, stdout } = await run(['my_flag', '-n', '-g', 'group::apm', '-m', '', '-i', ''], { root })
    expect([code, filesIn(root)]).toEqual([0, []])
    expect(stdout).toContain('default_enabled: false')
  })

  it('writes under ee/ with --ee', async () => {
    const root = makeRoot()
    await run(['-e', '-t', 'wip', 'my_flag', '-g', 'group::apm', '-m', ''], { root })
    expect(filesIn(root)).toEqual(['ee/config/feature_flags/wip/my_flag.yml'])
  })

  it('overwrites a file with -f, and refuses to without it', async () => {
    const root = makeRoot({ [newPath]: definition('my_flag') })
    const refused = await run(['my_flag', '-g', 'group::apm', '-m', '', '-i', ''], { root })
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain(`${newPath} already exists; use -f`)
    expect(readFileSync(join(root, newPath), 'utf8')).toContain('group::test')
    await run(['my_flag', '-f', '-g', 'group::apm', '-m', '', '-i', ''], { root })
    expect(readFileSync(join(root, newPath), 'utf8')).toContain('group::apm')
  })

  it.each([
    [['-t', 'ops'], 'already defined in config/feature_flags/development/dark_mode.yml'],
    [['-e', '-f'], 'already defined in config/feature_flags/development/dark_mode.yml'],
  ])('refuses a flag that is defined elsewhere, also with -f (options %s)', async (options, says) => {
    const root = makeRoot(sampleFiles)
    const { code, stderr } = await run(['dark_mode', ...options, '-g', 'group::apm', '-m', '', '-i', ''], { root })
    expect([code, filesIn(root)]).toEqual([1, Object.keys(sampleFiles).sort()])
    expect(stderr).toContain(says)
  })

  it.each([
    [['-g', 'group:apm'], 'is nearly group::…'],
    [['-g', 'x'.repeat(256)], 'is too long'],
    [['-g', ' '], 'every flag must have an owner'],
    [['-m', 'ftp://x'], 'is not a URL'],
    [['-t', 'opps'], 'did you mean "ops"?'],
    [['--milestone', 'next'], 'is not a version'],
    [['--description', 'x'.repeat(4_097)], 'is too long'],
    [['--actor', 'usr'], '"usr" is no kind of actor; did you mean user?'],
    [['--actor', 'User, 5'], '"5" is no kind of actor'],
    [['--actor', Array.from({ length: 21 }, (_, index) => `A${index}`).join()], '21 kinds of actors are too many'],
  ])('refuses the options %s as wrong usage', async (options, says) => {
    const root = makeRoot()
    const { code, stderr } = await run(['my_flag', ...options], { root, input: 'group::apm\n' })
    expect([code, filesIn(root)]).toEqual([2, []])
    expect(stderr).toContain(says)
  })
})

describe('create', () => {
  it.each([
    'my-flag',
    'MyFlag',
    '_my_flag',
    'my__flag',
    'my flag',
    'constructor',
    '__proto__',
    '../../etc/passwd',
    'a'.repeat(252),
    'ｆｌａｇ',
    'flag\n',
  ])('refuses the name %j, which the loader would refuse', async (name) => {
    const root = makeRoot()
    const { code, stdout, stderr } = await run([name, '-g', 'group::apm', '-m', '', '-i', ''], { root })
    expect([code, stdout, filesIn(root)]).toEqual([2, '', []])
    expect(stderr).toContain("cannot be a flag's name")
  })

  it('suggests the right name for one with a slip', async () => {
    const { stderr } = await run(['My-Flag'], { root: makeRoot() })
    expect(stderr).toContain('how about "my_flag"?')
  })

  it('takes the names of commands as names of flags', async () => {
    const root = makeRoot()
    expect(await run(['create', 'list', '-g', 'group::apm', '-m', '', '-i', ''], { root })).toMatchObject({ code: 0 })
    expect(filesIn(root)).toEqual(['config/feature_flags/development/list.yml'])
  })
})

describe('--amend', () => {
  const options = ['-g', 'group::apm', '-m', '', '-i', '', '--amend']
  const git = (root: string, ...args: readonly string[]) => {
    const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false']
    const ran = spawnSync('git', [...identity, ...args], { cwd: root, encoding: 'utf8' })
    if (ran.status !== 0) throw new Error(ran.stderr)
    return ran.stdout.trim()
  }

  it('makes the file part of the last commit', async () => {
    const root = makeRoot()
    git(root, 'init', '-q')
    for (const [key, value] of [
      ['user.name', 'Test'],
      ['user.email', 'test@example.com'],
      ['commit.gpgsign', 'false'],
    ] as const) {
      git(root, 'config', key, value)
    }
    git(root, 'commit', '-q', '--allow-empty', '-m', 'A feature')
    const { code } = await run(['my_flag', ...options], { root })
    expect(code).toBe(0)
    expect(git(root, 'log', '--format=%s')).toBe('A feature')
    expect(git(root, 'show', '--name-only', '--format=')).toBe(newPath)
  })

  it('is refused before anything is written where there is no commit', async () => {
    const root = makeRoot()
    const { code, stderr } = await run(['my_flag', ...options], { root })
    expect([code, existsSync(join(root, newPath))]).toEqual([1, false])
    expect(stderr).toContain('no git commit to amend')
  })
})
