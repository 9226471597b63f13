// How an answer to a change is understood.
import type { ChangeTerms, Conflict, Outcome } from '../api/changes.js'
import type { ApiFault } from '../api/fault.js'

/** No answer, half of one, or one that says that it is not known. A server that failed may have failed after it had made the change. */
export function isUncertain({ kind, status, code }: ApiFault): boolean {
  return kind !== 'refused' || code === 'outcome_unknown' || [500, 502, 504].includes(status)
}

/** What a second try is answered where that tells nothing of the first: no sign-in, too many requests, no database. */
export function saysNothing({ kind, status, code }: ApiFault): boolean {
  return kind !== 'refused' || code === 'outcome_unknown' || status === 401 || status === 429 || status > 500
}

/** What is known of a change that only the history tells of. */
export function foundInHistory({ changeId }: ChangeTerms): Extract<Outcome, { kind: 'done' }> {
  return { kind: 'done', changeId, revision: null, position: null, processes: null }
}

/** What other people did, where both changes fit together. */
export function meanwhile({ changes }: Conflict): string {
  const [newest] = changes
  if (newest === undefined) return 'The flag was changed meanwhile, on other gates. Your change stays as it is.'
  return `${newest.author} changed it meanwhile (${newest.sentence}), on other gates. Your change stays as it is.`
}
