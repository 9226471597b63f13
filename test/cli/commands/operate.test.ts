// The commands token and migrate.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guardedEmbedded } from '../../store/triggers/losses.js'
import { makeRoot } from '../../support/project.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'
import { run, sampleFiles } from '../run.js'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
})
afterAll(() => database.close())

function cli(argv: readonly string[], databaseUrl = database.url) {
  return run(argv, { root: makeRoot(sampleFiles), options: { databaseUrl } })
}

describe('a token', () => {
  it('is made, shown once, listed without its secret, and revoked', async () => {
    const made = await cli(['token', 'create', '--name', 'deploys', '--scope', 'read', '--expires', '90d'])
    expect(made.code).toBe(0)
    const token = made.stdout.trim()
    expect(token).toMatch(/^slc-\S{40,}$/)
    expect(made.stderr).toContain('not shown again')

    const [row] = JSON.parse((await cli(['token', 'list', '--json'])).stdout)
    expect(row).toMatchObject({
      name: 'deploys',
      scopes: ['read'],
      state: 'live',
      last_used_at: null,
      revoked_at: null,
    })
    const days = (Date.parse(row.expires_at) - Date.parse(row.created_at)) / 86_400_000
    expect(Math.round(days)).toBe(90)
    const listed = (await cli(['token', 'list'])).stdout
    expect(listed).toContain('deploys\tread\tlive')
    expect(token.endsWith(listed)).toBe(false)
    expect(listed).not.toContain(token.slice(-20))

    expect(await cli(['token', 'revoke', 'deploys'])).toMatchObject({ code: 0, stdout: 'deploys: revoked\n' })
    expect((await cli(['token', 'list'])).stdout).toContain('revoked')
  })

  it('that is not there cannot be revoked', async () => {
    const { code, stdout, stderr } = await cli(['token', 'revoke', 'nobody'])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain('there is no token "nobody"')
  })

  it.each([[''], ['a\nb'], ['x'.repeat(101)]])('needs a name that can be shown: %j', async (name) => {
    expect(await cli(['token', 'create', '--name', name])).toMatchObject({ code: 2, stdout: '' })
  })
})

describe('migrate', () => {
  it('makes the tables once, and says so', async () => {
    const empty = await createDatabase({ migrated: false })
    try {
      const first = await cli(['migrate'], empty.url)
      expect(first.code).toBe(0)
      expect(first.stdout).toMatch(/^applied 000001-/)
      expect(await cli(['migrate'], empty.url)).toMatchObject({ code: 0, stdout: 'Already up to date.\n' })
      expect(await cli(['set', 'dark_mode', 'true'], empty.url)).toMatchObject({ code: 0 })
    } finally {
      await empty.close()
    }
  })

  it('repairs triggers that are lost, and says which', async () => {
    const damaged = await createDatabase()
    try {
      await damaged.query('drop trigger feature_history_record on features')
      const lost = 'trigger feature_history_record on public.features (missing)'
      expect(await cli(['migrate'], damaged.url)).toMatchObject({ code: 0, stdout: `repaired ${lost}\n` })
      await damaged.query('alter table feature_gates disable trigger all')
      const { stdout } = await cli(['migrate', '--json'], damaged.url)
      expect(JSON.parse(stdout)).toEqual({
        applied: [],
        already: [
          '000001-features',
          '000002-history',
          '000003-tokens',
          '000004-projects',
          '000005-project-reports',
          '000006-project-history',
          '000007-assignments',
          '000008-changes',
          '000009-sign-ins',
          '000010-changes-by-id',
          '000011-rows-in-order',
        ],
        newer: [],
        repaired: [
          'trigger feature_history_record on public.feature_gates (disabled)',
          'trigger feature_history_truncate on public.feature_gates (disabled)',
        ],
      })
      expect(JSON.parse((await cli(['migrate', '--json'], damaged.url)).stdout).repaired).toEqual([])
    } finally {
      await damaged.close()
    }
  })

  it('repairs the embedded database, also while another process owns it', async () => {
    const root = makeRoot(sampleFiles)
    const guarded = await guardedEmbedded(root)
    try {
      await guarded.sql('drop trigger feature_history_record on features')
      const lost = 'trigger feature_history_record on public.features (missing)'
      const databaseUrl = 'embedded'
      const migrate = () => run(['migrate'], { root, options: { databaseUrl } })
      expect(await migrate()).toMatchObject({ code: 0, stdout: `repaired ${lost}\n` })
      expect(await guarded.store.inspectTriggers()).toEqual({ state: 'sound', faults: [] })
      expect(await migrate()).toMatchObject({ code: 0, stdout: 'Already up to date.\n' })
    } finally {
      await guarded.close()
    }
  })

  it('refuses a role that is not there', async () => {
    const { code, stderr } = await cli(['migrate', '--grant', 'no_such_role'])
    expect(code).toBe(1)
    expect(stderr).toContain('there is no role "no_such_role"')
  })

  it('has nothing to do where the store migrates itself', async () => {
    expect(await cli(['migrate'], 'memory')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nothing to do'),
    })
  })

  it('fails in production without a database', async () => {
    const { code, stderr } = await run(['migrate'], { root: makeRoot(), options: { env: 'production' } })
    expect(code).toBe(1)
    expect(stderr).toContain('set DATABASE_URL')
  })
})
