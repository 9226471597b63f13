// Files that are as they were are not read again, neither sources nor definitions; whatever may have changed is.
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { FeatureOptions } from '../../lib/config/options.js'
import { defaultDefinitionPaths } from '../../lib/definition/files/files.js'
import { loadDefinitions } from '../../lib/definition/load.js'
import { builtInTypes } from '../../lib/definition/types.js'
import { FactsCache } from '../../lib/usage/cache/cache.js'
import { StampedDefinitions } from '../../lib/usage/cache/definitions.js'
import { noFacts } from '../../lib/usage/facts.js'
import { factsText } from '../../lib/usage/facts-text.js'
import { isSettled, stampOf } from '../../lib/usage/cache/file-stamps.js'
import { FactsReader } from '../../lib/usage/read-facts.js'
import { usageSettings } from '../../lib/usage/settings.js'
import { defined, faultLines, readIn, usageProject } from './project.js'

const ask = (name: string) => `import { Feature } from 'sluice'\nexport const f = () => Feature.enabled('${name}')\n`
const files = { ...defined('good'), 'src/a.ts': ask('good') }
/** A minute later than it is: the files of the project were made long before. */
const later = () => Date.now() + 60_000

const readLater = (root: string) => readIn(root, {}, {}, { now: later })

function stamped(path: string) {
  const stamp = stampOf(path)
  if (stamp === null) throw new Error(`${path} has no stamp`)
  return stamp
}

const made: string[] = []
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
})

it('a file that is as it was is not read', async () => {
  const { root } = usageProject(files)
  const path = join(root, 'src/a.ts')
  const cache = new FactsCache(join(root, '.feature/usage.cache'), '')
  cache.set('a hash', factsText({ ...noFacts, quoted: ['only_in_the_cache'] }))
  cache.setStamp('src/a.ts', stamped(path).stamp, 'a hash')
  cache.save()
  const again = new FactsCache(join(root, '.feature/usage.cache'), '')
  const reader = new FactsReader({ root, settings: usageSettings({}), cache: again, now: later })
  await reader.readAll(['src/a.ts'])
  expect(reader.facts.get('src/a.ts')?.quoted).toEqual(['only_in_the_cache'])
})

it('a file with a line break in its path is read each time, and the file after it is not taken for another', async () => {
  const odd = 'src/a\nb.ts'
  const { root } = usageProject({ ...files, [odd]: ask('good'), 'src/b.ts': ask('good') })
  const path = join(root, '.feature/usage.cache')
  const cache = new FactsCache(path, '')
  for (const file of ['src/a.ts', odd, 'src/b.ts']) {
    cache.set(`the hash of ${file}`, factsText({ ...noFacts, quoted: [file] }))
    cache.setStamp(file, stamped(join(root, file)).stamp, `the hash of ${file}`)
  }
  // Its content may be known by a hash without a line break.
  cache.set('a hash', factsText({ ...noFacts, quoted: ['only_in_the_cache'] }))
  cache.setStamp(odd, stamped(join(root, odd)).stamp, 'a hash')
  cache.save()
  const reader = new FactsReader({ root, settings: usageSettings({}), cache: new FactsCache(path, ''), now: later })
  await reader.readAll(['src/a.ts', odd, 'src/b.ts'])
  const found = ['src/a.ts', odd, 'src/b.ts'].map((file) => reader.facts.get(file))
  expect(found.map((facts) => [facts?.quoted, facts?.uses.length])).toEqual([
    [['src/a.ts'], 0],
    [[], 1],
    [['src/b.ts'], 0],
  ])
})

it.each<[string, (path: string) => void]>([
  [
    'is written with as many bytes and its old time',
    (path) => {
      const { atime, mtime } = statSync(path)
      writeFileSync(path, ask('lost'))
      utimesSync(path, atime, mtime)
    },
  ],
  [
    'gets its old time, and a time in the future',
    (path) => {
      writeFileSync(path, ask('lost'))
      utimesSync(path, new Date(), new Date(Date.now() + 86_400_000))
    },
  ],
  [
    'is replaced by another one with its time',
    (path) => {
      const { atime, mtime } = statSync(path)
      writeFileSync(`${path}.new`, ask('lost'))
      utimesSync(`${path}.new`, atime, mtime)
      renameSync(`${path}.new`, path)
    },
  ],
])('a file that %s is read again', async (_what, change) => {
  const { root } = usageProject(files)
  expect(faultLines(await readLater(root))).toEqual([])
  change(join(root, 'src/a.ts'))
  const wanted = ['unused-flag config/feature_flags/development/good.yml:2:1', 'undefined-flag src/a.ts:2:40']
  expect(faultLines(await readLater(root))).toEqual(wanted)
  expect(faultLines(await readLater(root))).toEqual(wanted)
})

it('a copy of the project, which brings the cache, has its own files read', async () => {
  const { root } = usageProject(files)
  await readLater(root)
  const copy = mkdtempSync(join(tmpdir(), 'sluice-copy-'))
  made.push(copy)
  cpSync(root, copy, { recursive: true, preserveTimestamps: true })
  const { atime, mtime } = statSync(join(root, 'src/a.ts'))
  writeFileSync(join(copy, 'src/a.ts'), ask('lost'))
  utimesSync(join(copy, 'src/a.ts'), atime, mtime)
  expect(faultLines(await readLater(copy))).toContain('undefined-flag src/a.ts:2:40')
})

it('a file that was changed just before is not trusted, because it may change once more in the same step of time', async () => {
  const { root } = usageProject(files)
  const stamp = stamped(join(root, 'src/a.ts'))
  expect(isSettled(stamp, stamp.changedMs)).toBe(false)
  expect(isSettled(stamp, stamp.changedMs + 3_000)).toBe(false)
  expect(isSettled(stamp, stamp.changedMs + 3_001)).toBe(true)
  await readIn(root, {}, {}, { now: () => stamp.changedMs })
  const [head = ''] = readFileSync(join(root, '.feature/usage.cache'), 'utf8').split('\n')
  const { lengths } = JSON.parse(head) as { lengths: readonly number[] }
  const [paths, stamps, , hashes] = lengths
  expect([paths, stamps]).toEqual([0, 0])
  expect(hashes).toBeGreaterThan(0)
})

it('a definition that is as it was is not read, and one that may have changed is', async () => {
  const { root } = usageProject({ ...defined('good'), ...defined('other'), 'src/a.ts': ask('good') + ask('other') })
  const path = join(root, 'config/feature_flags/development/good.yml')
  const linked = join(root, 'config/feature_flags/development/other.yml')
  renameSync(linked, join(root, 'one.txt'))
  writeFileSync(join(root, 'two.txt'), readFileSync(join(root, 'one.txt'), 'utf8').replace('group::x', 'group::y'))
  symlinkSync('../../../one.txt', linked)
  await readLater(root)
  const cached = join(root, '.feature/usage.cache')
  const kept = readFileSync(cached, 'utf8')
  const groups = async () => [...(await readLater(root)).definitions.values()].map(({ group }) => group)
  expect(await groups()).toEqual(['group::x', 'group::x'])
  expect(readFileSync(cached, 'utf8')).toBe(kept)
  const { atime, mtime } = statSync(path)
  writeFileSync(path, readFileSync(path, 'utf8').replace('group::x', 'group::z'))
  utimesSync(path, atime, mtime)
  rmSync(linked)
  symlinkSync('../../../two.txt', linked)
  expect(await groups()).toEqual(['group::z', 'group::y'])
  expect(await groups()).toEqual(['group::z', 'group::y'])
})

it('definitions are read anew for other types', async () => {
  const { root } = usageProject({ ...defined('mine', { type: 'own' }), 'src/a.ts': ask('mine') })
  const read = async (types: FeatureOptions['types'] = {}) =>
    (await readIn(root, { types }, {}, { now: later })).definitions.size
  const types = { own: { description: 'Ours' } }
  expect([await read(), await read(types), await read(types), await read()]).toEqual([0, 1, 1, 0])
})

it('a known definition is taken as it is, and a flag that is defined twice is still reported with its line', () => {
  const { root } = usageProject({ ...defined('good'), ...defined('good', { ee: true }) })
  const options = { root, paths: defaultDefinitionPaths, types: builtInTypes, foss: false }
  const load = (known: StampedDefinitions) =>
    loadDefinitions({ ...options, known }).faults.map(({ rule, line, value }) => [rule, line, value])
  const first = new StampedDefinitions(new Map(), later())
  const wanted = [['duplicate', 2, 'good']]
  expect(load(first)).toEqual(wanted)
  const { definitions } = first.kept()
  expect([...definitions.values()].map(([, { ee }]) => ee)).toEqual([false, true])
  expect(load(new StampedDefinitions(definitions, later()))).toEqual(wanted)
  const marked = new Map(
    [...definitions].map(([key, [stamp, one]]) => [key, [stamp, { ...one, group: 'kept' }] as const]),
  )
  const taken = loadDefinitions({ ...options, known: new StampedDefinitions(marked, later()) })
  expect(taken.definitions.get('good')?.group).toBe('kept')
})

it('a file that is gone has no stamp, and neither does one in a folder that is none', () => {
  const { root } = usageProject(files)
  expect([stampOf(join(root, 'no.ts')), stampOf(join(root, 'src/a.ts/b.ts'))]).toEqual([null, null])
})
