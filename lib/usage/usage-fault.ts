// One fault of the use of flags. It has the shape of a fault of a definition, so that the reports show both.
import type { ReportedFault } from '../definition/validation-report.js'
import { printable } from '../text/printable.js'

/** Stable names of the rules, for tools that group or silence faults. */
export type UsageRule =
  /** Asked, and not defined. */
  | 'undefined-flag'
  /** Defined, and asked nowhere. */
  | 'unused-flag'
  /** `usage.allowUnused` names a flag that needs no permission. */
  | 'allow-unused'
  /** Asked with another type than its definition has. */
  | 'wrong-type'
  /** A flag without a definition, asked with different types. */
  | 'different-types'
  /** Asked for a kind of actor that its definition does not name. */
  | 'wrong-actor'
  /** Asked for different kinds of actors. */
  | 'mixed-actors'
  /** A check that runs when a file is loaded. */
  | 'load-time'
  /** A method without its object: `const { enabled } = Feature`. */
  | 'torn-method'
  /** Two names with one camel-case form. */
  | 'camel-case'
  /** A flag of `ee/`, asked outside of it. */
  | 'ee-flag'
  /** A name that is made at run time. */
  | 'dynamic-name'
  /** A state of a flag that no test saw: with `--tests`. */
  | 'untested-state'
  /** A stub that no check asked for: with `--tests`. */
  | 'unread-stub'
  | 'syntax'
  | 'file'

export interface UsageFault extends ReportedFault {
  readonly rule: UsageRule
  readonly column: number
}

export interface UsageFaultParts extends Pick<UsageFault, 'file' | 'rule' | 'problem' | 'remedy'> {
  readonly line?: number
  readonly column?: number
  readonly flag?: string | null
  readonly severity?: UsageFault['severity']
}

/** Default: an error at the beginning of the file. */
export function makeUsageFault(parts: UsageFaultParts): UsageFault {
  const { file, rule, problem, remedy, line = 1, column = 1, flag = null, severity = 'error' } = parts
  const message = `${printable(file)}: ${problem}; ${remedy}`
  return Object.freeze({ file, line, column, flag, field: null, value: null, rule, severity, problem, remedy, message })
}
