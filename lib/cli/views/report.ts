// A validation on the terminal, or in the format that was asked for.
import { formatReport, isReportFormat, reportCounts, reportLines } from '../../definition/report.js'
import type { ValidationReport } from '../../definition/validation-report.js'
import type { Cli } from '../terminal/io.js'
import { print, printLines } from '../terminal/output.js'

const styles = { error: 'red', warning: 'yellow', note: 'dim' } as const

/** Writes the report; the command fails if there is an error in it. */
export function showReport(cli: Cli, report: ValidationReport, format: string, quiet: boolean): void {
  if (isReportFormat(format)) {
    const text = formatReport(report, format).trimEnd()
    // Commands of a log: an empty line would be one of the log.
    if (text !== '') printLines(cli.io, text)
  } else {
    for (const { place, severity, text } of reportLines(report)) {
      print(cli.io, [{ style: 'bold', text: place }, ': ', { style: styles[severity], text: severity }, `: ${text}`])
    }
    if (!quiet || !report.valid) print(cli.io, reportCounts(report))
  }
  if (!report.valid) cli.fail()
}
