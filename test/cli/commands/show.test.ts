// The commands that show flags and delete what is stored.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeRoot } from '../../support/project.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'
import { definition, type RunOptions, run, sampleFiles } from '../run.js'

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

function cli(argv: readonly string[], options: Partial<RunOptions> = {}) {
  return run(argv, { root, ...options, options: { databaseUrl: database.url, ...options.options } })
}

async function lines(argv: readonly string[]): Promise<string[]> {
  const { code, stdout } = await cli(argv)
  expect(code).toBe(0)
  return stdout.trimEnd().split('\n')
}

describe('list', () => {
  it('shows what is defined or stored, one line a flag, separated by tabs', async () => {
    await cli(['set', 'dark_mode', '25', '--actors'])
    await cli(['set', 'forgotten', 'true', '--force'])
    expect(await lines(['list'])).toEqual([
      'canary\tops\tdefault\tgroup::test\toff for everybody (by default)',
      'dark_mode\tdevelopment\tconditional\tgroup::test\ton for 25 % of actors; off for everybody else',
      'forgotten\t(not defined)\ton\t\ton for everybody',
      'new_layout\tbeta\tdefault\tgroup::test\ton for everybody (by default)',
    ])
  })

  it('refuses a type that there is not, and takes one that only a file has', async () => {
    for (const more of [[], ['--json'], ['--stored']]) {
      const { code, stdout, stderr } = await cli(['list', '--type', 'opps', ...more])
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).toMatch(
        /^error: "opps" is not a type of flag; did you mean "ops"\? The types are development, ops, /,
      )
    }
    writeFileSync(join(root, 'config/feature_flags/ops/odd.yml'), definition('odd', 'odd_type'))
    expect(await lines(['list', '--type', 'odd_type'])).toHaveLength(1)
    const none = await cli(['list', '--type', 'wip'])
    expect(none).toEqual({ code: 0, stdout: '', stderr: 'There is no flag of the type "wip".\n' })
  })

  it('can be narrowed by type and to what is stored', async () => {
    await cli(['set', 'canary', 'true'])
    expect(await lines(['list', '--type', 'beta'])).toHaveLength(1)
    expect(await lines(['list', '--stored'])).toEqual(['canary\tops\ton\tgroup::test\ton for everybody'])
    expect(JSON.parse((await cli(['list', '--stored', '--json'])).stdout)).toMatchObject([
      { name: 'canary', state: 'on', stored: true, summary: 'on for everybody' },
    ])
  })

  it('is Markdown for a documentation page: what the definitions say, and nothing that is stored', async () => {
    await cli(['set', 'canary', 'true'])
    writeFileSync(
      join(root, 'config/feature_flags/ops/canary.yml'),
      `${definition('canary', 'ops')}introduced_by_url: https://example.com/(1)\nactor: [user, Account]\n`.replace(
        'What canary does.',
        "'A | B, @all <b>bold</b> [x](y)'",
      ),
    )
    expect(await lines(['list', '--format', 'markdown', '--type', 'ops'])).toEqual([
      '| Flag | Type | Default | Milestone | Owner | Asked for | Description | Links |',
      '| --- | --- | --- | --- | --- | --- | --- | --- |',
      '| `canary` | ops | off | 1.0 | group::test | user, Account | A \\| B, &#64;all &#60;b&#62;bold&#60;/b&#62; \\[x\\]\\(y\\) | [introduced by](https://example.com/%281%29) |',
    ])
    const all = await lines(['list', '--format', 'markdown'])
    expect(all.slice(2).map((line) => line.split(' | ').slice(0, 3).join(' | '))).toEqual([
      '| `canary` | ops | off',
      '| `dark_mode` | development | off',
      '| `new_layout` | beta | on',
    ])
  })

  it('says as Markdown that a definition is broken, and fails', async () => {
    writeFileSync(join(root, 'config/feature_flags/ops/canary.yml'), 'name: canary')
    const { code, stdout, stderr } = await run(['list', '--format', 'markdown'], { root })
    expect([code, stderr]).toEqual([1, 'one file is broken and has no row; bin/feature-flag validate says why\n'])
    expect(stdout).toContain('dark_mode')
  })

  it.each([['--stored'], ['--json'], ['--type', 'opps']])('refuses %s beside Markdown', async (...more) => {
    expect(await run(['list', '--format', 'markdown', ...more], { root })).toMatchObject({ code: 2, stdout: '' })
  })

  it('is a table on a terminal, with colours unless NO_COLOR is set', async () => {
    const coloured = await cli(['list'], { typed: [] })
    expect(coloured.stdout).toContain('\u001b[2mNAME')
    const plain = await cli(['list'], { typed: [], env: { NO_COLOR: '1' } })
    expect(plain.stdout).not.toContain('\u001b')
    expect(plain.stdout).toMatch(/^NAME +TYPE +STATE +OWNER +MEANING\ncanary +ops/)
  })

  it('prints stored text so that it cannot break lines', async () => {
    await database.query('insert into features (key, created_at, updated_at) values ($1, now(), now())', [
      'a\tb\n\u001b[2J',
    ])
    const [line] = await lines(['list', '--stored'])
    expect(line).toBe('a\\u{9}b\\u{a}\\u{1b}[2J\t(not defined)\toff\t\toff for everybody')
  })
})

describe('get', () => {
  it('says in words what is stored', async () => {
    await cli(['set', 'dark_mode', '25', '--actors'])
    await cli(['set', 'dark_mode', 'true', '--user', '1,2', '--feature-group', 'staff'])
    await cli(['set', 'dark_mode', '--opt-out', '--user', '3'])
    const shown = await lines(['get', 'dark_mode'])
    expect(shown).toEqual(
      expect.arrayContaining([
        'dark_mode',
        'means:         on for 2 actors, 25 % of actors and the group staff; off for everybody else; off for 1 opted-out actor',
        'state:         conditional',
        'actors:        User:1, User:2',
        'opted out:     User:3',
        'groups:        staff',
        '% of actors:   25',
        'default:       off',
        'owner:         group::test',
        'file:          config/feature_flags/development/dark_mode.yml',
      ]),
    )
  })

  it('tells a default apart from what is stored', async () => {
    expect(await lines(['get', 'new_layout'])).toEqual(
      expect.arrayContaining(['means:         on for everybody (by default)', 'default:       on']),
    )
    await cli(['set', 'new_layout', 'false'])
    expect(await lines(['get', 'new_layout'])).toEqual(
      expect.arrayContaining([
        'means:         off for everybody',
        'default:       on (does not count: something is stored)',
      ]),
    )
  })

  it('has one shape as JSON, stored or not', async () => {
    const unstored = JSON.parse((await cli(['get', 'dark_mode', '--json'])).stdout)
    expect(unstored).toMatchObject({
      name: 'dark_mode',
      state: 'off',
      stored: false,
      gates: [{ key: 'boolean', value: false }],
    })
    await cli(['set', 'forgotten', 'true', '--force'])
    const undefinedFlag = JSON.parse((await cli(['get', 'forgotten', '--json'])).stdout)
    expect(undefinedFlag).toMatchObject({ state: 'on', definition: null })
    expect(Object.keys(undefinedFlag)).toEqual(Object.keys(unstored))
  })

  it('fails for a flag that is neither defined nor stored', async () => {
    const { code, stdout, stderr } = await cli(['get', 'dark_mod', '--json'])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('did you mean "dark_mode"?')
  })

  it('shortens long lists of actors', async () => {
    const ids = Array.from({ length: 25 }, (_, index) => 100 + index).join(',')
    await cli(['set', 'dark_mode', 'true', '--user', ids])
    expect((await lines(['get', 'dark_mode'])).join('\n')).toContain('User:119 and 5 more (--json shows all)')
  })
})

describe('delete', () => {
  it('deletes what is stored, so that the default counts again', async () => {
    await cli(['set', 'new_layout', 'false'])
    expect(await lines(['delete', 'new_layout'])).toEqual(['new_layout: deleted; on for everybody (by default)'])
    expect(JSON.parse((await cli(['get', 'new_layout', '--json'])).stdout)).toMatchObject({ stored: false })
  })

  it('succeeds where nothing is stored of a flag that is defined or once was stored', async () => {
    const defined = await cli(['delete', 'dark_mode'])
    expect(defined).toEqual({ code: 0, stdout: '', stderr: 'Nothing is stored of "dark_mode".\n' })
    await cli(['set', 'forgotten', 'true', '--force'])
    await cli(['delete', 'forgotten', '--force'])
    const again = await cli(['delete', 'forgotten', '--json'])
    expect([again.code, JSON.parse(again.stdout)]).toEqual([
      0,
      { name: 'forgotten', deleted: false, variants_deleted: 0 },
    ])
  })

  it('fails for a name that no flag ever had', async () => {
    for (const argv of [
      ['delete', 'dark_mod'],
      ['delete', 'dark_mod', '--json', '--force'],
    ]) {
      const { code, stdout, stderr } = await cli(argv)
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toBe('error: the flag "dark_mod" is neither defined nor stored; did you mean "dark_mode"?\n')
    }
  })

  it.each(['test', 'production'])(
    'takes the flag of another application with --force only, whatever else is said, in %s',
    async (env) => {
      await cli(['set', 'neighbours', 'true', '--force'])
      const says =
        'error: this project does not define "neighbours", and another application may use it; use --force to delete what is stored of it all the same\n'
      for (const more of [[], ['--yes'], ['--json']]) {
        expect(await cli(['delete', 'neighbours', ...more], { options: { env } })).toEqual({
          code: 1,
          stdout: '',
          stderr: says,
        })
      }
      const elsewhere = await cli(['delete', 'neighbours'], { root: makeRoot() })
      expect(elsewhere.stderr).toContain('no definition files were found under config/feature_flags')
      expect((await cli(['get', 'neighbours'])).stdout).toMatch(
        /^definition: +none: this project does not define it; another application may use it$/m,
      )
      const forced = await cli(['delete', 'neighbours', '--force'], { options: { env } })
      expect([forced.code, forced.stdout]).toEqual([0, 'neighbours: deleted\n'])
    },
  )

  it('takes a flag whose definition file is broken: this project owns it', async () => {
    await cli(['set', 'canary', 'true'])
    writeFileSync(join(root, 'config/feature_flags/ops/canary.yml'), 'name: [')
    expect(await cli(['delete', 'canary'])).toMatchObject({ code: 0, stdout: 'canary: deleted\n' })
  })
})

describe('history', () => {
  it('shows each change in one line: time, author, source, change, reason', async () => {
    await cli(['set', 'dark_mode', 'true', '--user', '1,2', '--reason', 'first users'])
    await cli(['set', 'dark_mode', 'true'])
    await database.query('delete from features where key = $1', ['dark_mode'])
    const shown = (await lines(['history', 'dark_mode'])).map((line) => line.split('\t').slice(1))
    expect(shown.slice(0, 3)).toEqual([
      [expect.stringMatching(/^db:/), 'sql', 'back to the default: what was stored was deleted', ''],
      [expect.stringMatching(/^cli:/), 'cli', 'on for everybody, removed User:1, User:2', ''],
      [expect.stringMatching(/^cli:/), 'cli', 'added User:1, User:2', 'first users'],
    ])
  })

  it('has every row as JSON', async () => {
    await cli(['set', 'canary', 'true', '--reason', 'why not'])
    const entries = JSON.parse((await cli(['history', 'canary', '--json', '--limit', '1'])).stdout)
    expect(entries).toHaveLength(1)
    expect(Object.keys(entries[0])).toEqual([
      'at',
      'feature',
      'gate',
      'value',
      'operation',
      'author',
      'source',
      'reason',
      'change_id',
      'position',
    ])
    expect(entries[0]).toMatchObject({ feature: 'canary', operation: 'added', reason: 'why not' })
  })

  it('shows all flags where none is named, the newest change first, each flag of a transaction for itself', async () => {
    await database.query('delete from feature_history')
    await cli(['set', 'dark_mode', 'true', '--user', '1'])
    const features = ['canary', 'dark_mode'].map((key) => ({ key, gates: { boolean: ['true'] } }))
    const file = join(root, 'two.json')
    writeFileSync(file, JSON.stringify({ format: 'sluice-export', version: 1, position: null, features }))
    await cli(['import', file, '--reason', 'both'])
    const shown = (await lines(['history'])).map((line) => line.split('\t').slice(1))
    const author = expect.stringMatching(/^cli:/)
    expect(shown.slice(0, 2).sort()).toEqual([
      ['canary', author, 'import', 'on for everybody', 'both'],
      ['dark_mode', author, 'import', 'on for everybody, removed User:1', 'both'],
    ])
    expect(shown.slice(2)).toEqual([['dark_mode', author, 'cli', 'added User:1']])
    const newest = await cli(['history', '--limit', '1', '--json'])
    expect(JSON.parse(newest.stdout)).toMatchObject([{ source: 'import' }])
    const table = await cli(['history'], { typed: [], env: { NO_COLOR: '1' } })
    expect(table.stdout).toMatch(/^WHEN +FLAG +WHO +SOURCE +WHAT +WHY\n/)
  })

  it('is empty for a flag that never changed, and fails for a name that never was', async () => {
    expect(await cli(['history', 'new_layout'])).toMatchObject({ code: 0 })
    expect(await cli(['history', 'newlayout'])).toMatchObject({ code: 1, stdout: '' })
  })
})

describe('status', () => {
  it('names database, position and age', async () => {
    await cli(['set', 'dark_mode', 'true'])
    const { code, stdout } = await cli(['status', '--json'])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      environment: 'test',
      root,
      database: { kind: 'postgres', place: expect.stringContaining('Postgres at 127.0.0.1') },
      source: 'postgres',
      position: { version: expect.stringMatching(/^\d+$/), nonce: expect.any(String) },
      degraded: false,
      flags: { defined: 3, invalid: 0, stored: 1 },
    })
    expect((await lines(['status'])).join('\n')).toMatch(/^environment: {2}test\n/)
  })

  it('does not call the memory of this process by the name of Postgres, and warns of it in production', async () => {
    const shown = async (env: string) => {
      const { stdout, stderr } = await cli(['status', '--json'], { options: { databaseUrl: 'memory', env } })
      return { ...JSON.parse(stdout), stderr }
    }
    const production = await shown('production')
    expect(production).toMatchObject({
      source: 'memory',
      database: { kind: 'memory', place: 'memory of this process' },
    })
    expect(production.warnings).toEqual([expect.stringContaining('changes are gone when it ends')])
    expect(JSON.stringify(production)).not.toMatch(/"postgres"/)
    expect(await shown('staging')).toMatchObject({ warnings: [], stderr: expect.stringContaining('in memory only') })
  })

  it('is shown, and fails, where the database cannot be read', async () => {
    const databaseUrl = 'postgres://nobody:secret@127.0.0.1:1/none'
    const { code, stdout, stderr } = await cli(['status', '--json'], { options: { databaseUrl } })
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({ degraded: true, position: null, age_ms: null })
    expect(stderr).toMatch(/^error: /)
    expect(stdout + stderr).not.toContain('secret')
  })
})

describe('a broken definition', () => {
  it('does not keep other flags from being looked at and set', async () => {
    root = makeRoot({ ...sampleFiles, 'config/feature_flags/ops/broken.yml': 'name: [' })
    expect(await cli(['set', 'dark_mode', 'false'], { options: { env: 'development' } })).toMatchObject({ code: 0 })
    expect(JSON.parse((await cli(['status', '--json'])).stdout).flags).toMatchObject({ defined: 3, invalid: 1 })
  })
})

describe('a flag whose definition file has a fault in its details', () => {
  beforeEach(() => {
    const text = `${definition('canary', 'ops', true)}rollout_issue_url: TBD\n`
    writeFileSync(join(root, 'config/feature_flags/ops/canary.yml'), text)
  })

  it('is defined, and get shows the fault', async () => {
    const { code, stdout } = await cli(['get', 'canary'])
    expect(code).toBe(0)
    expect(stdout).toContain('on for everybody (by default)')
    expect(stdout).toMatch(/^fault: +rollout_issue_url: must be an http or https URL, got "TBD"/m)
  })

  it('is counted as defined and as invalid by status', async () => {
    expect(JSON.parse((await cli(['status', '--json'])).stdout).flags).toMatchObject({ defined: 3, invalid: 1 })
  })

  it('can be set', async () => {
    expect(await cli(['set', 'canary', 'false'])).toMatchObject({ code: 0, stdout: 'canary: off for everybody\n' })
  })

  it('does not pass validate', async () => {
    expect(await cli(['validate'])).toMatchObject({ code: 1, stdout: expect.stringContaining('rollout_issue_url') })
  })
})

describe('a flag whose definition file is broken', () => {
  const place = 'config/feature_flags/ops/canary.yml:6'
  const says = `error: flag "canary" cannot be used, its definition ${place} is invalid: default_enabled: must be true or false, got "no"`
  const breakIt = () =>
    writeFileSync(join(root, 'config/feature_flags/ops/canary.yml'), definition('canary', 'ops').replace('false', 'no'))

  it('is said to be broken by get and set, with the line', async () => {
    breakIt()
    for (const argv of [
      ['get', 'canary'],
      ['set', 'canary', 'true'],
    ]) {
      const { code, stdout, stderr } = await cli(argv)
      expect([code, stdout]).toEqual([1, ''])
      expect(stderr).toContain(says)
    }
  })

  it('is not called one to delete when something is stored of it', async () => {
    await cli(['set', 'canary', 'true'])
    breakIt()
    const { stdout } = await cli(['get', 'canary'])
    expect(stdout).toContain(`is invalid: default_enabled`)
    expect(stdout).not.toContain('delete it')
  })
})

describe('a folder without definition files', () => {
  it('is doubted by get and set, which find no flag there', async () => {
    const empty = makeRoot()
    const says = `no definition files were found under config/feature_flags, ee/config/feature_flags of ${empty}; check the working directory (or --root), then `
    for (const argv of [
      ['get', 'dark_mode'],
      ['set', 'dark_mode', 'true'],
    ]) {
      const { code, stderr } = await cli(argv, { root: empty })
      expect([code, stderr]).toEqual([1, expect.stringContaining(says)])
    }
    expect((await cli(['get', 'drk_mode'])).stderr).not.toContain('no definition files')
  })
})
