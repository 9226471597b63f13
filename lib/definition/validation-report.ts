// What was checked, and every fault of it: the same for definitions and for the use of flags, so that one report shows both.
import type { Fault, Severity } from './fault.js'

/** A fault of a definition, or of the use of flags (`lib/usage/`), which has a column and rules of its own. */
export interface ReportedFault extends Omit<Fault, 'rule' | 'code' | 'severity'> {
  readonly rule: string
  /** A note asks for nothing. */
  readonly severity: Severity | 'note'
  /** Counts from 1. */
  readonly column?: number
}

export interface ValidationReport {
  /** Whether there is no error; warnings do not count. */
  readonly valid: boolean
  /** Every definition file that was checked, and every other place that has a fault. */
  readonly files: readonly string[]
  /** The number of files that load. */
  readonly definitions: number
  readonly errors: number
  readonly warnings: number
  /** Only where the use of flags was checked, too. */
  readonly notes?: number
  readonly faults: readonly ReportedFault[]
}
