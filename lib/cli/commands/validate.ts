// `validate`: checks definition files and prints a report. What is checked is in definition/validate.ts, the rules are in
// definition/rules/, the formats in definition/report.ts.
import type { Command } from 'commander'
import type { Cli } from '../terminal/io.js'
import { withReportOptions } from '../report-options.js'

interface ValidateOptions {
  readonly format: string
  readonly json?: boolean
  readonly quiet?: boolean
  readonly allowEmpty?: boolean
  readonly usage?: boolean
}

/** `validate [FILE…]`: checks definition files; for people, for CI and for hooks before a commit. Opens no database. */
export function addValidate(program: Command, cli: Cli): void {
  const command = program
    .command('validate')
    .description('check all definition files, or the ones given')
    .argument('[files...]', 'files or folders, absolute or relative; every file is read, only these are reported')
  withReportOptions(command)
    .option('--allow-empty', 'also where no definition is found')
    .option('--usage', 'check how the code asks its flags, too')
    .addHelpText(
      'after',
      `
The exit code is 0 when all definitions are valid (warnings do not count), 1 when one is not or none is found.

Examples:
  bin/feature-flag validate
  bin/feature-flag validate --quiet config/feature_flags/ops/canary.yml
  bin/feature-flag validate --usage
  bin/feature-flag validate --format junit > definitions.xml
  bin/feature-flag validate --format codequality > gl-code-quality-report.json`,
    )
    .action((files: readonly string[], options: ValidateOptions) => validate(cli, files, options))
}

async function validate(cli: Cli, files: readonly string[], options: ValidateOptions): Promise<void> {
  const [{ readConfig }, { validateDefinitions }, { showReport }, folders] = await Promise.all([
    import('../session.js'),
    import('../../definition/validate.js'),
    import('../views/report.js'),
    import('../definition-folders.js'),
  ])
  const { quiet: errorsOnly = false, allowEmpty = false, usage = false } = options
  const config = await readConfig(cli)
  const { root, types, foss, actors, definitionPaths } = config
  const only = files.length === 0 ? undefined : files.map((file) => folders.pathInRoot(root, file))
  const report = validateDefinitions({
    root,
    paths: folders.definitionFolders(definitionPaths),
    pathsNamed: definitionPaths !== null,
    types,
    foss,
    actors,
    only,
    errorsOnly,
    // What is named may be source as well.
    allowEmpty: allowEmpty || (usage && only !== undefined),
  })
  const format = options.json ? 'json' : options.format
  if (!usage) {
    showReport(cli, report, format, errorsOnly)
    return
  }
  const [{ readUsage }, { withUsage }] = await Promise.all([
    import('../../usage/usage.js'),
    import('../../usage/usage-report.js'),
  ])
  showReport(cli, withUsage(report, await readUsage(config), { only, errorsOnly }), format, errorsOnly)
}
