// What undo and restore would do, as JSON: the command line with --json and the routes give the same.
import type { OtherChange } from '../conflict.js'
import { flagPreviewToJson } from '../preview/preview-json.js'
import type { RestorePreview } from './restore.js'
import type { UndoPreview } from './undo.js'

export function otherChangeToJson({ changeId, at, author, source, reason, sentence }: OtherChange) {
  return { change_id: changeId, at: at.toISOString(), author, source, reason, sentence }
}

export function undoPreviewToJson({ changeId, flags, later }: UndoPreview) {
  return {
    change_id: changeId,
    flags: flags.map(flagPreviewToJson),
    later: later.map(otherChangeToJson),
    level: Math.max(0, ...flags.map(({ level }) => level)),
  }
}

export function restorePreviewToJson(preview: RestorePreview) {
  const { to, later } = preview
  return {
    ...flagPreviewToJson(preview),
    to: {
      version: to.version,
      at: to.at?.toISOString() ?? null,
      revision: to.revision,
      uncertain: to.uncertain.map(({ gate, value, isStored }) => ({ gate, value, stored: isStored })),
    },
    later: later.map(otherChangeToJson),
  }
}
