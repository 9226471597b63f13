// Changes of flags, the newest first, page by page.
import type { Answer } from './operations.generated.js'
import { flag, list, number, object, orNull, otherwise, text } from './parse.js'
import type { Door } from './request.js'

export type HistoryPage = Answer<'listWebChanges'>
/** `untracked`: written past the history, so that by whom and when is not known. `flags` is null for too many of them. */
export type HistoryChange = HistoryPage['entries'][number]

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
  flags: orNull(list(object({ name: text, sentence: otherwise(text, ''), gates: otherwise(list(text), []) }))),
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
