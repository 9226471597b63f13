// The history as lines and as JSON.
import { describeRows, groupedEntries } from '../../feature/change-sentences.js'
import type { HistoryEntry } from '../../store/store.js'
import { moment } from '../terminal/output.js'

/** One row for each change of a flag, newest first: time, the flag where several are shown, author, source, change, reason. */
export function changesOf(entries: readonly HistoryEntry[], named: boolean): string[][] {
  return groupedEntries(entries).map(([first, ...others]) => [
    moment(first.at),
    ...(named ? [first.feature] : []),
    first.author,
    first.source,
    describeRows([first, ...others]),
    first.reason ?? '',
  ])
}

/** A row of the history as `--json` shows it. */
export function entryToJson(entry: HistoryEntry) {
  const { at, feature, gate, value, operation, author, source, reason, changeId, position } = entry
  return {
    at: at.toISOString(),
    feature,
    gate,
    value,
    operation,
    author,
    source,
    reason,
    change_id: changeId,
    position,
  }
}
