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
  database = await createDatabase()
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
