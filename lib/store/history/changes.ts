// The history as changes: one for each transaction, however many rows it wrote, the newest first and a page at a time.
import { FeatureError } from '../../errors.js'
import { quoted } from '../../text/printable.js'
import type { ChangeDetails } from '../change-origin.js'
import type { FedChange } from './feed.js'

/** A point between changes: after all that were made up to it. */
export type HistoryBound =
  /** The position of this version. */
  | { readonly kind: 'version'; readonly version: string }
  /** By the clock of the store. */
  | { readonly kind: 'time'; readonly at: Date }
  /** So many milliseconds ago, by the clock of the store. */
  | { readonly kind: 'ago'; readonly ms: number }

/** Which rows of the history count. */
export interface HistoryFilter {
  readonly feature?: string
  readonly changeId?: string
  readonly author?: string
  /** The origin of a change: `code`, `cli`, `console`, `http`, `import`, `sql`, `untracked`. */
  readonly source?: string
  /** Only what came later; of a time, also what came at it. */
  readonly from?: HistoryBound
  /** Only what came up to it. */
  readonly to?: HistoryBound
}

export interface ChangesQuestion extends HistoryFilter {
  /** Only changes of which a row has this text in the name of its flag, its author, its reason or its value, in either case. */
  readonly search?: string
  /** Only changes before this page: a version, or what an answer has as `next`. */
  readonly before?: string
  /** The most changes. */
  readonly limit: number
  /** The most features of a change that are told with their rows. */
  readonly features: number
  /** The most rows of a gate that are told, of those added and of those removed. */
  readonly rows: number
}

export interface RecordedChange extends FedChange {
  /** What the change wrote in all: how many features, and how many rows; with `feature` of the question the rows of that feature. */
  readonly counts: { readonly features: number; readonly added: number; readonly removed: number }
  /** What is told of it beside its rows; null: nothing, or this login may not read it. */
  readonly details: ChangeDetails | null
}

export interface ChangesFound {
  /** Newest first. With `feature` of the question only the rows of that feature are told. */
  readonly changes: readonly RecordedChange[]
  /** The `before` of the next page; null: there is none. A search may end a page early, also without a change. */
  readonly next: string | null
}

/** So many rows are searched for a text at once; a change may have more. */
export const mostSearched = 10_000

/** Where a page of changes begins. */
export interface Page {
  /** Changes before this version; where there is a row, that change too. */
  readonly version: string
  /** Of that change only rows with a lower id are searched; null: the change itself is not on the page. */
  readonly row: string | null
}

/** What `next` of an answer may be, as the source of a regular expression. */
export const pagePattern = '^\\d{1,18}(-\\d{1,18})?$'

/** Of a text that `checkChangesQuestion` has passed. */
export function parsePage(text: string): Page {
  const [version = '', row] = text.split('-')
  return { version, row: row ?? null }
}

/** Throws FeatureError (`invalid_arguments`) for what no store can answer. */
export function checkChangesQuestion({ limit, before }: Pick<ChangesQuestion, 'limit' | 'before'>): void {
  checkLimit(limit)
  if (before === undefined || new RegExp(pagePattern).test(before)) return
  throw new FeatureError('invalid_arguments', {
    problem: `the page of the history before ${quoted(before)} is none`,
    remedy: 'give what the page before it has as "next", or a position such as 48213',
  })
}

/** Throws FeatureError (`invalid_arguments`). */
export function checkLimit(limit: number): void {
  if (Number.isSafeInteger(limit) && limit >= 0) return
  throw new FeatureError('invalid_arguments', {
    problem: `history's limit is "${limit}"`,
    remedy: 'give a whole number from 0 on',
  })
}
