// `usage`: where the code asks its flags, and what does not fit. The reading is in usage/usage.ts, the rules are in usage/rules/.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '../../config/config.js'
import type { Definition } from '../../definition/definition.js'
import { UsageError } from '../usage-error.js'
import type { Cli } from '../terminal/io.js'
import { withReportOptions } from '../report-options.js'

interface UsageCommandOptions {
  readonly format: string
  readonly json?: boolean
  readonly quiet?: boolean
  readonly tests?: string
}

/** `usage [NAME] [PATHS…]`: what the code does not ask right, or where one flag is named. Opens no database. */
export function addUsage(program: Command, cli: Cli): void {
  const command = program
    .command('usage')
    .description('check how the code asks its flags, or show where one is named')
    .argument('[name]', 'a flag: shows where it is asked, changed, pushed to a page, stubbed and named in text')
    .argument('[paths...]', 'files or folders, absolute or relative; every file is read, only these are reported')
  withReportOptions(command)
    .option('--tests <file>', 'what tests wrote with FEATURE_TEST_REPORT: warns of states that no test saw')
    .addHelpText(
      'after',
      `
The exit code is 0 when there is no error (warnings and notes do not count), 1 when there is one.

Examples:
  bin/feature-flag usage
  bin/feature-flag usage src lib/billing.ts
  bin/feature-flag usage dark_mode
  bin/feature-flag usage --format github
  bin/feature-flag usage --format sarif > usage.sarif
  bin/feature-flag usage --tests flags.ndjson`,
    )
    .action((name: string | undefined, paths: readonly string[], options: UsageCommandOptions) =>
      usage(cli, name === undefined ? [] : [name, ...paths], options),
    )
}

async function usage(cli: Cli, words: readonly string[], options: UsageCommandOptions): Promise<void> {
  const format = options.json ? 'json' : options.format
  const [{ readConfig }, { readUsage }, { pathInRoot }] = await Promise.all([
    import('../session.js'),
    import('../../usage/usage.js'),
    import('../definition-folders.js'),
  ])
  const config = await readConfig(cli)
  const [first] = words
  const name = first !== undefined && isName(first, config.root) ? first : null
  if (name !== null && format !== 'text' && format !== 'json') {
    const problem = `--format ${format} reports faults, and "usage ${name}" shows places`
    throw new UsageError({ problem, remedy: 'take --json, or leave the name out' })
  }
  const given = (name === null ? words : words.slice(1)).map((path) => pathInRoot(config.root, path))
  const missing = given.find((path) => !existsSync(resolve(config.root, path)))
  if (missing !== undefined) {
    const remedy = 'check the path, or give the name of a flag as the first word'
    throw new UsageError({ problem: `"${missing}" does not exist`, remedy })
  }
  const only = given.length === 0 ? undefined : given
  const seen = options.tests === undefined ? null : await readTests(config, options.tests, name)
  const read = await readUsage(config)
  if (name !== null) {
    const { showPlaces } = await import('../views/usage-places.js')
    await showPlaces(cli, { name, config, usage: read, only, json: format === 'json' })
    return
  }
  const [{ usageReport }, { showReport }] = await Promise.all([
    import('../../usage/usage-report.js'),
    import('../views/report.js'),
  ])
  const usage = seen === null ? read : { ...read, faults: [...read.faults, ...seen(read.definitions.values())] }
  showReport(cli, usageReport(usage, { only, errorsOnly: options.quiet === true }), format, options.quiet === true)
}

/** What the report of tests says of the flags; read before all code is, so that a wrong file is told at once. */
async function readTests({ foss }: Config, path: string, name: string | null) {
  if (name !== null) {
    const problem = `--tests reports all flags, and "usage ${name}" shows places`
    throw new UsageError({ problem, remedy: 'leave the name or --tests out' })
  }
  if (!existsSync(resolve(path))) {
    const remedy = `run the tests with FEATURE_TEST_REPORT=${path}`
    throw new UsageError({ problem: `"${path}" does not exist`, remedy })
  }
  const [{ readTestReport }, { testFaults }] = await Promise.all([
    import('../../usage/test-report/read-report.js'),
    import('../../usage/test-report/test-faults.js'),
  ])
  const tests = readTestReport(path, readFileSync(resolve(path), 'utf8'))
  return (definitions: Iterable<Definition>) =>
    testFaults(
      [...definitions].filter(({ ee }) => !(foss && ee)),
      tests,
    )
}

/** What has the form of a name and is no file here is meant as a flag. */
function isName(word: string, root: string): boolean {
  return /^[a-z0-9_]+$/i.test(word) && !existsSync(resolve(word)) && !existsSync(resolve(root, word))
}
