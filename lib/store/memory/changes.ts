// The history of the store in memory as changes.
import { type ChangesFound, type ChangesQuestion, parsePage, type RecordedChange } from '../history/changes.js'
import type { HistoryEntry } from '../history/entry.js'
import { fedChange } from './history-feed.js'
import type { MemoryHistory } from './history.js'
import { isAsked, type Made, within } from './made.js'

export function memoryChanges(history: MemoryHistory, question: ChangesQuestion): ChangesFound {
  const { limit, before, search } = question
  const text = search?.toLowerCase()
  const isWanted = (entry: HistoryEntry) => isAsked(entry, question) && (text === undefined || hasText(entry, text))
  const page = before === undefined ? null : parsePage(before)
  const isBefore = ({ position: { version } }: Made) =>
    page === null || BigInt(version) < BigInt(page.version) || (page.row !== null && version === page.version)
  const found = within(history, question).filter((made) => isBefore(made) && made.entries.some(isWanted))
  const newest = found.toReversed().slice(0, limit)
  const changes = newest.flatMap((made) => recordedChange(history, made, question) ?? [])
  return { changes, next: found.length > limit ? (changes.at(-1)?.position.version ?? before ?? null) : null }
}

function recordedChange(history: MemoryHistory, { entries }: Made, most: ChangesQuestion): RecordedChange | null {
  const own = most.feature === undefined ? entries : entries.filter((entry) => entry.feature === most.feature)
  const change = fedChange(own, most)
  if (change === null) return null
  const added = own.filter(({ operation }) => operation === 'added').length
  const features = new Set(entries.map(({ feature }) => feature)).size
  const details = change.changeId === null ? null : history.detailsOf(change.changeId)
  return { ...change, counts: { features, added, removed: own.length - added }, details }
}

function hasText({ feature, author, reason, value }: HistoryEntry, text: string): boolean {
  return [feature, author, reason ?? '', value ?? ''].some((one) => one.toLowerCase().includes(text))
}
