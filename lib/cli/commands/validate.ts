// `validate`: checks all definition files and prints a report. The rules are in definition/rules/, the formats in
// definition/report.ts.
import { type Command, Option } from 'commander'
import type { Cli } from '../terminal/io.js'
import { note, printLines } from '../terminal/output.js'

interface ValidateOptions {
  readonly format: string
  readonly json?: boolean
}

/** `validate`: checks all definition files; for people and for CI. Opens no database. */
export function addValidate(program: Command, cli: Cli): void {
  program
    .command('validate')
    .description('check all definition files')
    .addOption(
      new Option('--format <format>', 'how to report')
        .choices(['text', 'json', 'junit', 'codequality'])
        .default('text'),
    )
    .option('--json', 'short for --format json')
    .addHelpText(
      'after',
      `
The exit code is 0 when all definitions are valid (warnings do not count), 1 when one is not.

Examples:
  bin/feature-flag validate
  bin/feature-flag validate --format junit > definitions.xml
  bin/feature-flag validate --format codequality > gl-code-quality-report.json`,
    )
    .action((options: ValidateOptions) => validate(cli, options))
}

async function validate(cli: Cli, options: ValidateOptions): Promise<void> {
  const [{ readConfig }, { validateDefinitions }, { formatReport, isReportFormat }, { definitionFolders }] =
    await Promise.all([
      import('../session.js'),
      import('../../definition/validate.js'),
      import('../../definition/report.js'),
      import('../definition-folders.js'),
    ])
  const { root, types, foss, definitionPaths } = await readConfig(cli)
  const paths = definitionFolders(definitionPaths)
  const report = validateDefinitions({ root, paths, types, foss })
  const format = options.json ? 'json' : options.format
  printLines(cli.io, formatReport(report, isReportFormat(format) ? format : 'text').trimEnd())
  // Otherwise a pipeline that runs in the wrong folder would always pass.
  if (report.files.length === 0) note(cli.io, `note: no definition files under ${root} (${paths.join(', ')})`)
  if (!report.valid) cli.fail()
}
