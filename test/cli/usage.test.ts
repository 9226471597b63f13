// Help, wrong usage, and options of every command.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { makeRoot } from '../support/project.js'
import { recordingLogger } from '../support/recording-logger.js'
import { run, sampleFiles } from './run.js'

const commands = [
  ['create'],
  ['validate'],
  ['list'],
  ['get'],
  ['set'],
  ['delete'],
  ['history'],
  ['status'],
  ['console'],
  ['serve'],
  ['migrate'],
  ['token', 'create'],
  ['token', 'list'],
  ['token', 'revoke'],
  ['export'],
  ['import'],
]

describe('--version', () => {
  it('shows the version of package.json', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(await run(['--version'], { root: makeRoot() })).toMatchObject({ code: 0, stdout: `${version}\n` })
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
    { argv: ['list', '-g', 'group::x'], says: 'to define a flag of this name: bin/feature-flag create list' },
    { argv: ['status', '--ee'], says: 'to define a flag of this name: bin/feature-flag create status' },
    {
      argv: ['status', '--root', '/tmp'],
      says: '--root goes before the command; write bin/feature-flag --root FOLDER status',
    },
    { argv: ['get', 'dark_mode', '--root=/tmp'], says: '--root goes before the command' },
    { argv: ['my_flag', '--root', '/tmp'], says: '--root goes before the command' },
    { argv: ['list', '--jsn'], says: 'Did you mean --json?' },
    { argv: ['get'], says: "missing required argument 'name'" },
    { argv: ['get', 'one', 'two'], says: 'too many arguments' },
    { argv: ['validate', '--format', 'xml'], says: 'Allowed choices are text, json, junit, codequality' },
    { argv: ['history', 'dark_mode', '--limit', '0'], says: 'whole number from 1' },
    { argv: ['serve', '--port', '65536'], says: 'from 0 to 65535' },
    { argv: ['token'], says: 'Usage:' },
    { argv: ['token', 'create'], says: "required option '--name <name>'" },
    { argv: ['token', 'create', '--name', 'x', '--scope', 'root'], says: 'Allowed choices are admin, read' },
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

describe('--root', () => {
  it('is the folder that holds the definitions', async () => {
    const root = makeRoot(sampleFiles)
    const { code, stdout } = await run(['--root', root, 'validate', '--json'], { root: makeRoot() })
    expect([code, JSON.parse(stdout).files]).toEqual([0, 3])
  })
})

describe('an environment that is nearly a known one', () => {
  it('is warned of once, and makes no command fail', async () => {
    const logger = recordingLogger()
    const options = { env: 'producton', databaseUrl: 'memory', logger }
    expect(await run(['set', 'dark_mode', 'true'], { root: makeRoot(sampleFiles), options })).toMatchObject({ code: 0 })
    const warnings = logger.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)
    expect(warnings).toEqual(['feature flags: the environment is "producton"; did you mean "production"?'])
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
