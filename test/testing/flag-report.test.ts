// FEATURE_TEST_REPORT: what each test adds to the file, and that lines of several processes stay whole.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFeature, type FeatureFlags } from '../../lib/index.js'
import { stubFeatureFlags, withFeatureFlags } from '../../lib/testing/index.js'
import { readTestReport } from '../../lib/usage/test-report/read-report.js'
import { createProject, type TestProject } from '../support/project.js'
import { asTest } from './as-test.js'

let folder: string
let path: string
let project: TestProject
let feature: FeatureFlags
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-report-'))
  path = join(folder, 'flags.ndjson')
  process.env['FEATURE_TEST_REPORT'] = path
  project = await createProject('a_flag', 'b_flag')
  feature = createFeature({ root: project.root, env: 'test', logger: false })
})
afterEach(async () => {
  delete process.env['FEATURE_TEST_REPORT']
  rmSync(folder, { recursive: true })
  await project.close()
})

const report = () => readTestReport('flags.ndjson', readFileSync(path, 'utf8'))

it('has a line for each test that has to do with flags: what it read in which state, and which stubs nothing read', async () => {
  await asTest('one', () => {
    stubFeatureFlags({ a_flag: true, b_flag: true })
    feature.enabled('a_flag')
    withFeatureFlags({ a_flag: false }, () => feature.decide('a_flag'))
  })
  await asTest('nothing', () => {})
  await asTest('two', () => {
    withFeatureFlags({ a_flag: true }, () => {})
    feature.disabled('b_flag')
  })
  expect(report()).toEqual([
    { name: 'one', file: null, read: new Map([['a_flag', ['on', 'off']]]), unread: ['b_flag'] },
    { name: 'two', file: null, read: new Map([['b_flag', ['off']]]), unread: ['a_flag'] },
  ])
})

it('has the line of a test that failed', async () => {
  const failed = asTest('one', () => {
    feature.enabled('a_flag')
    throw new Error('no')
  })
  await expect(failed).rejects.toThrow('no')
  expect(report()).toMatchObject([{ name: 'one' }])
})

it('keeps the lines of processes whole that write at the same time', async () => {
  const long = 'x'.repeat(9_000)
  const program = `const { appendFileSync } = require('node:fs')
for (let line = 0; line < 200; line++) appendFileSync(process.argv[1], JSON.stringify({ test: process.argv[2] + line, file: null, read: {}, unread: ['${long}'] }) + '\\n')`
  const writers = ['a', 'b', 'c'].map((name) => once(spawn(process.execPath, ['-e', program, path, name]), 'exit'))
  await Promise.all(writers)
  expect(report()).toHaveLength(600)
})
