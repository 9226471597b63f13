// A validation as commands of a GitHub Actions log, which GitHub shows at the lines of the change.
import { printable } from '../text/printable.js'
import { faultText } from './fault.js'
import type { ReportedFault, ValidationReport } from './validation-report.js'

const commands = { error: 'error', warning: 'warning', note: 'notice' } as const

/** One command a line; an empty text where there is no fault. */
export function githubReport({ faults }: ValidationReport): string {
  return faults.map(command).join('\n')
}

function command(fault: ReportedFault): string {
  const place = { file: fault.file, line: fault.line, col: fault.column, title: `feature-flag/${fault.rule}` }
  const properties = Object.entries(place).flatMap(([name, value]) => {
    return value === null || value === undefined ? [] : [`${name}=${escaped(printable(String(value)), /[%\r\n:,]/g)}`]
  })
  return `::${commands[fault.severity]} ${properties.join(',')}::${escaped(faultText(fault), /[%\r\n]/g)}`
}

/** What would end the property, or the command, is percent-encoded, as GitHub reads it. */
function escaped(text: string, special: RegExp): string {
  return text.replace(special, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
}
