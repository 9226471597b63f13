// The history's rows in words: all rows of a flag that one transaction wrote make one sentence.
import { optOutSuffix } from '../actors/stored-id.js'
import { untrackedSource } from '../state/past.js'
import { samePosition } from '../state/state.js'
import type { HistoryEntry } from '../store/store.js'

/** A sentence that names more values than this is hard to read. */
const mostNamed = 5

export type EntryGroup = [HistoryEntry, ...HistoryEntry[]]

/** The rows of one flag that one transaction wrote; it may have written several flags in turn. */
export function groupedEntries(entries: readonly HistoryEntry[]): EntryGroup[] {
  const groups: EntryGroup[] = []
  let ofTransaction = new Map<string, EntryGroup>()
  let newest: HistoryEntry | undefined
  for (const entry of entries) {
    if (newest === undefined || !samePosition(newest.position, entry.position)) ofTransaction = new Map()
    newest = entry
    const group = ofTransaction.get(entry.feature)
    if (group !== undefined) {
      group.push(entry)
      continue
    }
    const first: EntryGroup = [entry]
    ofTransaction.set(entry.feature, first)
    groups.push(first)
  }
  return groups
}

/**
 * `+ on for everybody, − actor User:1`, after a word on rows that were written past the triggers: removed values come after added ones, and otherwise in the order of writing. `hidden`: how many
 * more rows there are than are given.
 */
export function describeRows(newestFirst: readonly HistoryEntry[], hidden: Hidden = { added: 0, removed: 0 }): string {
  const untracked = newestFirst[0]?.source === untrackedSource ? 'written past the triggers: ' : ''
  return untracked + rowsInWords(newestFirst, hidden)
}

function rowsInWords(newestFirst: readonly HistoryEntry[], hidden: Hidden): string {
  const entries = [...newestFirst].reverse()
  const gates = entries.filter(({ gate }) => gate !== null)
  const own = entries.filter(({ gate }) => gate === null).map(({ operation }) => operation)
  const deleted = own.includes('removed') && !own.includes('added')
  if (deleted) return 'deleted'
  const parts = [...describeSide('+', gates, 'added', hidden), ...describeSide('−', gates, 'removed', hidden)]
  if (parts.length > 0) return parts.join(', ')
  return own.length > 0 ? 'stored, off for everybody' : 'no visible change'
}

type Hidden = Readonly<Record<HistoryEntry['operation'], number>>

function describeSide(
  sign: string,
  entries: readonly HistoryEntry[],
  operation: HistoryEntry['operation'],
  hidden: Hidden,
): string[] {
  const texts = entries.filter((entry) => entry.operation === operation).map(describeRow)
  const count = texts.length + hidden[operation]
  if (count <= mostNamed) return texts.map((text) => `${sign} ${text}`)
  const named = texts.slice(0, mostNamed).map((text) => `${sign} ${text}`)
  return [...named, `${sign} ${count - mostNamed} more`]
}

function describeRow({ gate, value }: HistoryEntry): string {
  const text = value ?? ''
  switch (gate) {
    case 'boolean':
      return text === 'true' || text === '1' ? 'on for everybody' : `boolean "${text}"`
    case 'actors':
      return text.endsWith(optOutSuffix) ? `opt-out of ${text.slice(0, -optOutSuffix.length)}` : `actor ${text}`
    case 'groups':
      return `group ${text}`
    case 'percentage_of_actors':
      return `${text} % of actors`
    case 'percentage_of_time':
      return `${text} % of time`
    default:
      return `${gate} ${text}`
  }
}
