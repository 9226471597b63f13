import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { makeMemoryFolder } from './test/support/memory-folder.js'

const report = process.env['SLUICE_TEST_REPORT']

// The full size of the fault tests measures, and the disk belongs to what it measures.
if (process.env['TMPDIR'] === undefined && process.env['SLUICE_FAULTS'] !== 'full') {
  const folder = makeMemoryFolder()
  if (folder !== null) process.env['TMPDIR'] = folder
}

export default defineConfig({
  // demo/ names the package as an application does.
  resolve: { alias: [{ find: /^sluice$/, replacement: join(import.meta.dirname, 'lib/index.ts') }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/global-setup.ts',
    setupFiles: 'test/support/seeds.ts',
    // Guards against hanging, not goals: a shared machine with two cores can be slow.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    teardownTimeout: 60_000,
    pool: 'forks',
    // One more than the two processors of a small machine: many tests wait, for a server or for a moment to pass.
    maxWorkers: 3,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
  },
})
