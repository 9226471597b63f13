// A project with flags, with this package installed as npm would install it, and with tests for one of the runners.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { definition } from '../../cli/run.js'
import { build } from '../../cli/built.js'
import { afterTimeout, changes, concurrentAfter, manyTests, onlyTest, tests } from './programs.js'

const repository = join(import.meta.dirname, '../../..')
const vitest = `import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
const equal = (one, other) => expect(one).toBe(other)
const throws = (fn) => expect(fn).toThrow()
const tells = (html, wanted) => expect(html).toHavePushedFeatureFlags(wanted)
const concurrent = test.concurrent
const withTimeout = (name, ms, fn) => test(name, { timeout: ms }, fn)
const retried = (name, fn) => test(name, { retry: 1 }, fn)
const together = describe
`
const jest = `import { jest } from '@jest/globals'
const equal = (one, other) => expect(one).toBe(other)
const throws = (fn) => expect(fn).toThrow()
const tells = (html, wanted) => expect(html).toHavePushedFeatureFlags(wanted)
const concurrent = test.concurrent
const withTimeout = (name, ms, fn) => test(name, fn, ms)
const retried = (name, fn) => describe('with retries', () => {
  jest.retryTimes(1)
  test(name, fn)
  afterAll(() => jest.retryTimes(0))
})
const together = describe
`
const node = `import assert from 'node:assert/strict'
import { after as afterAll, before as beforeAll, describe } from 'node:test'
import { beforeEach, test } from 'sluice/testing/node'
const { equal, throws } = assert
const tells = (html, wanted) => assert.ok(toHavePushedFeatureFlags(html, wanted).pass)
const concurrent = test
const withTimeout = (name, ms, fn) => test(name, { timeout: ms }, fn)
let attempts = 0
const retried = (name, fn) => test(name, async () => {
  try {
    await fn()
  } catch {
    attempts += 1
  }
})
const together = (name, fn) => describe(name, { concurrency: 200 }, fn)
`

export interface Runner {
  readonly name: 'vitest' | 'jest' | 'node'
  readonly head: string
  readonly files: Readonly<Record<string, string>>
  /** The command for some files of tests. */
  readonly command: (files: readonly string[]) => readonly string[]
  /** The packages that it needs. */
  readonly packages: readonly string[]
}

const bin = (path: string) => [process.execPath, join('node_modules', path)]

export const runners: readonly Runner[] = [
  {
    name: 'vitest',
    head: vitest,
    files: {
      'vitest.config.mjs': `export default { test: { include: ['*.mjs'], exclude: ['*.config.mjs'], setupFiles: ['sluice/testing/vitest'], maxConcurrency: 200 } }\n`,
    },
    command: (files) => [...bin('vitest/vitest.mjs'), 'run', '--reporter=tap-flat', ...files],
    packages: ['vitest'],
  },
  {
    name: 'jest',
    head: jest,
    files: {
      'jest.config.mjs': `export default { testMatch: ['**/*.mjs'], testPathIgnorePatterns: ['config'], transform: {}, setupFilesAfterEnv: ['sluice/testing/jest'], maxConcurrency: 200 }\n`,
    },
    command: (files) => [
      process.execPath,
      '--experimental-vm-modules',
      'node_modules/jest/bin/jest.js',
      '--verbose',
      ...files,
    ],
    packages: ['jest', '@jest/globals'],
  },
  {
    name: 'node',
    head: node,
    files: {},
    command: (files) => [
      process.execPath,
      '--test',
      ...(files.includes('only.mjs') ? ['--test-only'] : []),
      '--test-reporter=tap',
      ...files,
    ],
    packages: [],
  },
]

export interface RunnerProject {
  readonly folder: string
  remove(): void
}

const imports = `import { createServer } from 'node:http'
import { Feature } from 'sluice'
import { bothStates, expectInvalidFlag, stubFeatureFlags, toHavePushedFeatureFlags, withFeatureFlags } from 'sluice/testing'
import { gonScript, pushFrontendFeatureFlag } from 'sluice/frontend'
`

export function makeRunnerProject(runner: Runner): RunnerProject {
  const folder = mkdtempSync(join(tmpdir(), `sluice-${runner.name}-`))
  const target = join(folder, 'node_modules/sluice')
  mkdirSync(target, { recursive: true })
  execFileSync('cp', ['-R', 'dist', 'package.json', target], { cwd: build().folder })
  symlinkSync(join(repository, 'node_modules'), join(target, 'node_modules'))
  for (const name of runner.packages) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true })
    symlinkSync(join(repository, 'node_modules', name), join(folder, 'node_modules', name))
  }
  const flags = ['dark_mode', 'new_layout'].map((name): [string, string] => [
    `config/feature_flags/development/${name}.yml`,
    definition(name, 'development'),
  ])
  const programs = {
    'many.mjs': manyTests,
    'tests.mjs': tests,
    'after-timeout.mjs': afterTimeout,
    'only.mjs': onlyTest,
    'concurrent-after.mjs': concurrentAfter,
    'changes.mjs': changes,
  }
  const files = {
    ...Object.fromEntries(flags),
    ...runner.files,
    ...Object.fromEntries(Object.entries(programs).map(([file, text]) => [file, imports + runner.head + text])),
    'imported.mjs': `import { expect, test } from '@jest/globals'\n${imports}${runner.head}${manyTests}${concurrentAfter}`,
    'package.json': '{ "name": "application", "private": true, "type": "module" }',
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
