// A validation as SARIF 2.1.0, which GitHub's code scanning, Azure DevOps and editors read.
import { createHash } from 'node:crypto'
import { printableJson } from '../text/printable.js'
import { faultText } from './fault.js'
import type { ReportedFault, ValidationReport } from './validation-report.js'

export function sarifReport({ faults }: ValidationReport): string {
  const rules = [...new Set(faults.map(({ rule }) => rule))].sort()
  return printableJson({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'feature-flag', rules: rules.map((rule) => ({ id: `feature-flag/${rule}` })) } },
        columnKind: 'utf16CodeUnits',
        results: faults.map((fault) => result(fault, rules.indexOf(fault.rule))),
      },
    ],
  })
}

function result(fault: ReportedFault, ruleIndex: number) {
  const region = { startLine: fault.line ?? 1, ...(fault.column === undefined ? {} : { startColumn: fault.column }) }
  const uri = fault.file.split('/').map(encodeURIComponent).join('/')
  // Without the line, so that a fault keeps its identity when lines above it move.
  const identity = [fault.file, fault.rule, fault.flag, fault.field, fault.value].join('\0')
  return {
    ruleId: `feature-flag/${fault.rule}`,
    ruleIndex,
    level: fault.severity,
    message: { text: faultText(fault) },
    locations: [{ physicalLocation: { artifactLocation: { uri, uriBaseId: '%SRCROOT%' }, region } }],
    partialFingerprints: { 'featureFlag/v1': createHash('sha256').update(identity).digest('hex') },
  }
}
