import { closest, distance } from 'fastest-levenshtein'

/** The time of a comparison grows with the product of both lengths, so longer text is not compared at all. */
const longestCompared = 255

/** The candidate most like `text`, or null where no candidate is near enough to be a typing error. */
export function suggestion(text: string, candidates: Iterable<string>): string | null {
  if (text.length === 0 || text.length > longestCompared) return null
  const list = [...candidates]
  if (list.length === 0) return null
  const nearest = closest(text, list)
  const allowed = Math.max(1, Math.floor(Math.max(text.length, nearest.length) / 3))
  return distance(text, nearest) <= allowed ? nearest : null
}
