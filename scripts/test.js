// `npm test`: installs what is missing, then runs every check; `npm test -- test/gates` runs only those tests.
// The last line says how many tests passed and failed.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installPackages } from './install.js'
import { ensureServers, offerChromium, offerNginx } from './servers.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

installPackages()
ensureServers()
offerChromium()
offerNginx()

const folder = mkdtempSync(join(tmpdir(), 'sluice-report-'))
const report = join(folder, 'report.json')
const only = process.argv.slice(2)
// A check of its own for what is asked for: `npm test -- test/gates` should not wait for the rest.
const command = only.length === 0 ? ['run', 'check'] : ['run', 'test:run', '--', ...only]
const checked = spawnSync('npm', command, {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, SLUICE_TEST_REPORT: report },
  shell: process.platform === 'win32',
})
const { passed, failed, skipped } = count(checked.status === 0)
rmSync(folder, { recursive: true, force: true })
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exit(checked.status === 0 && failed === 0 ? 0 : 1)

/** A file that could not even be loaded, and a check that failed before the tests, count as one failure each. */
function count(succeeded) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(
      readFileSync(report, 'utf8'),
    )
    const unloaded = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
    const failures = numFailedTests + unloaded
    // Vitest fails, with all tests passed, for an unhandled error outside of them.
    return {
      passed: numPassedTests,
      failed: failures === 0 && !succeeded ? 1 : failures,
      skipped: numPendingTests + numTodoTests,
    }
  } catch {
    return { passed: 0, failed: succeeded ? 0 : 1, skipped: 0 } // No report: the tests were not reached.
  }
}
