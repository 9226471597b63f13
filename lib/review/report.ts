// A review as text for programs: JSON, and its findings in the formats of `validate` (GitHub's annotations, GitLab's Code Quality). Pure.
import { definitionToApi } from '../definition/definition.js'
import { faultText } from '../definition/fault.js'
import { formatReport } from '../definition/report.js'
import type { ReportedFault } from '../definition/validation-report.js'
import { printable, printableJson } from '../text/printable.js'
import type { Finding } from './findings.js'
import type { Review, ReviewedFlag } from './review.js'

/** What a flag is in the database now, in words; absent where the database was not asked. */
export type States = ReadonlyMap<string, { readonly stored: boolean; readonly summary: string }>

export function reviewJson(review: Review, states: States | null): string {
  const { base, commit, valid, findings, process } = review
  const { entry, noEntry } = process.changelog
  return printableJson({
    valid,
    base,
    commit,
    flags: review.flags.map((flag) => flagJson(flag, states)),
    findings: reportedFaults(findings),
    process: { label: process.label, changelog: { entry, no_entry: noEntry }, afterwards: process.afterwards },
  })
}

function flagJson({ change, asked, code }: ReviewedFlag, states: States | null) {
  const { name, kind, before, after } = change
  return {
    name,
    change: kind,
    before: before && definitionToApi(before),
    after: after && definitionToApi(after),
    fields: change.kind === 'changed' ? change.fields : [],
    asked,
    code,
    ...(states === null ? {} : { state: states.get(name) ?? null }),
  }
}

/** The findings as `validate` and `usage` report faults. */
export function reportedFaults(findings: readonly Finding[]): readonly ReportedFault[] {
  return findings.map((finding) => {
    const whole = { ...finding, field: null, value: null }
    return { ...whole, message: `${printable(finding.file)}: ${faultText(whole)}` }
  })
}

/** The findings for CI servers, which show them at the lines of the change; ends in a line break. */
export function reviewAnnotations({ valid, findings }: Review, format: 'github' | 'codequality'): string {
  const faults = reportedFaults(findings)
  const errors = faults.filter(({ severity }) => severity === 'error').length
  const counts = { definitions: 0, errors, warnings: faults.length - errors }
  return formatReport({ valid, files: [], ...counts, faults }, format)
}
