// The history as changes, as JSON: the command line with --json and the routes give the same.
import { versionPart } from '../../state/revision.js'
import type { ChangesPage, FlagChange } from './flag-history.js'

export function changesPageToJson({ changes, next }: ChangesPage) {
  return { entries: changes.map(changeToJson), next }
}

export function changeToJson(change: FlagChange) {
  const { changeId, position, at, author, source, reason, untracked, flags, counts, details } = change
  const { version, nonce } = versionPart(position)
  return {
    change_id: changeId,
    position: `${version}-${nonce}`,
    at: at.toISOString(),
    author,
    source,
    reason,
    untracked,
    flags,
    counts,
    undoes: details?.undoes ?? null,
    restores: details?.restores ?? null,
  }
}
