// The command line, from the start of the process to its end.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commandLineEntry } from '../support/build.js'
import { median } from '../support/figures.js'
import { timedRun } from '../support/timed-run.js'

const fileCount = 500

/**
 * `--help`, and `validate` of 500 files.
 * @type {import('../benchmarks.js').Benchmark['run']}
 */
export async function commandLine({ quick, say }) {
  const project = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
  try {
    define(project)
    /** @type {{ node: number[], help: number[], validate: number[] }} */
    const times = { node: [], help: [], validate: [] }
    const rounds = quick ? 3 : 9
    for (let round = 0; round < rounds; round++) {
      say(`cli: round ${round + 1} of ${rounds}`)
      times.node.push(timedRun(project, ['-e', '0']))
      times.help.push(timedRun(project, [commandLineEntry, '--help']))
      times.validate.push(timedRun(project, [commandLineEntry, 'validate']))
    }
    const node = median(times.node)
    /**
     * @param {string} row
     * @param {readonly number[]} values
     * @param {number} most
     */
    const goal = (row, values, most) => {
      const measured = median(values)
      const text = `${measured.toFixed(0)} ms (of it ${node.toFixed(0)} ms to start Node)`
      return { row, goal: `≤ ${most} ms`, measured: text, met: measured <= most }
    }
    const goals = [
      goal('bin/feature-flag --help', times.help, 200),
      goal(`bin/feature-flag validate, ${fileCount} files`, times.validate, 600),
    ]
    return { goals, tables: [], figures: { milliseconds: times } }
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

/** @param {string} project */
function define(project) {
  const folder = join(project, 'config', 'feature_flags', 'development')
  mkdirSync(folder, { recursive: true })
  for (let index = 0; index < fileCount; index++) {
    const name = `bench_flag_${index}`
    const text = `---
name: ${name}
description: A flag that only exists to be read.
feature_issue_url: https://gitlab.com/gitlab-org/gitlab/-/issues/${100_000 + index}
introduced_by_url: https://gitlab.com/gitlab-org/gitlab/-/merge_requests/${100_000 + index}
rollout_issue_url: https://gitlab.com/gitlab-org/gitlab/-/issues/${200_000 + index}
milestone: '17.1'
group: group::bench
type: development
default_enabled: false
`
    writeFileSync(join(folder, `${name}.yml`), text)
  }
}
