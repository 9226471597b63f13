// The questions and answers of the history as changes, of one flag and of all.
import type { ChangesQuery } from '../../feature/history/changes-query.js'
import { pagePattern } from '../../store/history/changes.js'

const text = { type: 'string' } as const
const textOrNull = { type: ['string', 'null'] } as const
/** Postgres cannot hold NUL. */
const asked = { type: 'string', maxLength: 1_000, pattern: '^[^\\u0000]*$' } as const
const count = { type: 'integer', minimum: 0 } as const

export const historyQuerySchema = {
  type: 'object',
  properties: {
    author: { ...asked, description: 'Only changes of this author' },
    source: { ...asked, description: 'Only changes from there: code, cli, console, http, import, sql, untracked' },
    change_id: { ...asked, description: 'Only the change with this id: whether it was made after an answer got lost' },
    from: {
      ...asked,
      description: 'Only changes since: 2026-11-20T10:00Z (with an offset), 2h, a position or a revision',
    },
    to: { ...asked, description: 'Only changes until: the same' },
    q: {
      ...asked,
      description: 'Only changes with this text in a flag, the author, the reason or a value, in either case',
    },
    before: { ...text, pattern: pagePattern, description: '`next` of the page before' },
    limit: { ...text, pattern: '^(?:100|[1-9]\\d?)$', description: 'At most this many changes, 1 to 100; default: 50' },
  },
} as const

export const webHistoryQuerySchema = {
  ...historyQuerySchema,
  properties: { flag: { ...asked, description: 'Only changes of this flag' }, ...historyQuerySchema.properties },
} as const

export interface HistoryQuerystring {
  readonly flag?: string
  readonly author?: string
  readonly source?: string
  readonly change_id?: string
  readonly from?: string
  readonly to?: string
  readonly q?: string
  readonly before?: string
  readonly limit?: string
}

/** What a form leaves empty does not narrow. */
export function changesQueryOf(query: HistoryQuerystring): ChangesQuery {
  const { flag, author, source, change_id: changeId, from, to, q: search, before, limit } = query
  const texts = Object.entries({ feature: flag, author, source, changeId, from, to, search, before })
  const given = Object.fromEntries(texts.filter(([, value]) => value !== undefined && value !== ''))
  return { ...given, ...(limit === undefined ? {} : { limit: Number(limit) }) }
}

const flagSchema = {
  type: 'object',
  required: ['name', 'sentence', 'gates'],
  properties: { name: text, sentence: text, gates: { type: 'array', items: text } },
} as const

const entrySchema = {
  type: 'object',
  required: [
    'change_id',
    'position',
    'at',
    'author',
    'source',
    'reason',
    'untracked',
    'flags',
    'counts',
    'undoes',
    'restores',
  ],
  properties: {
    change_id: { ...textOrNull, description: 'null for a change that gave none, as by psql' },
    position: text,
    at: text,
    author: text,
    source: text,
    reason: textOrNull,
    untracked: {
      type: 'boolean',
      description: 'Whether it is what was found to be written past the triggers: who wrote it, and when, is not known',
    },
    flags: {
      description:
        'What the change did to each flag; of one flag alone where that was asked for; null beyond 200 flags',
      anyOf: [{ type: 'array', items: flagSchema }, { type: 'null' }],
    },
    counts: {
      type: 'object',
      required: ['flags', 'added', 'removed'],
      properties: { flags: count, added: count, removed: count },
    },
    undoes: { ...textOrNull, description: 'The id of the change that this one has taken back' },
    restores: { ...textOrNull, description: 'The revision that this one has brought back' },
  },
} as const

export const historySchema = {
  type: 'object',
  description: 'Changes, the newest first',
  required: ['entries', 'next'],
  properties: {
    entries: { type: 'array', items: entrySchema },
    next: {
      ...textOrNull,
      description:
        '`before` of the next page; null: this is the last one. With q a page may end early, also without a change',
    },
  },
} as const
