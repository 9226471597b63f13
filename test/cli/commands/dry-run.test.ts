// `--dry-run` of every command that changes something, and the previews that a person sees on a terminal before a change.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeRoot } from '../../support/project.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'
import { run, type RunOptions, sampleFiles } from '../run.js'

let database: TestDatabase
let root: string

beforeAll(async () => {
  database = await createDatabase({ pooled: true })
})
afterAll(() => database.close())
beforeEach(async () => {
  root = makeRoot(sampleFiles)
  for (const table of ['feature_gates', 'features', 'feature_tokens']) await database.query(`delete from ${table}`)
})

const cli = (argv: readonly string[], { options, ...more }: Partial<RunOptions> = {}) =>
  run(argv, { root, ...more, options: { databaseUrl: database.url, ...options } })
const everything = async () => [
  await database.query('select feature_key, key, value from feature_gates order by 1, 2, 3'),
  await database.query('select id, revoked_at from feature_tokens order by 1'),
  await database.query('select version from feature_state'),
]

describe('--dry-run', () => {
  it('is an option of every command that changes something', async () => {
    const changing = [
      ...['create', 'types', 'set', 'delete', 'undo', 'restore', 'migrate', 'import', 'token create', 'token revoke'],
      ...['create', 'settings', 'delete', 'flags create', 'flags rename', 'flags delete', 'set', 'import'],
      ...['lists create', 'lists change', 'lists delete', 'instance-id create', 'instance-id retire'],
    ].map((name, index) => (index < 10 ? name : `project ${name}`))
    for (const name of changing) {
      const { stdout } = await cli([...name.split(' '), '--help'])
      expect([name, stdout.includes('--dry-run')]).toEqual([name, true])
    }
  })

  it('shows what would be done, writes nothing, and ends with 0', async () => {
    await cli(['set', 'dark_mode', 'true', '--user', '1'])
    const { stdout: token } = await cli(['token', 'create', '--name', 'deploys', '--json'])
    const { id } = JSON.parse(token)
    writeFileSync(join(root, 'flags.json'), (await cli(['export'])).stdout)
    await cli(['set', 'dark_mode', '25', '--actors'])
    const before = await everything()
    const tried = async (...argv: readonly string[]) => {
      const { code, stdout, stderr } = await cli([...argv, '--dry-run'])
      expect([argv[0], code]).toEqual([argv[0], 0])
      expect(stderr).toMatch(/--dry-run/)
      const json = argv[0] === 'types' ? null : (await cli([...argv, '--dry-run', '--json'])).stdout
      return { stdout, json: json === null ? null : JSON.parse(json) }
    }
    const deleted = await tried('delete', 'dark_mode')
    expect(deleted.stdout).toContain('→ off for everybody (by default)')
    expect(deleted.json).toMatchObject({ after: { stored: false }, variants_deleted: 0 })
    const imported = await tried('import', join(root, 'flags.json'))
    expect(imported.stdout).toContain('percentage_of_actors: 25 → 0')
    expect(imported.json).toMatchObject({ dry_run: true, unchanged: 0, flags: [{ name: 'dark_mode' }] })
    expect((await tried('token', 'create', '--name', 'more', '--scope', 'read')).stdout).toContain(
      'would make the token "more"',
    )
    const revoked = await tried('token', 'revoke', 'deploys')
    expect(revoked).toMatchObject({
      stdout: `would revoke "deploys" (id ${id}, live)\n`,
      json: { revoked: false, ids: [id] },
    })
    expect((await tried('types')).stdout).toContain('dark_mode')
    expect(existsSync(join(root, 'src/feature-flags.d.ts'))).toBe(false)
    expect((await tried('migrate')).json).toMatchObject({ dry_run: true, applied: [] })
    expect(await everything()).toEqual(before)
    expect((await cli(['token', 'revoke', 'no_such', '--dry-run'])).code).toBe(1)
    expect((await cli(['token', 'create', '--name', ' ', '--dry-run'])).code).toBe(2)
  })

  it('tells what migrate would do to a new database, which stays empty', async () => {
    const empty = await createDatabase({ migrated: false })
    const { stdout } = await cli(['migrate', '--dry-run'], { options: { databaseUrl: empty.url } })
    expect(stdout).toMatch(/^would apply 000001/)
    expect(await empty.query("select relname from pg_class where relname like 'feature%'")).toEqual([])
    await empty.close()
  })
})

describe('a change on a terminal', () => {
  const terminal = (typed: RunOptions['typed'] = []) => ({ typed, columns: 80 })

  it('shows its preview before, in at most 80 columns, and asks nothing outside production', async () => {
    const users = Array.from({ length: 30 }, (_, index) => String(index)).join(',')
    await cli(['set', 'canary', 'true', '--user', users])
    const { code, stdout, stderr } = await cli(['set', 'dark_mode', 'true', '--user', users], terminal())
    expect([code, stdout]).toEqual([0, 'dark_mode: on for 30 actors; off for everybody else\n'])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
    const plain = stderr.replace(/\u001b\[\d+m/g, '')
    expect(plain).toContain('→ on for 30 actors; off for everybody else')
    expect(plain).toContain('Gain it: 30 of 30 User on stored lists')
    for (const line of plain.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
    expect(stderr).toContain('\u001b[32m')
    expect(stderr).not.toContain('[y/N]')
  })

  it('asks in production, and where many gain it; without a yes it writes nothing and says so', async () => {
    const production = { options: { env: 'production' } }
    for (const keys of ['n\r', '\r', '\u0003']) {
      const no = await cli(['set', 'dark_mode', '5', '--actors'], { ...terminal([['[y/N]', keys]]), ...production })
      expect([no.stdout, no.stderr.includes('Nothing was changed.')]).toEqual(['', true])
      expect(no.code).toBe(keys === '\u0003' ? 130 : 1)
    }
    const users = Array.from({ length: 150 }, (_, index) => String(index)).join(',')
    await cli(['set', 'canary', 'true', '--user', users])
    await cli(['set', 'dark_mode', 'true', '--user', '1'])
    const many = await cli(['set', 'dark_mode', 'true'], terminal([['[y/N]', 'n\r']]))
    expect(many.stderr).toContain('in test')
    expect((await cli(['set', 'dark_mode', 'true', '--yes'], terminal())).code).toBe(0)
    expect((await cli(['delete', 'dark_mode'], { ...terminal([['[y/N]', 'y\r']]), ...production })).stdout).toContain(
      'deleted',
    )
    const undone = await cli(['undo'], { ...terminal([['[y/N]', 'y\r']]), ...production })
    expect(undone.stdout).toContain('dark_mode: on for everybody')
  })
  it('asks before undo and restore, too, where the change is large, and shows the later changes that they concern', async () => {
    const revision = async (): Promise<string> =>
      JSON.parse((await cli(['get', 'dark_mode', '--json'])).stdout).revision
    const users = Array.from({ length: 150 }, (_, index) => String(index)).join(',')
    await cli(['set', 'canary', 'true', '--user', users])
    await cli(['set', 'dark_mode', 'true', '--user', '1'])
    const forOne = await revision()
    await cli(['set', 'dark_mode', 'true'])
    const forAll = await revision()
    await cli(['undo'])
    const before = await everything()
    for (const argv of [['undo'], ['restore', 'dark_mode', '--to', forAll]]) {
      const no = await cli(argv, terminal([['[y/N]', 'n\r']]))
      expect(no).toMatchObject({ code: 1, stdout: '' })
      expect(no.stderr).toContain('→ on for everybody')
      expect(no.stderr).toContain('in test')
    }
    expect(await everything()).toEqual(before)
    await cli(['set', 'dark_mode', 'true', '--feature-group', 'staff'])
    const small = await cli(['restore', 'dark_mode', '--to', forOne], terminal())
    expect(small).toMatchObject({ code: 0, stdout: 'dark_mode: on for 1 actor; off for everybody else\n' })
    expect(small.stderr).toContain('It also undoes 3 later changes:')
    const made = await cli(['restore', 'dark_mode', '--to', forAll], terminal([['[y/N]', 'y\r']]))
    expect(made).toMatchObject({ code: 0, stdout: 'dark_mode: on for everybody\n' })
    expect((await cli(['undo', '--yes'], terminal())).stderr).not.toContain('[y/N]')
  })
})
