// `npm run test:packaging`: packs the package, installs it into new projects beside other packages, and uses it as each recipe of
// docs/recipes.md says. Prints a line a row: what, with which versions, the result, the seconds. Uses the network, through npm.
import { dirname } from 'node:path'
import { packTarball, remove } from './package.js'
import { installing } from './rows/installing.js'
import { compilers } from './rows/compilers.js'
import { running } from './rows/running.js'
import { bundlers } from './rows/bundlers.js'
import { testRunners } from './rows/test-runners.js'
import { frameworks } from './rows/frameworks.js'
import type { Row } from './rows/row.js'

const only = process.argv.slice(2)
const failures: string[] = []
const tarball = packTarball()
const groups = [installing, compilers, running, bundlers, testRunners, frameworks]

process.stdout.write('| row | versions | result | seconds |\n|---|---|---|---|\n')
try {
  for (const makeRows of groups) for (const row of makeRows(tarball)) if (isWanted(row)) show(row)
} finally {
  remove(dirname(tarball))
}
for (const failure of failures) process.stdout.write(`\n${failure}\n`)
process.exitCode = failures.length === 0 ? 0 : 1

function isWanted({ name, versions }: Row): boolean {
  return only.length === 0 || only.some((text) => `${name} ${versions}`.includes(text))
}

function show({ name, versions, check }: Row): void {
  const startedAt = performance.now()
  let result = 'works'
  try {
    result = check() ?? result
  } catch (error) {
    result = 'FAILS'
    failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
  }
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1)
  process.stdout.write(`| ${name} | ${versions} | ${result} | ${seconds} |\n`)
}
