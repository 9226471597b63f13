// The statements that read. Position and content always come from one statement: two would see two states, and lose a
// change or give it the wrong position.
import { count, fields, list, readFeatures, readHistoryEntry, readPosition, readState, text } from './answers.js'
import { digestText } from './digest.js'
import type { Layout, OwnTables } from './layout.js'
import { everyKey, featuresJson, keysSql, knownSql, positionValues, stateJson } from './postgres-sql.js'
import {
  type Digest,
  type Head,
  type HistoryEntry,
  type Position,
  type StoredDelta,
  type StoredState,
  samePosition,
} from './store.js'

/** A statement and how its answer is read. */
export interface Reading<T> {
  readonly sql: string
  readonly values: readonly (string | number | null)[]
  read(answer: unknown): T
}

export function headReading(layout: Layout, mine: Position | null): Reading<Head> {
  const { own } = layout
  return {
    sql: `
select json_build_object(
  'recovery', pg_is_in_recovery(),
  'state', ${stateJson(layout)},
  'known', ${own === null ? 'false' : `coalesce(${knownSql(own)}, false)`}
)::text as answer`,
    values: own === null ? [] : positionValues(mine),
    read: (answer) => {
      const head = fields(answer, 'head')
      const state = readState(head['state'])
      return {
        position: state?.position ?? null,
        databaseId: state?.databaseId ?? null,
        inRecovery: head['recovery'] === true,
        known: head['known'] === true,
      }
    },
  }
}

export function allReading(layout: Layout): Reading<StoredState> {
  return {
    sql: `
select json_build_object(
  'recovery', pg_is_in_recovery(),
  'state', ${stateJson(layout)},
  'features', ${featuresJson(layout, everyKey)}
)::text as answer`,
    values: [],
    read: (answer) => {
      const whole = fields(answer, 'content')
      const state = readState(whole['state'])
      return {
        position: state?.position ?? null,
        databaseId: state?.databaseId ?? null,
        inRecovery: whole['recovery'] === true,
        features: readFeatures(whole['features']),
      }
    },
  }
}

export function sinceReading(layout: Layout, own: OwnTables, mine: Position): Reading<StoredDelta | null> {
  return {
    sql: `
with known as (
  select coalesce(${knownSql(own)}, false) as is_known
), passed as (
  select version, nonce, feature_key
  from ${own.history}
  where version > $1::bigint and (select is_known from known)
), named as (
  select coalesce(array_agg(distinct feature_key), '{}') as keys
  from passed
)
select json_build_object(
  'known', (select is_known from known),
  'state', ${stateJson(layout)},
  'via', (
    select coalesce(json_agg(json_build_object('version', version::text, 'nonce', nonce) order by version), '[]')
    from (select distinct version, nonce from passed) step
  ),
  'keys', (select to_json(keys) from named),
  'features', ${featuresJson(layout, (column) => `${column}::text = any ((select keys from named)::text[])`)}
)::text as answer`,
    values: positionValues(mine),
    read: (answer) => readDelta(fields(answer, 'delta'), mine),
  }
}

/** Null, so that everything is read, unless the positions passed lead exactly from mine to the state's. */
function readDelta(delta: Readonly<Record<string, unknown>>, mine: Position): StoredDelta | null {
  const position = readState(delta['state'])?.position
  if (delta['known'] !== true || position === undefined) return null
  const via = list(delta['via'], 'positions').map(readPosition)
  if (!samePosition(via.at(-1) ?? mine, position)) return null
  const stored = new Map(readFeatures(delta['features']).map((feature) => [feature.key, feature]))
  const keys = list(delta['keys'], 'keys').map((key) => text(key, 'feature key'))
  return { position, via, changed: new Map(keys.map((key) => [key, stored.get(key) ?? null])) }
}

export function digestReading(layout: Layout): Reading<Digest> {
  return {
    sql: `
select json_build_object(
  'recovery', pg_is_in_recovery(),
  'state', ${stateJson(layout)},
  'features', count(*) filter (where is_feature),
  'gates', count(*) filter (where not is_feature),
  'sum', coalesce(sum(('x' || left(encode(sha256(bytes), 'hex'), 16))::bit(64)::bigint), 0)::text
)::text as answer
from (
  select true as is_feature, convert_to(key, 'UTF8') as bytes
  from (${keysSql(layout, everyKey)}) names
  union all
  select
    false,
    convert_to(feature_key::text, 'UTF8') || '\\x00'::bytea || convert_to(key::text, 'UTF8')
      || '\\x00'::bytea || convert_to(coalesce(value::text, ''), 'UTF8')
  from ${layout.gates}
) stored`,
    values: [],
    read: (answer) => {
      const digest = fields(answer, 'digest')
      const sum = BigInt(text(digest['sum'], 'sum'))
      return {
        position: readState(digest['state'])?.position ?? null,
        text: digestText(count(digest['features'], 'features'), count(digest['gates'], 'gates'), sum),
        inRecovery: digest['recovery'] === true,
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
