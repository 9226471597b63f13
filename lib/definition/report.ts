// A validation as text: for people in lines, which the command may colour; for programs and CI servers as a whole. Pure functions of the
// report.
import { createHash } from 'node:crypto'
import { printable, printableJson } from '../text/printable.js'
import { faultPlace, faultText } from './fault.js'
import { githubReport } from './report-github.js'
import { sarifReport } from './report-sarif.js'
import type { ReportedFault, ValidationReport } from './validation-report.js'

const formatters = {
  json,
  junit,
  codequality,
  github: githubReport,
  sarif: sarifReport,
} as const satisfies Record<string, (report: ValidationReport) => string>

export type ReportFormat = keyof typeof formatters

/** The formats that `formatReport` knows. */
export const reportFormats: readonly string[] = Object.keys(formatters)

/** Whether `formatReport` knows a format of this name. */
export function isReportFormat(name: string): name is ReportFormat {
  return Object.hasOwn(formatters, name)
}

/** The report as text that ends in a line break. */
export function formatReport(report: ValidationReport, format: ReportFormat): string {
  return `${formatters[format](report)}\n`
}

/** One fault as a line for people: `file:line: severity: text`. */
export interface ReportLine {
  /** `file`, or `file:line` as compilers write it. */
  readonly place: string
  readonly severity: ReportedFault['severity']
  readonly text: string
}

/** The faults for people: notes and warnings come first, so that the errors are what stands last on a terminal. */
export function reportLines({ faults }: ValidationReport): readonly ReportLine[] {
  const ordered = (['note', 'warning', 'error'] as const).flatMap((kind) =>
    faults.filter((one) => one.severity === kind),
  )
  return ordered.map((fault) => ({
    place: faultPlace(fault),
    severity: fault.severity,
    text: faultText(fault),
  }))
}

/** What was checked and found, in one line. */
export function reportCounts({ files, definitions, errors, warnings, notes = 0 }: ValidationReport): string {
  const counts = [counted(definitions, 'definition'), counted(errors, 'error'), counted(warnings, 'warning')]
  if (notes > 0) counts.push(counted(notes, 'note'))
  return `${counted(files.length, 'file')}: ${counts.join(', ')}`
}

function json(report: ValidationReport): string {
  return printableJson({ ...report, files: report.files.length })
}

/** One test case for each file; a fault of a folder or a link, which is not a definition file, gets its own case. */
function junit(report: ValidationReport): string {
  const byFile = new Map<string, ReportedFault[]>(report.files.map((file) => [file, []]))
  for (const fault of report.faults) {
    const faults = byFile.get(fault.file)
    if (faults) faults.push(fault)
    else byFile.set(fault.file, [fault])
  }
  const failed = [...byFile.values()].filter((faults) => faults.some(isError)).length
  const counts = `tests="${byFile.size}" failures="${failed}" errors="0"`
  const { files, definitions, errors, warnings } = report
  const properties = Object.entries({ files: files.length, definitions, errors, warnings })
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="feature flag definitions" ${counts}>`,
    '    <properties>',
    ...properties.map(([name, value]) => `      <property name="${name}" value="${value}"/>`),
    '    </properties>',
    ...[...byFile].flatMap(([file, faults]) => testCase(file, faults)),
    '  </testsuite>',
    '</testsuites>',
  ].join('\n')
}

function testCase(file: string, faults: readonly ReportedFault[]): readonly string[] {
  const open = `    <testcase classname="definitions" name="${xml(file)}" file="${xml(file)}"`
  if (faults.length === 0) return [`${open}/>`]
  const lines = faults.map((fault) => `${faultPlace(fault)}: ${fault.severity}: ${faultText(fault)}`)
  const first = faults.find(isError)
  const body = xml(lines.join('\n'))
  // A warning does not fail the case: JUnit knows no third state.
  return first === undefined
    ? [`${open}>`, `      <system-out>${body}</system-out>`, '    </testcase>']
    : [
        `${open}>`,
        `      <failure type="${first.rule}" message="${xml(faultText(first))}">${body}</failure>`,
        '    </testcase>',
      ]
}

const codeQualitySeverities = { error: 'major', warning: 'minor', note: 'info' } as const

/** GitLab's Code Quality report. */
function codequality(report: ValidationReport): string {
  const seen = new Map<string, number>()
  const issues = report.faults.map((fault) => {
    // Without the line, so that a fault keeps its identity when lines above it move.
    const parts = [fault.file, fault.rule, fault.field, fault.value]
    // A fault of the use of flags has no field: there the flag tells it from its neighbours.
    const identity = (fault.column === undefined ? parts : [...parts, fault.flag]).join('\0')
    const repeat = seen.get(identity) ?? 0
    seen.set(identity, repeat + 1)
    return {
      description: faultText(fault),
      check_name: `feature-flag/${fault.rule}`,
      fingerprint: createHash('sha256').update(`${identity}\0${repeat}`).digest('hex'),
      severity: codeQualitySeverities[fault.severity],
      location: { path: fault.file, lines: { begin: fault.line ?? 1 } },
    }
  })
  return printableJson(issues)
}

function isError(fault: ReportedFault): boolean {
  return fault.severity === 'error'
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** `printable` first: XML 1.0 cannot hold most control characters even when they are escaped. */
function xml(value: string): string {
  const escapes: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&apos;',
  }
  return value
    .split('\n')
    .map((line) => printable(line).replace(/[&<>"']/g, (character) => escapes[character] ?? character))
    .join('\n')
}
