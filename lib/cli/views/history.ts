// The history as lines and as JSON.
import { describeRows, groupedEntries } from '../../feature/change-sentences.js'
import type { FlagChange } from '../../feature/history/flag-history.js'
import type { HistoryEntry } from '../../store/store.js'
import { counted } from '../../text/counted.js'
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

/** A line that names more flags than this is hard to read. */
const mostFlags = 3

/** One row for each change, newest first: time, author, source, id, what it did, reason. */
export function changeLines(changes: readonly FlagChange[], named: boolean): string[][] {
  return changes.map((change) => [
    moment(change.at),
    change.author,
    change.source,
    change.changeId ?? '',
    inWords(change, named),
    change.reason ?? '',
  ])
}

function inWords({ flags, counts }: FlagChange, named: boolean): string {
  const { added, removed } = counts
  if (flags === null || flags.length > mostFlags) {
    return `${counted(counts.flags, 'flag')}: ${counted(added, 'row')} added, ${removed} removed`
  }
  return flags.map(({ name, sentence }) => (named ? `${name}: ${sentence}` : sentence)).join('; ')
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
