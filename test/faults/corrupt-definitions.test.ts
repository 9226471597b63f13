// Definition files that break while the process runs, and before it starts.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Catalog } from '../../lib/definition/catalog.js'
import type { FeatureFlags, FeatureOptions } from '../../lib/index.js'
import { createInstance } from '../../lib/instance/create.js'
import { createProject, type TestProject } from '../support/project.js'
import { type RecordingLogger, recordingLogger } from '../support/recording-logger.js'
import { allOf } from './figures.js'
import { waiting } from './fleet.js'
import { hangMs, size } from './size.js'

const corruptions: readonly (readonly [string, (text: string) => string | Buffer])[] = [
  ['a broken list', () => 'name: [broken'],
  ['an empty file', () => ''],
  ['a cut file', (text) => text.slice(0, text.indexOf('type:') + 3)],
  ['bytes that are no UTF-8', () => Buffer.from([0xff, 0xfe, 0x00, 0x80])],
  ['another name', (text) => text.replace('name: a_flag', 'name: b_flag')],
  ['a default that is no boolean', (text) => text.replace('default_enabled: true', 'default_enabled: maybe')],
  ['a tag that makes functions', () => 'name: !!js/function "function () {}"'],
  ['an alias of itself', () => 'name: &a [*a]'],
  [
    'a billion laughs',
    () =>
      `a: &a [x,x,x,x,x,x,x,x]\n${'bcdefgh'.replace(/./g, (name, at) => `${name}: &${name} [${`*${'abcdefg'[at]},`.repeat(8)}]\n`)}`,
  ],
]

let project: TestProject
let logger: RecordingLogger
let feature: FeatureFlags | null = null
let catalog: Catalog

beforeEach(async () => {
  project = await createProject('b_flag')
  logger = recordingLogger()
})
afterEach(async () => {
  await feature?.stop()
  await project.close()
})

async function start(options: FeatureOptions): Promise<FeatureFlags> {
  const instance = createInstance({ root: project.root, databaseUrl: 'memory', logger, ...options })
  feature = instance.feature
  await feature.start()
  catalog = instance.catalog
  return feature
}

describe('a definition that becomes corrupt while the process runs', { timeout: hangMs }, () => {
  it('keeps its last good content, is reported, and the rest load', async () => {
    const fault = 'corrupt YAML at run time'
    const path = await project.define('a_flag', { defaultEnabled: true })
    const good = readFileSync(path, 'utf8')
    const running = await start({ env: 'development' })
    let kept = 0
    const tried = size(corruptions.slice(0, 4), corruptions)
    for (const [index, [, corrupt]] of tried.entries()) {
      logger.lines.length = 0
      writeFileSync(path, corrupt(good))
      await vi.waitFor(() => expect(logger.lines.some(({ level }) => level === 'error')).toBe(true), waiting)
      const other = `other_${index}`
      await project.define(other, { defaultEnabled: true })
      await vi.waitFor(() => expect(catalog.get(other)).toBeDefined(), waiting)
      expect(running.enabled('a_flag')).toBe(true)
      expect(running.enabled(other)).toBe(true)
      kept += 1
      writeFileSync(path, good)
      await vi.waitFor(() => expect(catalog.faults).toEqual([]), waiting)
    }
    allOf(fault, 'last good kept, the rest loaded', kept, tried.length)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})

describe('a definition that is corrupt at the start', () => {
  it.each(corruptions)('(%s) is reported, and the rest answer in production', async (_, corrupt) => {
    const path = await project.define('a_flag', { defaultEnabled: true })
    const good = readFileSync(path, 'utf8')
    writeFileSync(path, corrupt(good))
    await project.define('c_flag', { defaultEnabled: true })
    const running = await start({ env: 'production' })
    expect([running.enabled('c_flag'), running.enabled('b_flag'), running.enabled('a_flag')]).toEqual([
      true,
      false,
      false,
    ])
    expect(logger.lines.filter(({ level }) => level === 'error').length).toBeGreaterThan(0)
  })

  it('does no harm beside one that cannot be read at all', async () => {
    const path = await project.define('a_flag')
    rmSync(path)
    const running = await start({ env: 'production' })
    expect(running.enabled('a_flag')).toBe(false)
  })
})
