// `npm run test:faults`: every row of the failure matrix at full size, and real SDKs, then a table of what was measured against its
// goal. Takes most of an hour. Ends with 1 when a test failed or a goal was missed. Names after `--` run only those files.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installPackages } from './install.js'
import { ensureServers, offerRubySdk } from './servers.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

const only = process.argv.slice(2)
const files =
  only.length > 0
    ? only
    : ['test/faults', 'test/sdks', 'test/flow/unleash-servers.test.ts', 'test/gates/narrows.test.ts']

installPackages()
ensureServers()
if (files.some((name) => name.startsWith('test/sdks'))) {
  // Other makers' programs, which `npm test` does without.
  installPackages(join(root, 'test', 'sdks'))
  offerRubySdk()
}

const folder = mkdtempSync(join(tmpdir(), 'sluice-faults-'))
const report = join(folder, 'figures.jsonl')
// One file at a time: figures of two would disturb each other.
const command = ['exec', '--', 'vitest', 'run', '--no-file-parallelism', ...files]
const ran = spawnSync('npm', command, {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, SLUICE_FAULTS: 'full', SLUICE_FAULTS_REPORT: report },
  shell: process.platform === 'win32',
})
const figures = existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n').map(parseLine) : []
rmSync(folder, { recursive: true, force: true })
printTable(figures)
const missed = figures.filter((figure) => !figure.met).length
console.log(`${figures.length} figures, ${missed} MISSED; the tests ${ran.status === 0 ? 'passed' : 'FAILED'}`)
process.exit(ran.status === 0 && missed === 0 && figures.length > 0 ? 0 : 1)

function parseLine(line) {
  return JSON.parse(line)
}

function printTable(rows) {
  const header = { fault: 'Fault', what: 'Figure', goal: 'Goal', measured: 'Measured' }
  const width = (key) => Math.max(header[key].length, ...rows.map((row) => row[key].length))
  const widths = { fault: width('fault'), what: width('what'), goal: width('goal'), measured: width('measured') }
  const cells = (row, keys) => keys.map((key) => row[key].padEnd(widths[key]))
  let last = ''
  console.log(`\n${cells(header, ['fault', 'what', 'goal', 'measured']).join('  ')}`)
  for (const row of rows) {
    const fault = row.fault === last ? '' : row.fault
    last = row.fault
    console.log(
      `${cells({ ...row, fault }, ['fault', 'what', 'goal', 'measured']).join('  ')}  ${row.met ? 'met' : 'MISSED'}`,
    )
  }
}
