// The commands export and import.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeRoot } from '../../support/project.js'
import { createDatabase, type TestDatabase } from '../../support/services.js'
import { type RunOptions, run, sampleFiles } from '../run.js'

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
  return run(argv, { root, ...options, options: { databaseUrl: database.url } })
}

async function exported(): Promise<unknown> {
  return JSON.parse((await cli(['export'])).stdout).features
}

describe('export and import', () => {
  it('carry everything stored, through a file', async () => {
    await cli(['set', 'dark_mode', '25', '--actors'])
    await cli(['set', 'dark_mode', 'true', '--user', '1'])
    await cli(['set', 'dark_mode', '--opt-out', '--user', '2'])
    await cli(['set', 'canary', 'false'])
    const before = await exported()
    const file = join(root, 'flags.json')
    const { code, stdout, stderr } = await cli(['export', file])
    expect([code, stdout, stderr]).toEqual([0, '', `2 flags written to ${file}\n`])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(root).filter((name) => name.endsWith('.tmp'))).toEqual([])

    await cli(['set', 'dark_mode', 'true'])
    await cli(['delete', 'canary'])
    expect(await cli(['import', file])).toMatchObject({ code: 0, stdout: 'imported 2 flags\n' })
    expect(await exported()).toEqual(before)
  })

  it('carry everything stored through a pipe, and keep source and reason in the history', async () => {
    await cli(['set', 'dark_mode', 'true'])
    const input = (await cli(['export'])).stdout
    await cli(['delete', 'dark_mode'])
    const { stdout } = await cli(['import', '-', '--reason', 'from staging', '--json'], { input })
    expect(JSON.parse(stdout)).toEqual({ imported: ['dark_mode'], changed: true })
    const [entry] = JSON.parse((await cli(['history', 'dark_mode', '--json', '--limit', '1'])).stdout)
    expect(entry).toMatchObject({ source: 'import', reason: 'from staging' })
  })

  it('leave flags alone that are not in the file', async () => {
    await cli(['set', 'dark_mode', 'true'])
    const input = (await cli(['export'])).stdout
    await cli(['set', 'canary', 'true'])
    await cli(['import', '-'], { input })
    expect(await exported()).toMatchObject([{ key: 'canary' }, { key: 'dark_mode' }])
  })
})

/** What `Flipper.export(format: :json)` makes of flags that the gem has stored (0.25.4; later versions add `expression`). */
const fromFlipper = (search: object = {}) => ({
  version: 1,
  features: {
    search: {
      boolean: null,
      groups: ['admins'],
      actors: ['User;1', 'User;100'],
      percentage_of_actors: '50',
      percentage_of_time: null,
      ...search,
    },
    plausible: { boolean: 'true', groups: [], actors: [], percentage_of_actors: null, percentage_of_time: null },
    google_analytics: { boolean: null, groups: [], actors: [], percentage_of_actors: null, percentage_of_time: null },
    sampled: {
      boolean: null,
      groups: [],
      actors: [],
      percentage_of_actors: null,
      percentage_of_time: '33.3',
      expression: null,
    },
  },
})

describe('an export of Flipper', () => {
  it('is imported as the gem has stored it', async () => {
    const ran = await cli(['import', '-', '--force'], { input: JSON.stringify(fromFlipper()) })
    expect(ran).toMatchObject({ code: 0, stdout: 'imported 4 flags\n' })
    expect(await exported()).toEqual([
      { key: 'google_analytics', gates: {} },
      { key: 'plausible', gates: { boolean: ['true'] } },
      { key: 'sampled', gates: { percentage_of_time: ['33.3'] } },
      { key: 'search', gates: { actors: ['User;1', 'User;100'], groups: ['admins'], percentage_of_actors: ['50'] } },
    ])
    expect((await cli(['import', '-'], { input: JSON.stringify(fromFlipper()) })).stderr).toContain('has no definition')
  })

  it('takes numbers and booleans for the texts that the gem stores', async () => {
    const input = JSON.stringify({ version: 1, features: { canary: { boolean: true, percentage_of_actors: 12.5 } } })
    expect(await cli(['import', '-'], { input })).toMatchObject({ code: 0 })
    expect(await exported()).toEqual([{ key: 'canary', gates: { boolean: ['true'], percentage_of_actors: ['12.5'] } }])
  })

  it.each<[string, object, string]>([
    [
      'an expression',
      fromFlipper({ expression: { Equal: [1, 1] } }),
      'the flag "search" has an expression, which would never open',
    ],
    ['another version', { ...fromFlipper(), version: 2 }, 'it is an export of Flipper of version "2"'],
    ['an unknown gate', fromFlipper({ blocked: true }), 'the flag "search", gate "blocked": there is no such gate'],
    ['an id that is a number', fromFlipper({ actors: [5] }), 'gate "actors": "5" is not text'],
    ['actors that are no list', fromFlipper({ actors: 'User;5' }), 'gate "actors": its values are not a list'],
    [
      'gates that are no object',
      { version: 1, features: { search: null } },
      'the flag "search" has no object of gates',
    ],
    ['a percentage that is a list', fromFlipper({ percentage_of_time: [5] }), 'is not text'],
  ])('is refused with %s, and nothing is written', async (_what, data, says) => {
    const ran = await cli(['import', '-', '--force'], { input: JSON.stringify(data) })
    expect([ran.code, await exported()]).toEqual([1, []])
    expect(ran.stderr).toContain(says)
  })
})

describe('flags that another program has stored', () => {
  const names = ['', 'new-checkout', 'New Checkout', 'Checkout', 'checkout.v2', 'checkout/new', '__proto__', 'größe']

  it.each(names)('can be exported, imported, read and deleted: %j', async (name) => {
    await database.query('insert into features (key, created_at, updated_at) values ($1, now(), now())', [name])
    await database.query(
      "insert into feature_gates (feature_key, key, value, created_at, updated_at) values ($1, 'actors', 'User;5', now(), now())",
      [name],
    )
    const input = (await cli(['export'])).stdout
    expect(JSON.parse((await cli(['get', name, '--json'])).stdout)).toMatchObject({ name, stored: true })
    const shown = await cli(['get', name])
    expect([shown.code, shown.stdout.split('\n')[0]]).toEqual([0, name === '' ? '""' : name])
    expect(JSON.parse((await cli(['delete', name, '--force', '--json'])).stdout)).toEqual({
      name,
      deleted: true,
      variants_deleted: 0,
    })
    expect((await cli(['history', name])).stdout).toContain('deleted')
    expect(await exported()).toEqual([])
    expect(await cli(['import', '-', '--force'], { input })).toMatchObject({ code: 0 })
    expect(await exported()).toEqual([{ key: name, gates: { actors: ['User;5'] } }])
  })

  it.each(names.slice(1))(
    'can be set by force, and the refusal says why no definition has the name: %j',
    async (name) => {
      const refused = await cli(['set', name, 'true'])
      expect([refused.code, await exported()]).toEqual([1, []])
      expect(refused.stderr).toContain(
        "use --force; no definition can have this name, because a flag's name must be lower-case",
      )
      expect(await cli(['set', name, 'true', '--force'])).toMatchObject({ code: 0 })
      expect(await exported()).toEqual([{ key: name, gates: { boolean: ['true'] } }])
    },
  )
})

describe('an import', () => {
  const file = (features: readonly unknown[], extra = {}) =>
    JSON.stringify({ format: 'sluice-export', version: 1, features, ...extra })
  const good = { key: 'dark_mode', gates: { boolean: ['true'] } }

  it.each([
    { what: 'a text that is no JSON', input: 'name: dark_mode', says: 'stdin is not JSON' },
    { what: 'an empty input', input: '', says: 'stdin is not JSON' },
    { what: 'an object of another kind', input: '{"a":1}', says: 'is not an export' },
    { what: 'a newer version', input: file([good], { version: 2 }), says: 'upgrade' },
    {
      what: 'a file that is half valid',
      input: file([good, { key: 'canary', gates: { boolean: [true] } }]),
      says: 'is not text',
    },
    {
      what: 'an id that is a number, and may be rounded',
      input: `{"format":"sluice-export","version":1,"features":[{"key":"dark_mode","gates":{"actors":[1234567890123456789]}}]}`,
      says: '"1234567890123456800" is not text, so nothing was written; send it as text',
    },
    {
      what: 'a key that is a number',
      input: `{"format":"sluice-export","version":1,"features":[{"key":1234567890123456789,"gates":{}}]}`,
      says: 'has no text as "key", so nothing was written; send it as text',
    },
    { what: 'the same key twice', input: file([good, good]), says: 'twice' },
    {
      what: 'an unknown gate',
      input: file([{ key: 'dark_mode', gates: { colour: ['x'] } }]),
      says: 'no such gate',
    },
    {
      what: 'a flag without definition',
      input: file([good, { key: 'unheard_of', gates: {} }]),
      says: 'has no definition; define it first (or use --force)',
    },
  ])('is refused and writes nothing for $what', async ({ input, says }) => {
    await cli(['set', 'canary', 'true'])
    const { code, stdout, stderr } = await cli(['import', '-'], { input })
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toContain(says)
    expect(await exported()).toEqual([{ key: 'canary', gates: { boolean: ['true'] } }])
  })

  it('is refused for a file that is not there', async () => {
    const { code, stderr } = await cli(['import', join(root, 'nothing.json')])
    expect(code).toBe(1)
    expect(stderr).toContain('nothing.json" cannot be read')
  })
})

describe('export', () => {
  it('leaves an older file alone where it cannot write', async () => {
    const folder = join(root, 'missing', 'flags.json')
    expect(await cli(['export', folder])).toMatchObject({ code: 1, stdout: '' })
    writeFileSync(join(root, 'flags.json'), 'older')
    expect(await cli(['export', join(root, 'flags.json', 'x')])).toMatchObject({ code: 1 })
    expect(readFileSync(join(root, 'flags.json'), 'utf8')).toBe('older')
  })
})
