// One fault of one definition file, as loader, validator and watcher report it.
import { InvalidFeatureFlagError } from '../errors.js'
import { printable, quoted } from '../text/printable.js'

/**
 * An error keeps the file from loading (or, for `owner`, from passing validation); a warning does not. Production reads leniently:
 * there the faults of a file that can be used are warnings.
 */
export type Severity = 'error' | 'warning'

/** Stable names of the rules, for tools that group or silence faults. */
export type Rule =
  | 'file'
  | 'yaml'
  | 'name'
  | 'type'
  | 'path'
  | 'milestone'
  | 'default-enabled'
  | 'default-on'
  | 'field'
  | 'duplicate'
  | 'owner'
  | 'actor'
  | 'missing-field'
  | 'unknown-field'

export interface Fault {
  /** Relative to the root, with forward slashes. */
  readonly file: string
  readonly line: number | null
  /** The flag that the file defines or should define; null where even that is unclear. */
  readonly flag: string | null
  readonly field: string | null
  /** The value as the file spells it; null if there is no value. */
  readonly value: string | null
  readonly rule: Rule
  readonly code: 'invalid_definition' | 'duplicate_definition'
  readonly severity: Severity
  /** Names the fault. */
  readonly problem: string
  /** Says how to fix it. */
  readonly remedy: string
  /** All of it on one line: `<file>: <field>: <problem>, got "<value>"; <remedy>`. */
  readonly message: string
}

export type FaultParts = Pick<Fault, 'file' | 'rule' | 'problem' | 'remedy'> &
  Partial<Pick<Fault, 'line' | 'flag' | 'field' | 'value' | 'severity'>>

/** A fault from its parts, with the message made from them. */
export function makeFault(parts: FaultParts): Fault {
  const {
    file,
    rule,
    problem,
    remedy,
    line = null,
    flag = null,
    field = null,
    value = null,
    severity = 'error',
  } = parts
  const code = rule === 'duplicate' ? 'duplicate_definition' : 'invalid_definition'
  const message = `${printable(file)}: ${faultText({ field, problem, value, remedy })}`
  return Object.freeze({ file, line, flag, field, value, rule, code, severity, problem, remedy, message })
}

/** The message without the file in front. */
export function faultText(fault: Pick<Fault, 'field' | 'problem' | 'value' | 'remedy'>): string {
  return `${problemText(fault)}; ${fault.remedy}`
}

/** The problem with its field and value: the message without file and remedy. */
export function problemText({ field, problem, value }: Pick<Fault, 'field' | 'problem' | 'value'>): string {
  const where = field === null ? '' : `${printable(field)}: `
  return `${where}${problem}${value === null ? '' : `, got ${quoted(value)}`}`
}

/** `file`, `file:line` or `file:line:column`, as compilers write it. */
export function faultPlace({
  file,
  line,
  column,
}: Pick<Fault, 'file' | 'line'> & { readonly column?: number }): string {
  if (line === null) return printable(file)
  return `${printable(file)}:${line}${column === undefined ? '' : `:${column}`}`
}

/** The error that strict mode throws for a fault (GitLab: "invalid definition for <path>"). */
export function faultError(fault: Fault): InvalidFeatureFlagError {
  const problem = `invalid definition for ${printable(fault.file)}: ${problemText(fault)}`
  return new InvalidFeatureFlagError(fault.code, { problem, remedy: fault.remedy })
}
