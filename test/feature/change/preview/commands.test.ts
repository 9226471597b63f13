// The commands to copy, through a real shell: what it hands on is what was meant, whatever names and ids hold.
import { execFileSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ActorClasses } from '../../../../lib/actors/classes.js'
import { FeatureError } from '../../../../lib/errors.js'
import { commandsFor } from '../../../../lib/feature/change/preview/commands.js'
import type { FlagOperation } from '../../../../lib/index.js'
import { createInstance } from '../../../../lib/instance/create.js'
import type { Instance } from '../../../../lib/instance/instance.js'
import { silentLogger } from '../../../../lib/log.js'
import { programName } from '../../../../lib/text/program-name.js'
import { run } from '../../../cli/run.js'
import { createProject, type TestProject, writeIn } from '../../../support/project.js'

let project: TestProject
let instance: Instance

/** Prints its arguments, each with a NUL after it, and does nothing else. Node would take a tenth of a second for each call. */
const printer = "#!/bin/sh\nprintf '%s\\000' \"$@\"\nprintf '\\001'\n"

beforeAll(async () => {
  project = await createProject('a_flag')
  await project.define('on_by_default', { defaultEnabled: true })
  for (const word of [...programName().split(' '), 'curl', 'reboot']) {
    chmodSync(writeIn(project.root, `shell/${word}`, printer), 0o755)
  }
  const memory = {
    root: project.root,
    env: 'test',
    databaseUrl: 'memory',
    diskFile: false,
    logger: silentLogger,
  } as const
  instance = createInstance(memory, { author: 'test', source: 'code', watch: false })
  await instance.feature.start()
})
afterAll(async () => {
  await instance.feature.stop()
  await project.close()
})

/** What a shell calls: the arguments of each call. */
function shell(command: string): string[][] {
  const cwd = `${project.root}/shell`
  const env = { PATH: `${cwd}:/usr/bin:/bin`, SLUICE_URL: 'http://flags.example', SLUICE_TOKEN: 'a token' }
  const calls = execFileSync('sh', ['-c', command], { cwd, env, encoding: 'utf8' }).split('\u0001').slice(0, -1)
  // `npx feature-flag` is called so where there is no checkout.
  const [, ...runner] = programName().split(' ')
  return calls.map((call) => {
    const argv = call.split('\0').slice(0, -1)
    return runner.length > 0 && argv[0] === runner[0] ? argv.slice(runner.length) : argv
  })
}

const names = [
  'a_flag',
  '$(reboot)',
  '`reboot`',
  "it's; reboot",
  '"quoted" \\ $HOME',
  'two\nlines',
  '-f',
  '--force',
  '--',
  '!!',
  '*',
  ' ',
  '~',
  '#comment',
  'a && reboot',
  'ünïcödé 漢字',
]
const ids = [
  'User:7',
  'User:$(reboot)',
  "User:it's",
  'User:"x"',
  'User:\\',
  'User:`reboot`',
  'Project:a b',
  'User:-f',
  'User:*',
  'User:漢字',
  'User;7',
]

const listed = (id: string): readonly FlagOperation[] => [
  { op: 'add', list: 'actors', ids: [id, 'User:1'] },
  { op: 'remove', list: 'actors', ids: [id] },
  { op: 'add', list: 'never', ids: [id] },
]

const pairs: readonly (readonly [name: string, operation: FlagOperation])[] = [
  ...names.map((name) => [name, { op: 'percentage_of_actors', value: 12.5 }] as const),
  ...ids.flatMap((id) => listed(id).map((operation) => ['a_flag', operation] as const)),
  ['a_flag', { op: 'enable' }],
  ['a_flag', { op: 'disable' }],
  ['a_flag', { op: 'delete' }],
  ['-f', { op: 'delete' }],
  ['a_flag', { op: 'percentage_of_time', value: 0.001 }],
  ['a_flag', { op: 'add', list: 'groups', ids: ["staff's", '$(reboot)'] }],
  ['a_flag', { op: 'remove', list: 'groups', ids: ['staff'] }],
]

describe('the commands to copy', () => {
  it('reach the program as they were meant, of every name and id, and run nothing else', async () => {
    const commands: string[] = []
    const meant: { readonly operation: FlagOperation; readonly after: unknown; readonly body: object }[] = []
    for (const [name, operation] of pairs) {
      const { commands: copied, after } = await instance.preview(name, [operation], { force: true })
      expect(copied.cli).not.toBeNull()
      commands.push(copied.cli ?? '', copied.curl)
      meant.push({ operation, after, body: { operations: [operation], force: true } })
    }
    const called = shell(commands.join('\n'))
    expect(called).toHaveLength(commands.length)
    for (const [index, { after, body, operation }] of meant.entries()) {
      const [argv = [], curl = []] = called.slice(2 * index, 2 * index + 2)
      // The command line reads them as the same change.
      const at = argv.indexOf('--')
      const dry = ['--dry-run', '--json']
      const tried = operation.op === 'delete' ? argv : at === -1 ? [...argv, ...dry] : argv.toSpliced(at, 0, ...dry)
      if (operation.op !== 'delete') {
        const { stdout, stderr, code } = await run(tried, { root: project.root, options: { databaseUrl: 'memory' } })
        expect({ code, stderr }).toMatchObject({ code: 0 })
        expect(JSON.parse(stdout).after).toEqual(after)
      }
      expect(JSON.parse(curl.at(-1) ?? '')).toEqual(body)
      expect(decodeURIComponent(curl[2] ?? '')).toMatch(
        /^http:\/\/flags\.example\/api\/v4\/features\/[\s\S]+\/changes$/,
      )
    }
  })

  it('are missing where the command line has no words for the operation, or reads another id', () => {
    const words = { classes: new ActorClasses(), isGroup: () => false }
    const cli = (...operations: readonly FlagOperation[]) =>
      commandsFor({ name: 'a_flag', operations, revision: '0-00000000-e3b0c442', force: false, isDefined: true }, words)
        .cli
    expect(cli({ op: 'percentage_of_actors', value: 0 })).toBeNull()
    expect(cli({ op: 'percentage_of_actors', value: 100 })).toBeNull()
    expect(cli({ op: 'percentage_of_actors', value: 1e-7 })).toBeNull()
    for (const id of [
      'User:1,User:2',
      ' User:1',
      'User:1 ',
      '',
      'User:1\n',
      'two\nlines',
      '7',
      'user:7',
      'User:1:opt_out',
    ]) {
      expect([id, cli({ op: 'add', list: 'actors', ids: ['User:1', id] })]).toEqual([id, null])
    }
    expect(cli({ op: 'add', list: 'groups', ids: ['User:1'] })).toBeNull()
    expect(cli({ op: 'enable' }, { op: 'percentage_of_time', value: 0 })).toBeNull()
  })

  it('force what was forced, and the deletion of what is not defined', async () => {
    const cli = async (name: string, operation: FlagOperation, force: boolean) =>
      (await instance.preview(name, [operation], { force })).commands.cli?.endsWith(' --force')
    expect(await cli('a_flag', { op: 'delete' }, false)).toBe(false)
    expect(await cli('gone', { op: 'delete' }, false)).toBe(true)
    expect(await cli('gone', { op: 'enable' }, true)).toBe(true)
    await expect(cli('gone', { op: 'enable' }, false)).rejects.toThrow(FeatureError)
  })
})
