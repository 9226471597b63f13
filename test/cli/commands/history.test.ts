// The command history: what it is narrowed to, and changes in the place of rows.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createDatabase, type TestDatabase } from '../../support/services.js'
import { makeRoot } from '../../support/project.js'
import { run, sampleFiles } from '../run.js'

let database: TestDatabase
let root: string

const cli = (...argv: readonly string[]) => run(argv, { root, options: { databaseUrl: database.url } })

let written: Promise<unknown> | null = null

async function write(): Promise<void> {
  await cli('set', 'dark_mode', '25', '--actors', '--reason', 'a first share')
  await database.query(`insert into feature_gates (feature_key, key, value) values ('dark_mode', 'actors', 'User:1')`)
  await database.query(`set session_replication_role = replica;
    insert into feature_gates (feature_key, key, value) values ('dark_mode', 'actors', 'User:2')`)
}

beforeAll(async () => {
  database = await createDatabase({ pooled: true })
})
beforeEach(async () => {
  root = makeRoot(sampleFiles)
  written ??= write()
  await written
})
afterAll(() => database.close())

it('shows one line for each change with its id, and says what was written past the triggers', async () => {
  const shown = await cli('history', 'dark_mode', '--changes')
  expect(shown).toMatchObject({ code: 0 })
  const lines = shown.stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t').slice(1))
  expect(lines).toEqual([
    ['unknown', 'untracked', '', 'written past the triggers: added User:2', ''],
    [expect.stringMatching(/^db:/), 'sql', '', 'added User:1', ''],
    [
      expect.stringMatching(/^cli:/),
      'cli',
      expect.stringMatching(/^[0-9a-f-]{36}$/),
      '0 → 25 % of actors',
      'a first share',
    ],
  ])
  const json = JSON.parse((await cli('history', '--changes', '--json', '--limit', '1')).stdout)
  expect(json).toMatchObject([{ untracked: true, change_id: null, flags: [{ name: 'dark_mode' }] }])
})

it('is narrowed by author, source and time, and the shape of its rows stays', async () => {
  const found = async (...argv: readonly string[]) => JSON.parse((await cli('history', '--json', ...argv)).stdout)
  const keys = 'at feature gate value operation author source reason change_id position'.split(' ')
  const rows = await found('--source', 'cli')
  expect(rows.map((row: object) => Object.keys(row))).toEqual([keys, keys])
  expect(await found('--author', rows[0].author, '--since', '1h')).toEqual(rows)
  expect(await found('--author', 'cli:no_such_person')).toEqual([])
  expect(await found('--since', rows[0].position.version)).toMatchObject([{ source: 'untracked' }, { source: 'sql' }])
  expect(await cli('history', 'dark_mode', '--source', 'http')).toMatchObject({
    code: 0,
    stderr: '"dark_mode" was never changed in this way.\n',
  })
  expect(await cli('history', '--since', 'yesterday', '--changes')).toMatchObject({ code: 2 })
  expect(await cli('history', 'no_such_flag', '--changes')).toMatchObject({ code: 1 })
})

it('shows what is different between two points, of one flag and of all', async () => {
  const [first] = JSON.parse((await cli('history', '--source', 'cli', '--json')).stdout)
  const shown = await cli('diff', 'dark_mode', '--from', '0', '--to', first.change_id)
  expect(shown.stdout.split('\n')).toEqual([
    'dark_mode: off for everybody (by default)',
    '         → on for 25 % of actors; off for everybody else',
    '  percentage_of_actors: 0 → 25',
    '',
  ])
  expect(shown.stderr).toContain('written past the triggers')
  const all = JSON.parse((await cli('diff', '--from', first.position.version, '--json')).stdout)
  expect(all).toMatchObject({
    from: { version: first.position.version },
    to: { version: '3' },
    flags: [{ name: 'dark_mode', untracked: true, gates: [{ gate: 'actors', added: ['User:1', 'User:2'] }] }],
  })
  expect(await cli('diff', 'canary', '--from', '2')).toMatchObject({
    code: 0,
    stderr: 'Nothing is different in "canary".\n',
  })
  expect(await cli('diff', 'no_such_flag', '--from', '2')).toMatchObject({ code: 1 })
  expect((await cli('diff', '--from', 'then')).stderr).toContain('"then" is not a point in the past')
  expect(await cli('diff', 'dark_mode')).toMatchObject({ code: 2 })
})
