// The faults of the use of flags as a report, alone or with those of the definitions.
import type { ReportedFault, ValidationReport } from '../definition/validation-report.js'
import type { Usage } from './usage.js'

export interface UsageReportOptions {
  /** The files and folders to report, relative to the root. Default: all. */
  readonly only?: readonly string[] | undefined
  /** Leaves warnings and notes out. Default: false. */
  readonly errorsOnly?: boolean
}

/** The report of a reading alone. */
export function usageReport(usage: Usage, options: UsageReportOptions = {}): ValidationReport {
  const isAsked = within(options.only)
  const definitions = [...usage.definitions.values()].filter(({ path }) => isAsked(path)).length
  const files = usage.files.filter(isAsked)
  return joined({ valid: true, files, definitions, errors: 0, warnings: 0, faults: [] }, usage, options)
}

/** A report of definitions with the faults of a reading. */
export function withUsage(report: ValidationReport, usage: Usage, options: UsageReportOptions = {}): ValidationReport {
  return joined(report, usage, options)
}

function joined(
  report: ValidationReport,
  usage: Usage,
  { only, errorsOnly = false }: UsageReportOptions,
): ValidationReport {
  const isAsked = within(only)
  const found = usage.faults.filter(({ file, severity }) => isAsked(file) && (severity === 'error' || !errorsOnly))
  const faults: readonly ReportedFault[] = [...report.faults, ...found].sort((one, two) =>
    one.file === two.file ? 0 : one.file < two.file ? -1 : 1,
  )
  const count = (severity: ReportedFault['severity']) => faults.filter((one) => one.severity === severity).length
  return {
    valid: count('error') === 0,
    files: [...new Set([...report.files, ...found.map(({ file }) => file)])],
    definitions: report.definitions,
    errors: count('error'),
    warnings: count('warning'),
    notes: count('note'),
    faults,
  }
}

function within(only: readonly string[] | undefined): (path: string) => boolean {
  if (only === undefined) return () => true
  return (path) => only.some((asked) => asked === '.' || path === asked || path.startsWith(`${asked}/`))
}
