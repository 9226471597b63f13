import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longest-first.js'
import { makeMemoryFolder } from './test/support/memory-folder.js'
import { ownProcessFiles, ownProcessFolders } from './test/support/own-process.js'

const report = process.env['SLUICE_TEST_REPORT']

// The full size of the fault tests measures, and the disk belongs to what it measures.
if (process.env['TMPDIR'] === undefined && process.env['SLUICE_FAULTS'] !== 'full') {
  const folder = makeMemoryFolder()
  if (folder !== null) process.env['TMPDIR'] = folder
}

const alone = [
  ...ownProcessFolders.map((name) => `test/${name}/**/*.test.ts`),
  ...ownProcessFiles.map((path) => `test/${path}`),
]

/** What holds for each test file. */
const common = {
  setupFiles: 'test/support/seeds.ts',
  // Guards against hanging, not goals: a shared machine with two cores can be slow.
  testTimeout: 120_000,
  hookTimeout: 120_000,
  teardownTimeout: 120_000,
  pool: 'forks' as const,
  // Many tests open an embedded Postgres for a moment: its WebAssembly is not compiled a second time, to faster code.
  execArgv: ['--liftoff-only'],
}

// demo/ and examples/ name the package as an application does.
const resolve = {
  alias: [
    { find: /^sluice$/, replacement: join(import.meta.dirname, 'lib/index.ts') },
    { find: /^sluice\/browser$/, replacement: join(import.meta.dirname, 'lib/frontend/browser.ts') },
  ],
}

export default defineConfig({
  test: {
    projects: [
      { resolve, test: { ...common, name: 'alone', include: alone } },
      // Files that share a process load the modules of lib/ once: to load them for each took a tenth of the time of all tests.
      {
        resolve,
        test: { ...common, name: 'together', include: ['test/**/*.test.ts'], exclude: alone, isolate: false },
      },
    ],
    globalSetup: 'test/support/global-setup.ts',
    // One more than the two processors of a small machine: many tests wait, for a server or for a moment to pass.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
})
