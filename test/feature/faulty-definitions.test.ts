// A definition file with a fault in its details, from start() to the answer.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFeature, type FeatureFlags, type FeatureOptions } from '../../lib/index.js'
import { createProject, type TestProject, writeIn } from '../support/project.js'
import { type RecordingLogger, recordingLogger } from '../support/recording-logger.js'

let project: TestProject
let logger: RecordingLogger
let feature: FeatureFlags

beforeEach(async () => {
  project = await createProject('off_flag')
  logger = recordingLogger()
})
afterEach(async () => {
  await feature.stop()
  await project.close()
})

function make(options: FeatureOptions): FeatureFlags {
  feature = createFeature({ root: project.root, databaseUrl: 'memory', logger, ...options })
  return feature
}

function write(lines: string, path = 'beta/a_flag.yml'): void {
  const text = `name: a_flag\ntype: beta\ndefault_enabled: true\ngroup: group::test\n${lines}\n`
  writeIn(project.root, join('config/feature_flags', path), text)
}

function told(text: string) {
  return logger.lines.filter(({ message }) => message.includes(text)).map(({ level }) => level)
}

const faults: readonly (readonly [what: string, lines: string, path: string | undefined, says: string])[] = [
  ['a rollout issue to be done', 'rollout_issue_url: TBD', undefined, 'rollout_issue_url'],
  ['an unquoted milestone', 'milestone: 16.10', undefined, 'milestone'],
  ['an empty URL', 'introduced_by_url: ""', undefined, 'introduced_by_url'],
  ['a padded URL', 'feature_issue_url: " https://example.com "', undefined, 'feature_issue_url'],
  ['the wrong folder', '', 'wip/a_flag.yml', 'does not match the folder'],
  ['the wrong file name', '', 'beta/another.yml', 'does not match the file name'],
]

describe('a flag that is on by default and whose file has a fault', () => {
  it.each(faults)('is on in production, and the fault is reported once: %s', async (_what, lines, path, says) => {
    write(lines, path)
    await make({ env: 'production' }).start()
    for (let time = 0; time < 3; time++) {
      expect(feature.enabled('a_flag', { type: 'beta' })).toBe(true)
      expect(feature.enabled('a_flag', { flipperId: 'User:1' })).toBe(true)
    }
    expect(told(says)).toEqual(['error'])
    expect(told('the flag works all the same')).toEqual(['error'])
    expect(logger.lines.filter(({ level }) => level === 'error')).toHaveLength(1)
  })

  it.each(faults)('is on before start() too: %s', (_what, lines, path) => {
    write(lines, path)
    expect(make({ env: 'production' }).enabled('a_flag', { type: 'beta' })).toBe(true)
  })

  it.each(faults)('keeps strict mode from starting: %s', async (_what, lines, path, says) => {
    write(lines, path)
    await expect(make({ env: 'test' }).start()).rejects.toMatchObject({
      code: 'invalid_definition',
      message: expect.stringContaining(says),
    })
  })

  it('is on where a staging server is not strict', async () => {
    write('milestone: 16.10')
    await make({ env: 'staging', strict: false }).start()
    expect(feature.enabled('a_flag', { type: 'beta' })).toBe(true)
  })

  it('can be changed in production, and its default-on trap is kept', async () => {
    write('milestone: 16.10')
    await make({ env: 'production' }).start()
    await expect(feature.enable('a_flag', { flipperId: 'User:1' })).rejects.toMatchObject({ code: 'default_on_trap' })
    await feature.disable('a_flag')
    expect(feature.enabled('a_flag')).toBe(false)
  })
})

describe('a type that may not default on', () => {
  it('leaves the flag as its file says in production', async () => {
    await project.define('on_in_progress', { type: 'wip', defaultEnabled: true })
    await make({ env: 'production' }).start()
    expect(feature.enabled('on_in_progress', { type: 'wip' })).toBe(true)
    expect(told('cannot be true for the type')).toEqual(['error'])
  })
})

describe('the log of faults', () => {
  it('begins with the file that cannot be used, and says of the others that their flags work', async () => {
    write('milestone: 16.10')
    writeFileSync(await project.define('broken_flag'), 'name: [')
    await make({ env: 'production' }).start()
    const lines = logger.lines.filter(({ message }) => message.includes('.yml: '))
    expect(lines.map(({ message }) => message.includes('the flag works all the same'))).toEqual([false, true])
    expect(feature.enabled('broken_flag')).toBe(false)
  })

  it('is bounded, however many files have one', async () => {
    for (let index = 0; index < 150; index++) {
      write(`milestone: 16.10\n`, `beta/flag_${index}.yml`)
    }
    await make({ env: 'production' }).start()
    expect(logger.lines.length).toBeLessThan(120)
    expect(told('more faults in definition files')).toHaveLength(1)
  })
})
