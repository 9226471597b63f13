// Files that are as they were are not read again, neither sources nor definitions; whatever may have changed is.
import {
  cpSync,
  mkdtempSync,
  readdirSync,
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
import { clockLagMs, isSettled, isTelling, stampOf } from '../../lib/usage/cache/file-stamps.js'
import { FactsReader } from '../../lib/usage/read-facts.js'
import { settingsKey, usageSettings } from '../../lib/usage/settings.js'
import { defined, faultLines, readIn, usageProject } from './project.js'

const ask = (name: string) => `import { Feature } from 'sluice'\nexport const f = () => Feature.enabled('${name}')\n`
const files = { ...defined('good'), 'src/a.ts': ask('good') }
/** A minute later than it is: the files of the project were made long before. */
const later = () => Date.now() + 60_000

const readLater = (root: string) => readIn(root, {}, {}, { now: later })

function cacheOf(root: string, atMs = later(), lagMs = () => 0): FactsCache {
  return new FactsCache(join(root, '.feature/usage.cache'), { settings: '', atMs, lagMs })
}

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
  const cache = cacheOf(root)
  cache.set('a hash', factsText({ ...noFacts, quoted: ['only_in_the_cache'] }))
  cache.setStamp('src/a.ts', stamped(path), 'a hash')
  cache.save()
  const again = cacheOf(root)
  const reader = new FactsReader({ root, settings: usageSettings({}), cache: again })
  await reader.readAll(['src/a.ts'])
  expect(reader.facts.get('src/a.ts')?.quoted).toEqual(['only_in_the_cache'])
})

it('a file with a line break in its path is read each time, and the file after it is not taken for another', async () => {
  const odd = 'src/a\nb.ts'
  const { root } = usageProject({ ...files, [odd]: ask('good'), 'src/b.ts': ask('good') })
  const cache = cacheOf(root)
  for (const file of ['src/a.ts', odd, 'src/b.ts']) {
    cache.set(`the hash of ${file}`, factsText({ ...noFacts, quoted: [file] }))
    cache.setStamp(file, stamped(join(root, file)), `the hash of ${file}`)
  }
  // Its content may be known by a hash without a line break.
  cache.set('a hash', factsText({ ...noFacts, quoted: ['only_in_the_cache'] }))
  cache.setStamp(odd, stamped(join(root, odd)), 'a hash')
  cache.save()
  const reader = new FactsReader({ root, settings: usageSettings({}), cache: cacheOf(root) })
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
  const changedMs = Math.max(stamp.mtimeMs, stamp.ctimeMs)
  expect(isSettled(stamp, changedMs)).toBe(false)
  expect(isSettled(stamp, changedMs + 3_000)).toBe(false)
  expect(isSettled(stamp, changedMs + 3_001)).toBe(true)
  await readIn(root, {}, {}, { now: () => changedMs })
  const [, head = ''] = readFileSync(join(root, '.feature/usage.cache'), 'utf8').split('\n')
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
  const first = new StampedDefinitions(new Map(), () => true)
  const wanted = [['duplicate', 2, 'good']]
  expect(load(first)).toEqual(wanted)
  const { definitions } = first.kept()
  expect([...definitions.values()].map(([, { ee }]) => ee)).toEqual([false, true])
  expect(load(new StampedDefinitions(definitions, () => true))).toEqual(wanted)
  const marked = new Map(
    [...definitions].map(([key, [stamp, one]]) => [key, [stamp, { ...one, group: 'kept' }] as const]),
  )
  const taken = loadDefinitions({ ...options, known: new StampedDefinitions(marked, () => true) })
  expect(taken.definitions.get('good')?.group).toBe('kept')
})

it('a file that is gone has no stamp, and neither does one in a folder that is none', () => {
  const { root } = usageProject(files)
  expect([stampOf(join(root, 'no.ts')), stampOf(join(root, 'src/a.ts/b.ts'))]).toEqual([null, null])
})

it('a file system without numbers of inodes, or without the time of their change, gives no stamp', () => {
  const ordinary = { dev: 1, ino: 2, size: 3, mtimeMs: 4, ctimeMs: 5 }
  expect(isTelling(ordinary)).toBe(true)
  expect(isTelling({ ...ordinary, mtimeMs: 0 })).toBe(true)
  expect(isTelling({ ...ordinary, ino: 0 })).toBe(false)
  expect(isTelling({ ...ordinary, ctimeMs: 0 })).toBe(false)
  expect(isTelling({ ...ordinary, ctimeMs: Date.UTC(1601, 0) })).toBe(false)
})

/** What the cache says of the file, which it was told what the file does not hold. */
async function quotedAfter(root: string, writing: FactsCache, reading: () => FactsCache) {
  writing.set('a hash', factsText({ ...noFacts, quoted: ['only_in_the_cache'] }))
  writing.setStamp('src/a.ts', stamped(join(root, 'src/a.ts')), 'a hash')
  writing.save()
  const reader = new FactsReader({ root, settings: usageSettings({}), cache: reading() })
  await reader.readAll(['src/a.ts'])
  return reader.facts.get('src/a.ts')?.quoted
}

it('after the clock was put back no stamp counts, because a change now may get the time of one before', async () => {
  const { root } = usageProject(files)
  const atMs = later()
  expect(await quotedAfter(root, cacheOf(root, atMs), () => cacheOf(root, atMs))).toEqual(['only_in_the_cache'])
  expect(await quotedAfter(root, cacheOf(root, atMs), () => cacheOf(root, atMs - 1))).toEqual([])
  const path = join(root, 'config/feature_flags/development/good.yml')
  await readIn(root, {}, {}, { now: () => atMs })
  const before = cacheOf(root, atMs).definitions('')
  const file = { path, absolutePath: path, base: 'config/feature_flags', typeFolder: 'development', stem: 'good' }
  expect(before.get(file)).toBeNull()
})

it('where the clock of the file system is behind, a file is settled by that clock', async () => {
  const { root } = usageProject(files)
  const atMs = Date.now() + 10_000
  expect(await quotedAfter(root, cacheOf(root, atMs), () => cacheOf(root))).toEqual(['only_in_the_cache'])
  rmSync(join(root, '.feature'), { recursive: true })
  expect(
    await quotedAfter(
      root,
      cacheOf(root, atMs, () => 10_000),
      () => cacheOf(root),
    ),
  ).toEqual([])
})

it('the clock of a folder is looked at with a file that does not stay', () => {
  const { root } = usageProject(files)
  const lag = clockLagMs(join(root, 'src'))
  expect([lag >= 0, Number.isFinite(lag), readdirSync(join(root, 'src'))]).toEqual([true, true, ['a.ts']])
  expect(clockLagMs(join(root, 'no'))).toBe(0)
})

it('two runs at once do no harm, whichever writes last', async () => {
  const { root } = usageProject(files)
  await readLater(root)
  const settings = usageSettings({})
  const slow = new FactsCache(join(root, '.feature/usage.cache'), { settings: settingsKey(settings), atMs: later() })
  await new FactsReader({ root, settings, cache: slow }).readAll(['src/a.ts'])
  writeFileSync(join(root, 'src/a.ts'), ask('lost'))
  const wanted = faultLines(await readLater(root))
  expect(wanted).toContain('undefined-flag src/a.ts:2:40')
  // It knows nothing of the change, and writes because it asked for less than was kept.
  slow.save()
  expect(faultLines(await readLater(root))).toEqual(wanted)
  const both = await Promise.all([readLater(root), readLater(root)])
  expect(both.map(faultLines)).toEqual([wanted, wanted])
  expect(readdirSync(join(root, '.feature'))).toEqual(['usage.cache'])
})
