// The statements that read. Position and content always come from one statement: two would see two states, and lose a
// change or give it the wrong position.
import { fields, list, readFeatures, readHistoryEntry, textOrNull } from './answers.js'
import type { Layout, OwnTables } from './layout.js'
import { digestSql, everyKey, featuresJson, knownSql, positionValues } from './postgres-sql.js'
import { guardField, placedFields, readGuard, readPlaced } from './postgres-standing.js'
import type { Head, HistoryEntry, Position, StoredWhole } from './store.js'

/** A statement and how its answer is read. */
export interface Reading<T> {
  readonly sql: string
  readonly values: readonly (string | number | null | readonly string[])[]
  read(answer: unknown): T
}

/** Where a statement is to run. */
export interface Place {
  readonly layout: Layout
  /** As configured: part of the identity. */
  readonly namespace: string | null
}

export function headReading({ layout, namespace }: Place, mine: Position | null): Reading<Head> {
  const { own } = layout
  return {
    sql: `
select json_build_object(
  ${placedFields(layout)},
  ${guardField(layout)},
  'known', ${own === null ? 'false' : `coalesce(${knownSql(own)}, false)`}
)::text as answer`,
    values: own === null ? [] : positionValues(mine),
    read: (answer) => ({
      ...readPlaced(answer, layout, namespace),
      guard: readGuard(answer),
      known: fields(answer, 'head')['known'] === true,
    }),
  }
}

export function allReading({ layout, namespace }: Place, digest: boolean): Reading<StoredWhole> {
  return {
    sql: `
select json_build_object(
  ${placedFields(layout)},
  'features', ${featuresJson(layout, everyKey)},
  'digest', ${digest ? digestSql(layout) : 'null'}
)::text as answer`,
    values: [],
    read: (answer) => {
      const whole = fields(answer, 'content')
      return {
        ...readPlaced(answer, layout, namespace),
        features: readFeatures(whole['features']),
        digest: textOrNull(whole['digest'], 'digest'),
      }
    },
  }
}

export function historyReading(
  own: OwnTables,
  feature: string | null,
  limit: number,
): Reading<readonly HistoryEntry[]> {
  return {
    sql: `
select coalesce(json_agg(json_build_object(
  'version', version::text, 'nonce', nonce, 'at', at, 'feature', feature_key, 'gate', gate_key,
  'value', case when gate_key is null then value else coalesce(value, '') end, 'operation', operation,
  'author', author, 'source', source, 'reason', reason, 'change', change_id
) order by version desc, id desc), '[]')::text as answer
from (
  select *
  from ${own.history}
  where $1::text is null or feature_key = $1
  order by version desc, id desc
  limit $2
) newest`,
    values: [feature, limit],
    read: (answer) => list(answer, 'history').map(readHistoryEntry),
  }
}
