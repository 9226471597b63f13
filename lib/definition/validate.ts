// Checks all definition files, as the command `validate` and CI do.
import { type LoadOptions, loadDefinitions } from './load.js'
import type { ValidationReport } from './report.js'
import { reviewDefinition } from './rules/review.js'

/**
 * All faults of the definitions, more strictly than loading: a flag must have an owner, and warnings name the fields that
 * readers will miss. Throws ConfigurationError for a folder outside the root.
 */
export function validateDefinitions(options: Omit<LoadOptions, 'review'>): ValidationReport {
  const { definitions, files, faults: found } = loadDefinitions({ ...options, review: reviewDefinition })
  // Keeps all faults of one file together; the sort is stable, so that a file's faults stay in the order of the rules.
  const faults = found.toSorted((a, b) => (a.file === b.file ? 0 : a.file < b.file ? -1 : 1))
  const errors = faults.filter((fault) => fault.severity === 'error').length
  return { valid: errors === 0, files, definitions: definitions.size, errors, warnings: faults.length - errors, faults }
}
