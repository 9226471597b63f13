// Help, wrong usage, and options of every command.
import { readFileSync } from 'node:fs'
import { Command, Help } from 'commander'
import { describe, expect, it } from 'vitest'
import { commandList } from '../../lib/cli/command-list.js'
import { addRoot } from '../../lib/cli/root-option.js'
import { processIo } from '../../lib/cli/terminal/io.js'
import { makeRoot } from '../support/project.js'
import { recordingLogger } from '../support/recording-logger.js'
import { allAdvice } from '../../lib/cli/words-of-other-tools.js'
import { run, sampleFiles } from './run.js'

const commands = [
  ['create'],
  ['validate'],
  ['usage'],
  ['types'],
  ['review'],
  ['list'],
  ['get'],
  ['explain'],
  ['set'],
  ['delete'],
  ['undo'],
  ['restore'],
  ['history'],
  ['diff'],
  ['status'],
  ['console'],
  ['serve'],
  ['open'],
  ['migrate'],
  ['token', 'create'],
  ['token', 'list'],
  ['token', 'revoke'],
  ['project', 'create'],
  ['project', 'list'],
  ['project', 'show'],
  ['project', 'settings'],
  ['project', 'delete'],
  ['project', 'flags', 'list'],
  ['project', 'flags', 'show'],
  ['project', 'flags', 'create'],
  ['project', 'flags', 'rename'],
  ['project', 'flags', 'delete'],
  ['project', 'set'],
  ['project', 'lists', 'list'],
  ['project', 'lists', 'show'],
  ['project', 'lists', 'create'],
  ['project', 'lists', 'change'],
  ['project', 'lists', 'delete'],
  ['project', 'instance-id', 'list'],
  ['project', 'instance-id', 'create'],
  ['project', 'instance-id', 'retire'],
  ['project', 'configure'],
  ['project', 'evaluate'],
  ['project', 'history'],
  ['project', 'export'],
  ['project', 'import'],
  ['export'],
  ['import'],
]

/** What a command needs beside its name. */
const arguments_: Readonly<Record<string, readonly string[]>> = {
  create: ['my_flag'],
  review: ['--base', 'main'],
  get: ['dark_mode'],
  explain: ['dark_mode'],
  restore: ['dark_mode', '--to', '2h'],
  set: ['dark_mode', 'true'],
  delete: ['dark_mode'],
  history: ['dark_mode'],
  diff: ['dark_mode', '--from', '2h'],
  'token create': ['--name', 'x'],
  'token revoke': ['x'],
  'project create': ['shop'],
  'project show': ['shop'],
  'project settings': ['shop'],
  'project delete': ['shop'],
  'project flags list': ['shop'],
  'project flags show': ['shop', 'my_flag'],
  'project flags create': ['shop', 'my_flag'],
  'project flags rename': ['shop', 'my_flag', 'other'],
  'project flags delete': ['shop', 'my_flag'],
  'project set': ['shop', 'my_flag', 'on'],
  'project lists list': ['shop'],
  'project lists show': ['shop', 'testers'],
  'project lists create': ['shop', 'testers', '1'],
  'project lists change': ['shop', 'testers', '--add', '1'],
  'project lists delete': ['shop', 'testers'],
  'project instance-id list': ['shop'],
  'project instance-id create': ['shop', 'web'],
  'project instance-id retire': ['shop', 'web'],
  'project configure': ['shop'],
  'project evaluate': ['shop', '--env', 'production'],
  'project history': ['shop'],
  'project export': ['shop'],
  'project import': ['shop', '/dev/null'],
  import: ['/dev/null'],
}

describe('--version', () => {
  it('shows the version of package.json', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(await run(['--version'], { root: makeRoot() })).toMatchObject({ code: 0, stdout: `${version}\n` })
  })
})

describe('the list of commands', () => {
  it.each(commandList)('says of $name what the command says of itself', async ({ name, term, description, load }) => {
    const program = new Command()
    const io = processIo()
    const add = await load()
    add(program, { io, root: () => '', fail: () => {} })
    addRoot(program, undefined)
    const [command] = program.commands
    if (command === undefined) throw new Error('no command was added')
    const said = [command.name(), new Help().subcommandTerm(command), command.description()]
    expect(said).toEqual([name, term, description])
  })
})

describe('help', () => {
  it('names every command', async () => {
    const { code, stdout, stderr } = await run(['--help'], { root: makeRoot() })
    expect([code, stderr]).toEqual([0, ''])
    for (const [name] of commands) expect(stdout).toContain(`\n  ${name}`)
  })

  it.each(commands.map((path) => [path.join(' '), path] as const))('of %s has an example', async (_, path) => {
    const { code, stdout } = await run([...path, '--help'], { root: makeRoot() })
    expect(code).toBe(0)
    expect(stdout).toMatch(/Examples?:\n {2}\S/)
    expect(stdout).toContain(
      `bin/feature-flag ${path.filter((word) => word !== 'create' || path.length > 1).join(' ')}`.trim(),
    )
  })

  it.each(['project', 'project flags', 'project lists', 'project instance-id'])(
    'of %s fits into 80 columns',
    async (words) => {
      const { stdout } = await run([...words.split(' '), '--help'], { root: makeRoot(), columns: 80 })
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
    },
  )

  it('is shown on stderr, as wrong usage, where no command is given', async () => {
    const { code, stdout, stderr } = await run([], { root: makeRoot() })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('Usage: bin/feature-flag')
  })
})

describe('wrong usage', () => {
  const cases = [
    { argv: ['lst'], says: 'did you mean "list"? To define a flag of this name: bin/feature-flag create lst' },
    { argv: ['histroy', 'dark_mode'], says: 'did you mean "history"?' },
    { argv: ['delet', 'dark_mode', '--json'], says: 'did you mean "delete"?' },
    { argv: ['list', '--group', 'x'], says: "error: unknown option '--group'" },
    { argv: ['list', '-i', 'https://x.test/1'], says: 'to define a flag of this name: bin/feature-flag create list' },
    {
      argv: ['enable'],
      says: 'there is no command "enable"; use bin/feature-flag set NAME true. To define a flag of this name: bin/feature-flag create enable',
    },
    { argv: ['enable', 'dark_mode'], says: 'use bin/feature-flag set dark_mode true. To define' },
    { argv: ['Turn-Off', 'dark_mode', '--force'], says: 'use bin/feature-flag set dark_mode false. To define' },
    { argv: ['--root', '/tmp', 'stale'], says: 'use bin/feature-flag list, which shows every flag' },
    { argv: ['--root=/tmp', 'usages', '--json'], says: 'use bin/feature-flag usage' },
    { argv: ['dark_mode', 'true'], says: 'did you mean bin/feature-flag set dark_mode true? To define' },
    { argv: ['dark_mode', '25', '--actors'], says: 'did you mean bin/feature-flag set dark_mode 25?' },
    {
      argv: ['frobnicate', 'dark_mode'],
      says: 'there is no command "frobnicate"; bin/feature-flag help shows all commands.',
    },
    { argv: ['status', '--ee'], says: 'to define a flag of this name: bin/feature-flag create status' },
    { argv: ['list', '--jsn'], says: 'Did you mean --json?' },
    { argv: ['get'], says: "missing required argument 'name'" },
    { argv: ['get', 'one', 'two'], says: 'too many arguments' },
    { argv: ['validate', '--format', 'xml'], says: 'Allowed choices are text, json, junit, codequality' },
    { argv: ['history', 'dark_mode', '--limit', '0'], says: 'whole number from 1' },
    { argv: ['serve', '--port', '65536'], says: 'from 0 to 65535' },
    { argv: ['token'], says: 'Usage:' },
    { argv: ['project'], says: 'Usage:' },
    { argv: ['project', 'flags'], says: 'Usage:' },
    { argv: ['project', 'flgs', 'list'], says: 'Did you mean flags?' },
    { argv: ['project', 'set', 'shop', 'f', 'maybe'], says: 'give on or off' },
    { argv: ['project', 'set', 'shop', 'f'], says: 'nothing to change was given' },
    { argv: ['project', 'set', 'f', 'on'], says: 'give the project too: bin/feature-flag project set PATH f on' },
    { argv: ['project', 'set', 'shop', 'f', '--all'], says: 'the environment is missing' },
    { argv: ['project', 'set', 'shop', 'f', '--env', 'e'], says: 'add --all, --percent, --percent-of-users, --users' },
    { argv: ['project', 'set', 'shop', 'f', '--env', 'e', '--all', '--none'], says: 'exclude each other' },
    { argv: ['project', 'set', 'shop', 'f', '--env', 'e', '--percent', '10.5'], says: 'whole number from 0 to 100' },
    { argv: ['project', 'set', 'shop', 'f', '--env', 'e', '--percent', '+7'], says: 'whole number from 0 to 100' },
    { argv: ['project', 'set', 'shop', 'f', '--env', 'e', '--all', '--by', 'userId'], says: 'give it with --percent' },
    { argv: ['project', 'set', 'shop', 'f', '--env', 'e', '--users', ' ,'], says: '--users names no id' },
    { argv: ['project', 'set', 'shop', 'f', 'on', '--reason', 'x'.repeat(1_001)], says: 'at most 1000 characters' },
    { argv: ['project', 'lists', 'change', 'shop', 'l'], says: 'nothing to change was given' },
    { argv: ['project', 'lists', 'change', 'shop', 'l', '7'], says: 'add --add, --remove or --replace' },
    { argv: ['project', 'lists', 'change', 'shop', 'l', '--add'], says: '--add needs ids' },
    { argv: ['project', 'lists', 'change', 'shop', 'l', '7', '--add', '--remove'], says: 'exclude each other' },
    { argv: ['project', 'lists', 'create', 'shop', 'l', '7', '--file', '-'], says: 'give one of the two' },
    { argv: ['project', 'flags', 'list'], says: 'See bin/feature-flag project flags list --help.' },
    { argv: ['project', 'configure', 'shop', '--url', 'nonsense'], says: 'is no address' },
    { argv: ['project', 'evaluate', 'shop'], says: "required option '--env <environment>'" },
    { argv: ['project', 'evaluate', 'shop', '--env', 'e', '--property', 'x'], says: 'a name, = and a value' },
    { argv: ['project', 'history', 'shop', '--limit', '0'], says: 'whole number from 1 to' },
    { argv: ['open', '--url', 'flags.example.com'], says: 'It is http:// or https:// and a host' },
    { argv: ['open', '--url', 'https://flags.example.com/x'], says: 'without a path' },
    { argv: ['open', '--scope', 'root'], says: 'It is admin, read, write' },
    { argv: ['review'], says: "required option '--base <ref>'" },
    { argv: ['token', 'create'], says: "required option '--name <name>'" },
    {
      argv: ['token', 'create', '--name', 'x', '--scope', 'root'],
      says: 'It is admin, read, write, approve, act_as, projects, or one of',
    },
    { argv: ['token', 'create', '--name', 'x', '--scope', 'read,project:0:write'], says: 'such as project:1:write' },
    { argv: ['token', 'create', '--name', 'x', '--expires', '90'], says: 'a time to come' },
    { argv: ['token', 'create', '--name', 'x', '--expires', '2001-01-01'], says: 'a time to come' },
    { argv: ['tken', 'create'], says: 'did you mean "token"?' },
    { argv: ['--colour'], says: "unknown option '--colour'" },
  ].map(({ argv, says }) => [argv.join(' '), argv, says] as const)

  it.each(cases)('ends with 2, says what was meant, and writes nothing to stdout: %s', async (_, argv, says) => {
    const { code, stdout, stderr } = await run(argv, { root: makeRoot(sampleFiles) })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain(says)
  })
})

describe('a word that other tools have for a command', () => {
  // What issues, manuals and habits make people type.
  const words = [
    ...[
      'enable',
      'disable',
      'on',
      'off',
      'toggle',
      'show',
      'ls',
      'rm',
      'remove',
      'add',
      'new',
      'update',
      'edit',
      'login',
      'init',
      'info',
    ],
    ...[
      'describe',
      'check',
      'search',
      'find',
      'rename',
      'archive',
      'usages',
      'stale',
      'browse',
      'revert',
      'why',
      'preview',
    ],
    ...[
      'relay',
      'turn-on',
      'turn_off',
      'opt-out',
      'rollout',
      'logs',
      'shell',
      'server',
      'lint',
      'health',
      'migrations',
      'backup',
    ],
  ]

  it.each(words)('defines nothing: %s', async (word) => {
    const root = makeRoot(sampleFiles)
    const { code, stdout, stderr } = await run([word], { root, input: 'group::x\n\n\n' })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(
      new RegExp(
        `^error: there is no command "${word}"; (?:use bin/feature-flag |did you mean).* bin/feature-flag create ${word}\n$`,
      ),
    )
  })

  it('is a flag like any other for create', async () => {
    const { code, stdout } = await run(['create', 'enable', '-n'], { root: makeRoot(), input: 'group::x\n\n\n' })
    expect([code, stdout.split('\n')[0]]).toEqual([0, 'create config/feature_flags/development/enable.yml'])
  })

  it('names commands that there are', () => {
    const known = new Set(commands.map(([name]) => name))
    for (const advice of allAdvice) expect([...known, 'help'], advice).toContain(advice.split(/[ ,]/)[0])
  })
})

describe('--root', () => {
  const json = (argv: readonly string[]) => run(argv, { root: makeRoot() })

  it('is the folder that holds the definitions, before the command or after it', async () => {
    const root = makeRoot(sampleFiles)
    for (const argv of [
      ['--root', root, 'validate', '--json'],
      ['validate', '--root', root, '--json'],
      ['validate', '--json', `--root=${root}`],
      ['--root', makeRoot(), 'validate', '--json', '--root', root],
    ]) {
      const { code, stdout } = await json(argv)
      expect([code, JSON.parse(stdout).files]).toEqual([0, 3])
    }
  })

  it.each(
    [
      ...commands
        .filter(([name]) => name !== 'validate')
        .map((path) => [...path, ...(arguments_[path.join(' ')] ?? [])]),
      ['my_flag'],
    ].map((argv) => [argv.join(' '), argv] as const),
  )('is an error if there is no such folder: %s', async (_, argv) => {
    for (const folder of ['/no/such/folder', '']) {
      const { code, stdout, stderr } = await json([...argv, '--root', folder])
      expect([code, stdout, stderr]).toEqual([1, '', `error: --root: there is no folder "${folder}"; check the path\n`])
    }
  })
})

describe('an environment that is nearly a known one', () => {
  it('is warned of once, and makes no command fail', async () => {
    const logger = recordingLogger()
    const options = { env: 'producton', databaseUrl: 'memory', logger }
    expect(await run(['set', 'dark_mode', 'true'], { root: makeRoot(sampleFiles), options })).toMatchObject({ code: 0 })
    const messages = logger.lines.map(({ message }) => message).filter((message) => message.includes('environment'))
    expect(messages).toEqual(['feature flags: the environment is "producton"; did you mean "production"?'])
    const { code, stderr } = await run(['migrate'], { root: makeRoot(), options })
    expect([code, stderr]).toEqual([0, 'warning: the environment is "producton"; did you mean "production"?\n'])
  })
})

describe('a broken configuration', () => {
  it('makes a command fail, and the error names the file', async () => {
    const root = makeRoot({ 'feature.config.mjs': 'export default { databaseUrls: 1 }' })
    const { code, stderr } = await run(['list'], { root })
    expect(code).toBe(1)
    expect(stderr).toContain('error: configuration file: there is no key "databaseUrls"')
  })
})
