// What names an owner, in the field `group` of a definition: one rule for `create`, which writes it, and for `validate`.
import type { ErrorParts } from '../../errors.js'

const remedy = 'write group::apm as GitLab does, or a name of your own such as team-x'

/**
 * The fault of a text as an owner; null if it names one. Any name does, because projects name their teams as they like. What is nearly
 * `group::…` is a slip.
 */
export function ownerFault(text: string): ErrorParts | null {
  if (/\p{C}/u.test(text)) return { problem: 'holds characters that cannot be seen', remedy }
  if (/^groups?\s*:+/i.test(text) && !/^group::[^\s:]/.test(text)) {
    return { problem: 'is nearly group::… and names no owner', remedy }
  }
  return null
}
