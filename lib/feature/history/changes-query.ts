// Which changes of the history are asked for, as callers write it.
import { FeatureError } from '../../errors.js'
import type { HistoryBound, HistoryFilter } from '../../store/history/changes.js'
import { quoted } from '../../text/printable.js'
import { checkKeys } from '../options-keys.js'
import { parsePoint, type PointText } from './point.js'

/** What the history is narrowed to. */
export interface HistoryNarrowing {
  /** Only changes of this flag. */
  readonly feature?: string
  /** Only the change with this id. */
  readonly changeId?: string
  /** Only changes of this author. */
  readonly author?: string
  /** Only changes from there: `code`, `cli`, `console`, `http`, `import`, `sql`, `untracked`. */
  readonly source?: string
  /** Only changes since: a time with its offset, a distance (`2h`), a position or a revision; what was changed at the time itself counts. */
  readonly from?: PointText
  /** Only changes until: the same. */
  readonly to?: PointText
}

export interface HistoryQuery extends HistoryNarrowing {
  /** At most this many rows, newest first. */
  readonly limit: number
}

export interface ChangesQuery extends HistoryNarrowing {
  /** Only changes with this text in the name of a flag, the author, the reason or a value, in either case. */
  readonly search?: string
  /** `next` of the page before. */
  readonly before?: string
  /** At most this many changes, newest first: 1 to 1,000. Default: 50. */
  readonly limit?: number
}

const narrowing = {
  feature: 'the name of a flag',
  changeId: 'the id of a change',
  author: 'the name of an author',
  source: 'where changes came from, such as cli',
} as const
const bounds = ['from', 'to'] as const
const texts = { search: 'the text to look for', before: 'what the page before has as "next"' } as const

/** Throws FeatureError (`invalid_arguments`) for options of `history` that are none; the store judges the limit. */
export function checkQuery(query: unknown): void {
  const keys = [...Object.keys(narrowing), ...bounds, 'limit']
  checkKeys(query, { of: 'history', keys, example: '{ limit: 20 }' })
  checkTexts('history', query, narrowing)
}

/** Throws FeatureError (`invalid_arguments`) for options of `changes` that are none. */
export function checkChangesQuery(query: unknown): void {
  const keys = [...Object.keys(narrowing), ...bounds, ...Object.keys(texts), 'limit']
  checkKeys(query, { of: 'changes', keys, example: '{ limit: 20 }' })
  checkTexts('changes', query, { ...narrowing, ...texts })
  const limit: unknown = Reflect.get(query, 'limit')
  if (limit === undefined || (Number.isInteger(limit) && Number(limit) >= 1 && Number(limit) <= mostChanges)) return
  const problem = `the option "limit" of changes is ${quoted(limit)}`
  throw new FeatureError('invalid_arguments', { problem, remedy: `give a whole number from 1 to ${mostChanges}` })
}

/** So many changes are given at once. */
export const mostChanges = 1_000

function checkTexts(of: string, query: object, wanted: Readonly<Record<string, string>>): void {
  for (const [key, what] of Object.entries(wanted)) {
    const value: unknown = Reflect.get(query, key)
    if (value === undefined || typeof value === 'string') continue
    const problem = `the option "${key}" of ${of} is ${quoted(value)}`
    throw new FeatureError('invalid_arguments', { problem, remedy: `give ${what}, or leave it out for all` })
  }
}

/** The same for a store. Throws FeatureError (`invalid_point`). */
export function filterOf({ feature, changeId, author, source, from, to }: HistoryNarrowing): HistoryFilter {
  const asked = Object.entries({ feature, changeId, author, source }).filter(([, text]) => text !== undefined)
  return {
    ...Object.fromEntries(asked),
    ...(from === undefined ? {} : { from: boundOf(from) }),
    ...(to === undefined ? {} : { to: boundOf(to) }),
  }
}

function boundOf(text: PointText): HistoryBound {
  const point = parsePoint(text)
  switch (point.kind) {
    case 'revision':
      return { kind: 'version', version: point.revision.version }
    case 'change':
      throw new FeatureError('invalid_point', {
        problem: `${quoted(text)} is the id of a change, and not a time`,
        remedy: 'give a time with an offset (2026-11-20T10:00Z), a distance (2h, 3d), a position (48213) or a revision',
      })
    default:
      return point
  }
}
