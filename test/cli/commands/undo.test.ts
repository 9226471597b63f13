// The command undo, and the previews of set.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeRoot } from '../../support/project.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'
import { run, sampleFiles } from '../run.js'

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

const cli = (...argv: readonly string[]) => run(argv, { root, options: { databaseUrl: database.url } })
const rows = () => database.query('select feature_key, key, value from feature_gates order by 1, 2, 3')

describe('set --dry-run', () => {
  it('shows the flag before and after and who gains it, and changes nothing', async () => {
    await cli('set', 'dark_mode', 'true', '--user', '1')
    const before = await rows()
    const shown = await cli('set', 'dark_mode', 'true', '--dry-run')
    expect(shown).toMatchObject({ code: 0, stderr: 'Nothing was changed (--dry-run).\n' })
    expect(shown.stdout.split('\n')).toEqual([
      'dark_mode: on for 1 actor; off for everybody else',
      '         → on for everybody',
      '  boolean: false → true',
      '  actors: 1 → 0 (− User:1)',
      'It clears 1 actor.',
      'Gain it: 0 of 1 User on stored lists',
      'Lose it: 0',
      'Checks without an actor: off → on',
      '',
    ])
    expect(await rows()).toEqual(before)
    expect((await cli('set', 'dark_mode', 'true', '--user', '1', '--dry-run')).stderr).toContain('Nothing would change')
  })

  it('is refused with what the change would be refused with', async () => {
    const [tried, made] = [
      await cli('set', 'dark_mod', '50', '--actors', '--dry-run'),
      await cli('set', 'dark_mod', '50', '--actors'),
    ]
    expect(tried).toEqual(made)
  })
})

describe('set --if', () => {
  it('changes the flag only while it has the revision that was seen, and tries it out on the same terms', async () => {
    const revision = async () => JSON.parse((await cli('get', 'dark_mode', '--json')).stdout).revision
    const seen = await revision()
    const made = await cli('set', 'dark_mode', '25', '--actors', '--if', seen, '--json')
    expect(JSON.parse(made.stdout).revision).toBe(await revision())
    for (const more of [[], ['--dry-run']]) {
      const refused = await cli('set', 'dark_mode', '50', '--actors', '--if', seen, ...more)
      expect(refused).toMatchObject({ code: 1, stdout: '' })
      expect(refused.stderr).toContain('(0 → 25 % of actors)')
    }
    expect(await rows()).toEqual([{ feature_key: 'dark_mode', key: 'percentage_of_actors', value: '25' }])
    expect((await cli('set', 'dark_mode', '50', '--actors', '--if', 'yesterday')).code).toBe(2)
  })
})

describe('undo', () => {
  it('takes the own newest change back, and shows before what it would do', async () => {
    await cli('set', 'dark_mode', '25', '--actors')
    const before = await rows()
    await cli('set', 'dark_mode', '50', '--actors')
    const tried = await cli('undo', '--dry-run')
    expect(tried.stdout).toContain('percentage_of_actors: 50 → 25\n')
    expect(await cli('undo', '--reason', 'too many errors')).toMatchObject({
      code: 0,
      stdout: 'dark_mode: on for 25 % of actors; off for everybody else\n',
    })
    expect(await rows()).toEqual(before)
    expect((await cli('history', 'dark_mode')).stdout.split('\n')[0]).toContain('too many errors')
  })

  it('is refused for a change that the history does not have', async () => {
    expect(await cli('undo', 'of no change')).toMatchObject({ code: 1, stdout: '' })
  })
})

describe('restore', () => {
  it('shows what a point was and what others did since, and brings the flag back to it', async () => {
    await cli('set', 'dark_mode', '25', '--actors')
    const revision = JSON.parse((await cli('get', 'dark_mode', '--json')).stdout).revision
    await cli('set', 'dark_mode', 'true', '--user', '1')
    const before = await rows()
    const shown = await cli('restore', 'dark_mode', '--to', revision, '--dry-run')
    expect(shown).toMatchObject({ code: 0, stderr: 'Nothing was changed (--dry-run).\n' })
    expect(shown.stdout).toContain('  actors: 1 → 0 (− User:1)\n')
    expect(shown.stdout).toMatch(/It also undoes 1 later change:\n {2}\S+Z cli:\S+: added User:1\n$/)
    expect(await rows()).toEqual(before)
    const made = await cli('restore', 'dark_mode', '--to', revision, '--reason', 'back')
    expect(made).toMatchObject({ code: 0, stdout: 'dark_mode: on for 25 % of actors; off for everybody else\n' })
    expect((await cli('restore', 'dark_mode', '--to', revision)).stderr).toContain('is what it was then')
    const json = JSON.parse((await cli('restore', 'dark_mode', '--to', revision, '--dry-run', '--json')).stdout)
    expect(json).toMatchObject({ changed: false, to: { revision, uncertain: [] } })
    const late = await cli('restore', 'dark_mode', '--to', revision, '--if', revision)
    expect(late).toMatchObject({ code: 1 })
    expect(late.stderr).toContain('was changed by')
  })

  it('refuses rows that a program wrote past the triggers, unless they are accepted', async () => {
    await cli('set', 'dark_mode', '25', '--actors')
    await database.query(
      "begin; set local session_replication_role = replica; insert into feature_gates (feature_key, key, value, created_at, updated_at) values ('dark_mode', 'actors', 'User:9', now(), now()); commit",
    )
    await cli('set', 'dark_mode', '30', '--actors')
    const time = ['restore', 'dark_mode', '--to', '0.001s'] as const
    const refused = await cli(...time)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('--accept-untracked')
    expect((await cli(...time, '--accept-untracked')).code).toBe(0)
  })

  it('says what a point is where it is given none', async () => {
    const refused = await cli('restore', 'dark_mode', '--to', '2026-11-20 10:00')
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('2026-11-20T10:00Z')
  })
})
