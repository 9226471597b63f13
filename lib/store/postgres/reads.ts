// The statements that read. Position and content always come from one statement: two statements would see two states, and lose
// a change or give it the wrong position.
import { fields, list, readHistoryEntry, readPositionOrNull, readStoredRows, text, textOrNull } from './parse-rows.js'
import type { Layout, OwnTables } from './existing-tables.js'
import { boundConditions, boundsSql, rowConditions, StatementValues } from './history/filter-sql.js'
import { digestOfRows, everyKey, knownSql, newestSql, positionValues, rowsAnswer, rowsSql } from './sql-parts.js'
import { guardField, placedFields, readGuard, readPlaced } from './standing.js'
import { type Position, type StoredWhole, samePosition } from '../../state/state.js'
import type { FeatureNow } from '../../state/revision.js'
import type { Head, HistoryEntry, HistoryQuery, RecordedRowsQuery, Since } from '../store.js'

/** A statement and how its answer is read. */
export interface Reading<T> {
  readonly sql: string
  readonly values: readonly (string | number | null | readonly string[])[]
  read(answer: unknown): T | Promise<T>
}

/** The database and tables for a statement. */
export interface Place {
  readonly layout: Layout
  /** As configured; part of the identity. */
  readonly namespace: string | null
}

export function headReading({ layout, namespace }: Place, mine: Position | null, guard: boolean): Reading<Head> {
  return {
    sql: `
select json_build_object(
  ${headFields(layout, guard)}
)::text as answer`,
    values: layout.own === null ? [] : positionValues(mine),
    read: (answer) => ({
      ...readHead(answer, layout, namespace),
      guard: guard ? readGuard(answer) : undefined,
    }),
  }
}

/**
 * Whether everything is still as it was at that position, and its digest; null if not. Most comparisons ask no more than this,
 * and the whole question about changes takes twice as long to plan.
 */
export function stillReading({ layout, namespace }: Place, from: Position): Reading<Since | null> | null {
  const { own } = layout
  if (own === null) return null
  return {
    sql: `
select json_build_object(
  ${headFields(layout, true)},
  'digest', case
    when exists (select from ${own.state} where version = $1::bigint and nonce = $2::uuid)
    then ${digestOfRows(rowsSql(layout, everyKey))}
  end
)::text as answer`,
    values: positionValues(from),
    read: (answer) => {
      const { known: _, ...standing } = readHead(answer, layout, namespace)
      if (!samePosition(standing.position, from)) return null
      const digest = text(fields(answer, 'digest')['digest'], 'digest')
      return {
        ...standing,
        delta: { position: from, via: [], changed: new Map() },
        leftOut: [],
        also: new Map(),
        digest,
      }
    },
  }
}

function headFields(layout: Layout, guard: boolean): string {
  return `${placedFields(layout)},
  ${guard ? `${guardField(layout)},` : ''}
  'known', ${layout.own === null ? 'false' : `coalesce(${knownSql(layout.own)}, false)`}`
}

function readHead(answer: unknown, layout: Layout, namespace: string | null): Head {
  return {
    ...readPlaced(answer, layout, namespace),
    guard: readGuard(answer),
    known: fields(answer, 'head')['known'] === true,
  }
}

export function allReading({ layout, namespace }: Place, digest: boolean): Reading<StoredWhole> {
  const rows = '(select bytes from content)'
  return {
    sql: `
with content as materialized (
  select ${rowsSql(layout, everyKey)} as bytes
)
select json_build_object(
  ${placedFields(layout)},
  'rows', ${rowsAnswer(rows)},
  'digest', ${digest ? digestOfRows(rows) : 'null'}
)::text as answer`,
    values: [],
    read: async (answer) => {
      const whole = fields(answer, 'content')
      return {
        ...readPlaced(answer, layout, namespace),
        items: await readStoredRows(whole['rows']),
        digest: textOrNull(whole['digest'], 'digest'),
      }
    },
  }
}

/** One feature, the newest row of its history and the position, in one statement. */
export function featureReading(layout: Layout, feature: string): Reading<FeatureNow> {
  const { own } = layout
  return {
    sql: `
select json_build_object(
  'position', ${own === null ? 'null' : `(select json_build_object('version', version::text, 'nonce', nonce) from ${own.state})`},
  'newest', ${own === null ? 'null' : newestSql(own, '$1::text', null)},
  'rows', ${rowsAnswer(rowsSql(layout, (column) => `${column}::text = $1::text`))}
)::text as answer`,
    values: [feature],
    read: async (answer) => {
      const now = fields(answer, 'feature')
      return {
        position: readPositionOrNull(now['position']),
        newest: readPositionOrNull(now['newest']),
        stored: (await readStoredRows(now['rows'])).at(0) ?? null,
      }
    },
  }
}

export function historyReading(own: OwnTables, query: HistoryQuery): Reading<readonly HistoryEntry[]> {
  const values = new StatementValues()
  const limit = values.add(query.limit)
  const bounds = `with ${boundsSql(query, own.history, values)}`
  const where = [...rowConditions(query, values), ...boundConditions(query)]
  return entriesReading(own, { bounds, where, limit, values: values.all })
}

/** Rows of the history of one flag. */
export function recordedReading(
  own: OwnTables,
  { feature, until, of, limit }: RecordedRowsQuery,
): Reading<readonly HistoryEntry[]> {
  const ofGate = of === undefined ? [] : ['gate_key = $4', "coalesce(value, '') = $5"]
  return entriesReading(own, {
    where: ['feature_key = $1', 'version <= $3::bigint', ...ofGate],
    limit: '$2',
    values: [feature, limit, until, ...(of === undefined ? [] : [of.gate, of.value])],
  })
}

interface Entries {
  /** The beginning of the statement, which gives the bounds. Default: none. */
  readonly bounds?: string
  readonly where: readonly string[]
  /** As SQL. */
  readonly limit: string
  readonly values: Reading<unknown>['values']
}

/** The newest entries of which all conditions hold. */
function entriesReading(
  own: OwnTables,
  { bounds = '', where, limit, values }: Entries,
): Reading<readonly HistoryEntry[]> {
  return {
    sql: `${bounds}
select coalesce(json_agg(json_build_object(
  'version', version::text, 'nonce', nonce, 'at', at, 'feature', feature_key, 'gate', gate_key,
  'value', case when gate_key is null then value else coalesce(value, '') end, 'operation', operation,
  'author', author, 'source', source, 'reason', reason, 'change', change_id
) order by version desc, id desc), '[]')::text as answer
from (
  select *
  from ${own.history}
  where ${[...where, 'true'].join(' and ')}
  order by version desc, id desc
  limit ${limit}
) newest`,
    values,
    read: (answer) => list(answer, 'history').map(readHistoryEntry),
  }
}
