// Changes of flags, the newest first, page by page.
import { flag, list, number, object, orNull, otherwise, text } from './parse.js'
import type { Door } from './request.js'

export interface HistoryChange {
  /** Null for a change that gave none, as by psql. */
  readonly change_id: string | null
  /** `VERSION-NONCE`. */
  readonly position: string
  readonly at: string
  readonly author: string
  readonly source: string
  readonly reason: string | null
  /** Found to be written past the history: by whom, and when, is not known. */
  readonly untracked: boolean
  /** What it did to each flag; null for too many of them. */
  readonly flags: readonly { readonly name: string; readonly sentence: string }[] | null
  readonly counts: { readonly flags: number; readonly added: number; readonly removed: number }
  /** The change that it took back. */
  readonly undoes: string | null
  /** The revision that it brought back. */
  readonly restores: string | null
}

export interface HistoryPage {
  readonly entries: readonly HistoryChange[]
  /** What the next page is asked for by; null on the last one. */
  readonly next: string | null
}

export interface HistoryQuery {
  readonly flag: string
  readonly author: string
  readonly source: string
  readonly from: string
  readonly to: string
  readonly q: string
}

const change = object<HistoryChange>({
  change_id: orNull(text),
  position: text,
  at: text,
  author: otherwise(text, 'unknown'),
  source: otherwise(text, ''),
  reason: orNull(text),
  untracked: otherwise(flag, false),
  flags: orNull(list(object({ name: text, sentence: otherwise(text, '') }))),
  counts: otherwise(object({ flags: number, added: number, removed: number }), { flags: 0, added: 0, removed: 0 }),
  undoes: orNull(text),
  restores: orNull(text),
})
const historyPage = object<HistoryPage>({ entries: list(change), next: orNull(text) })

/** Throws ApiFault: `invalid_point` and `not_in_history` for a time that is not understood or not known. */
export function fetchHistory(
  door: Door,
  query: HistoryQuery,
  before: string | null,
  signal?: AbortSignal,
): Promise<HistoryPage> {
  const given = Object.entries({ ...query, before: before ?? '' }).filter(([, value]) => value !== '')
  return door.ask(`/api/web/history?${new URLSearchParams(given)}`, historyPage, { signal })
}
