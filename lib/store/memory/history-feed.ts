// The feed of the history in memory.
import { groupedByText } from '../grouped.js'
import type { FedFeature, FeedQuestion, FedChange, NewestChange } from '../history/feed.js'
import type { HistoryEntry } from '../store.js'

/** One transaction's change, from its rows in the order of writing; null for one that wrote nothing. */
export function fedChange(
  entries: readonly HistoryEntry[],
  most: Pick<FeedQuestion, 'features' | 'rows'>,
): FedChange | null {
  const [first] = entries
  if (first === undefined) return null
  const { position, at, author, source, reason, changeId } = first
  const byFeature = groupedByText(entries, ({ feature }) => feature)
  const features =
    byFeature.length > most.features ? null : byFeature.map(([feature, rows]) => fedFeature(feature, rows, most.rows))
  return { position, at, author, source, reason, changeId, features }
}

function fedFeature(feature: string, entries: readonly HistoryEntry[], most: number): FedFeature {
  const counts = new Map<string, number>()
  const hidden = { added: 0, removed: 0 }
  const rows = entries.filter(({ gate, operation }) => {
    const key = `${operation} ${gate}`
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    if (count > most) hidden[operation] += 1
    return count <= most
  })
  return { feature, rows, hidden }
}

/** The newest change of each feature, from rows in the order of writing. */
export function newestOf(entries: readonly HistoryEntry[]): readonly NewestChange[] {
  const newest = new Map(entries.map((entry) => [entry.feature, entry]))
  return [...newest.values()].map(({ feature, at, author }) => ({ feature, at, author }))
}
