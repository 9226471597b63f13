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
 * `10 → 25 % of actors, added User:7, Project:42`, after a word on rows that were written past the triggers. Of a value that the same rows added and removed only what is left is told.
 * `hidden`: how many more rows there are than are given.
 */
export function describeRows(newestFirst: readonly HistoryEntry[], hidden: Hidden = none): string {
  const untracked = newestFirst[0]?.source === untrackedSource ? 'written past the triggers: ' : ''
  return untracked + rowsInWords(newestFirst, hidden)
}

type Hidden = Readonly<Record<HistoryEntry['operation'], number>>

const none: Hidden = { added: 0, removed: 0 }

function rowsInWords(newestFirst: readonly HistoryEntry[], hidden: Hidden): string {
  const own = newestFirst.filter(({ gate }) => gate === null).map(({ operation }) => operation)
  const rows = netOf([...newestFirst].reverse().filter(({ gate }) => gate !== null))
  if (own.includes('removed') && !own.includes('added')) return deletedText(rows, hidden)
  const isOpened = rows.some((row) => row.operation === 'added' && isEverybody(row))
  const parts = [
    ...rows.filter(isEverybody).map(({ operation }) => (operation === 'added' ? everybody : `no longer ${everybody}`)),
    ...shareParts(rows, hidden, isOpened),
    ...listParts(rows, 'added', hidden, isOpened),
    ...listParts(rows, 'removed', hidden, isOpened),
  ]
  if (parts.length > 0) return parts.join(', ')
  return own.length > 0 ? 'stored, off for everybody' : 'no visible change'
}

/** A deleted flag has its default again: what is gone is told behind that, because it alone would read as if the flag itself were gone. */
function deletedText(rows: readonly HistoryEntry[], hidden: Hidden): string {
  const gone = rows.filter(({ operation }) => operation === 'removed')
  const items = [...gone.filter((row) => !isOptOut(row)), ...gone.filter(isOptOut)].map((row) =>
    isOptOut(row) ? `never for ${nameOf(row)}` : isEverybody(row) ? everybody : nameOf(row),
  )
  const was = items.length + hidden.removed === 0 ? '' : ` (${fewOf(items, hidden.removed)})`
  return `back to the default: what was stored was deleted${was}`
}

/** What is left of rows of which several are about one value: the first and the last of them must be alike. */
function netOf(oldestFirst: readonly HistoryEntry[]): readonly HistoryEntry[] {
  const byValue = new Map<string, HistoryEntry[]>()
  for (const row of oldestFirst) {
    const key = JSON.stringify([row.gate, row.value])
    byValue.set(key, [...(byValue.get(key) ?? []), row])
  }
  return [...byValue.values()].flatMap((rows) => {
    const [first, last] = [rows[0], rows.at(-1)]
    return first !== undefined && first.operation === last?.operation ? [first] : []
  })
}

const everybody = 'on for everybody'
const shares: ReadonlyMap<string | null, string> = new Map([
  ['percentage_of_actors', '% of actors'],
  ['percentage_of_time', '% of checks'],
])

function isEverybody({ gate, value }: HistoryEntry): boolean {
  return gate === 'boolean' && (value === 'true' || value === '1')
}

function isOptOut({ gate, value }: HistoryEntry): boolean {
  return gate === 'actors' && value?.endsWith(optOutSuffix) === true
}

/** `10 → 25 % of actors`: of a share that was replaced, or was not set before or after. */
function shareParts(rows: readonly HistoryEntry[], hidden: Hidden, isOpened: boolean): string[] {
  return [...shares].flatMap(([gate, unit]) => {
    const arrow = arrowOf(gate, rows, hidden, isOpened)
    return arrow === null ? [] : [`${arrow.before} → ${arrow.after} ${unit}`]
  })
}

/** Null where the share did not change, and where the rows do not tell both sides: then what is known is told as of a list. */
function arrowOf(gate: string | null, rows: readonly HistoryEntry[], hidden: Hidden, isOpened: boolean) {
  const own = rows.filter((row) => row.gate === gate)
  const [added, removed] = [
    own.filter(({ operation }) => operation === 'added'),
    own.filter(({ operation }) => operation === 'removed'),
  ]
  if (own.length === 0 || added.length > 1 || removed.length > 1) return null
  // The row of the other side may be one of those that are not given.
  if (added.length === 0 ? hidden.added > 0 || isOpened : removed.length === 0 && hidden.removed > 0) return null
  const [before, after] = [removed[0]?.value ?? '0', added[0]?.value ?? '0']
  return before === after ? null : { before, after }
}

/** `added User:7, Project:42, never for User:9`. */
function listParts(
  rows: readonly HistoryEntry[],
  operation: HistoryEntry['operation'],
  hidden: Hidden,
  isOpened: boolean,
): string[] {
  const own = rows.filter(
    (row) =>
      row.operation === operation &&
      !isEverybody(row) &&
      !(shares.has(row.gate) && arrowOf(row.gate, rows, hidden, isOpened) !== null),
  )
  const [listed, denied] = [own.filter((row) => !isOptOut(row)).map(nameOf), own.filter(isOptOut).map(nameOf)]
  const more = hidden[operation]
  const never = operation === 'added' ? 'never for' : 'no longer never for'
  return [
    ...(listed.length === 0 ? [] : [`${operation} ${fewOf(listed, more)}`]),
    ...(denied.length === 0 ? [] : [`${never} ${fewOf(denied, listed.length === 0 ? more : 0)}`]),
    ...(own.length > 0 || more === 0 ? [] : [`${operation} ${more} more`]),
  ]
}

/** `a, b and 3 more`; `hidden` of them are not given. */
function fewOf(names: readonly string[], hidden: number): string {
  const named = names.slice(0, mostNamed)
  const more = names.length - named.length + hidden
  return `${named.join(', ')}${more === 0 ? '' : ` and ${more} more`}`
}

function nameOf(row: HistoryEntry): string {
  const { gate } = row
  const text = row.value ?? ''
  switch (gate) {
    case 'actors':
      return isOptOut(row) ? text.slice(0, -optOutSuffix.length) : text
    case 'groups':
      return `group ${text}`
    case 'boolean':
      return `boolean "${text}"`
    default:
      return shares.has(gate) ? `${text} ${shares.get(gate)}` : `${gate} ${text}`
  }
}
