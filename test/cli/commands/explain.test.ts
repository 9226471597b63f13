// The command explain: one flag gate by gate, and all flags.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeFolder } from '../../support/project.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'
import { run, type RunOptions, sampleFiles } from '../run.js'
import { rm } from 'node:fs/promises'

let database: TestDatabase
let root: string

beforeAll(async () => {
  database = await createDatabase({ pooled: true })
  root = makeFolder(sampleFiles)
  await cli('set', 'dark_mode', '40', '--actors', '--reason', 'first step')
  await cli('set', 'dark_mode', 'true', '--user', '9')
  await cli('set', 'canary', '30', '--random')
})
afterAll(async () => {
  await rm(root, { recursive: true, force: true })
  await database.close()
})

const cli = (...argv: readonly string[]) => run(argv, { root, options: { databaseUrl: database.url } })
const onTerminal = (columns: number, env: RunOptions['env'], ...argv: readonly string[]) =>
  run(argv, { root, columns, typed: [], options: { databaseUrl: database.url }, ...(env === undefined ? {} : { env }) })

describe('explain NAME', () => {
  it('shows each gate, the numbers of the percentage, the change that decided, and the position', async () => {
    const { code, stdout, stderr } = await cli('explain', 'dark_mode', 'User:1')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.split('\n')).toEqual([
      'dark_mode: on for User:1 (percentage_of_actors)',
      'opted out:    no: the list is empty',
      'everybody:    closed: not on for everybody',
      'actors:       closed: "User:1" is not on the list of 1',
      '% of actors:  open: "User:1" stands at 14.5 %; the first 40 % have it',
      '% of time:    closed: no share of checks is set',
      'groups:       closed: no group is set',
      'default:      closed: not used, because something is stored',
      'crc32 of:     dark_modeUser:1 = 2169114546, mod 100000 = 14546, below 40000',
      expect.stringMatching(/^changed by: {3}cli:\w+ \(cli\), \S+Z, change [0-9a-f-]{36}: first step$/),
      expect.stringMatching(/^as of: {8}\S+Z, position 3$/),
      '',
    ])
  })

  it('takes actors as set does, asks several at once, and takes none', async () => {
    const both = JSON.parse((await cli('explain', 'dark_mode', 'User:1', '--user', '9', '--json')).stdout)
    expect(both).toMatchObject({ actors: ['User:1', 'User:9'], value: true, reason: 'actor', approximate: [] })
    expect(both.steps[3].detail).toMatchObject({ input: 'dark_modeUser:1User:9', joined_id: 'User:1User:9' })
    expect(both.by).toMatchObject({ source: 'cli', reason: null, position: { version: '2' } })
    expect((await cli('explain', 'dark_mode')).stdout).toContain('dark_mode: off without an actor (closed)\n')
    expect((await cli('explain', 'canary')).stdout).toContain(
      'canary: on in 30 % of checks without an actor (percentage_of_time)\n',
    )
  })

  it('explains an earlier time', async () => {
    const then = JSON.parse((await cli('explain', 'dark_mode', 'User:9', '--at', '1', '--json')).stdout)
    expect(then).toMatchObject({ value: false, reason: 'closed', as_of: { position: { version: '1' }, from: 'store' } })
    expect((await cli('explain', 'dark_mode', 'User:9', '--at', '0')).stdout).toContain(
      "not certain:  definition: the default of today's file counted\n",
    )
  })

  it.each([
    [['dark_mod', 'User:1'], 1, 'did you mean "dark_mode"?'],
    [['dark_mode', '7'], 2, 'names no class'],
    [['dark_mode', 'user:7'], 2, 'did you mean "User:7"?'],
    [['dark_mode', 'User:7', '--at', '2026-11-20T10:00'], 2, 'does not say in which zone it is'],
    [['dark_mode', 'User:7', '--at', '2999-01-01T00:00Z'], 2, 'is in the future'],
    [['dark_mode', 'User:7', '--at', '2000-01-01T00:00Z'], 1, 'does not reach back'],
    [['dark_mode', 'User:7', '--than', 'User:8'], 2, 'add --all'],
    [['--all', 'User:7', '--than', 'yesterday'], 2, 'is not a point in the past'],
    [['--all', 'User:7', '--only', 'off'], 2, 'on, different'],
    [[], 2, 'no flag is named'],
  ])('refuses %j', async (argv, code, says) => {
    const ran = await cli('explain', ...argv)
    expect([ran.code, ran.stdout]).toEqual([code, ''])
    expect(ran.stderr).toContain(says)
  })

  it('has colours and lines of 80 columns on a terminal, and no colours where they are not wanted', async () => {
    const shown = await onTerminal(80, {}, 'explain', 'dark_mode', 'User:1')
    expect(shown.stdout).toContain('\u001b[32mon\u001b[39m')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is about colours
    const lines = shown.stdout.replace(/\u001b\[\d+m/g, '').split('\n')
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    expect((await onTerminal(80, { NO_COLOR: '1' }, 'explain', 'dark_mode', 'User:1')).stdout).not.toContain('\u001b')
  })
})

describe('explain --all', () => {
  it('shows every flag in a pipe as a line of tabs, and with --only those that are on or differ', async () => {
    const all = await cli('explain', '--all', 'User:9')
    expect(all.stdout).toContain('dark_mode\ton\tactor\toff\n')
    expect(all.stdout).toContain('canary\t30 %\tpercentage_of_time\toff\n')
    const differ = await cli('explain', '--all', 'User:9', '--only', 'different', '--than', 'User:7')
    expect(differ.stdout).toBe('dark_mode\ton\tactor\toff\tclosed\n')
    const since = JSON.parse(
      (await cli('explain', '--all', 'User:9', '--only', 'different', '--than', '2', '--json')).stdout,
    )
    expect(since).toMatchObject({
      as_of: { position: { version: '3' } },
      than_as_of: { position: { version: '2', nonce: null } },
      flags: [
        {
          name: 'canary',
          value: null,
          chance: 0.3,
          than: { value: false, reason: 'default', approximate: ['definition'] },
        },
      ],
    })
    const none = await cli('explain', '--all', 'User:9', '--only', 'different', '--than', 'User:9')
    expect(none).toMatchObject({ code: 0, stdout: '', stderr: 'No flag differs for User:9.\n' })
  })

  it('is a table of 80 columns on a terminal', async () => {
    const { stdout } = await onTerminal(80, { NO_COLOR: '1' }, 'explain', '--all', 'User:9', '--than', 'User:1')
    const [head = '', ...lines] = stdout.split('\n')
    expect(head.split(/ +/)).toEqual(['FLAG', 'ANSWER', 'REASON', 'THAN', 'REASON'])
    expect([head, ...lines].filter((line) => line.length > 80)).toEqual([])
  })
})
