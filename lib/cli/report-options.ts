// The options of a command that shows a report. Apart from what shows it, which is loaded when the command runs.
import { type Command, Option } from 'commander'

/** Adds the options of a command that shows a report. */
export function withReportOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--format <format>', 'how to report')
        .choices(['text', 'json', 'junit', 'codequality', 'github', 'sarif'])
        .default('text'),
    )
    .option('--json', 'short for --format json')
    .option('-q, --quiet', 'errors only; as text, nothing at all where there are none')
}
