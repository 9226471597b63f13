// One SHA-256 of everything stored, as the bytes of its rows (content-rows.ts). Postgres computes the same in SQL.
//
// Content that is not in Postgres' form, or could not be in Postgres (a lone surrogate has the bytes of U+FFFD), gets a
// text that is not a digest of Postgres: it differs from all content.
import { createHash } from 'node:crypto'
import { writeRows } from './content-rows.js'
import type { StoredFeature } from './state.js'

/**
 * The digest of these features. Works in slices, so that the event loop can do other work. Features may come in any order; the
 * order of their keys is cheapest.
 */
export async function digestOf(features: Iterable<StoredFeature>): Promise<string> {
  const made = createHash('sha256')
  const { isContent } = await writeRows(features, (piece) => void made.update(piece))
  const hex = made.digest('hex')
  return isContent ? hex : `unlike-${hex.slice(0, 32)}`
}
