// The statements that read. Position and content always come from one statement: two would see two states, and lose a
// change or give it the wrong position.
import { count, fields, list, readFeatures, readHistoryEntry, readPosition, readState, text } from './answers.js'
import { digestText } from './digest.js'
import type { Layout } from './layout.js'
import {
  type Digest,
  type Head,
  type HistoryEntry,
  type Position,
  type StoredDelta,
  type StoredState,
  samePosition,
} from './store.js'

/** Which features to read, as SQL over the column that holds a feature's key. */
type Condition = (column: string) => string
const everyKey: Condition = () => 'true'

type OwnTables = NonNullable<Layout['own']>

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
)
select json_build_object(
  'known', (select is_known from known),
  'state', ${stateJson(layout)},
  'via', (
    select coalesce(json_agg(json_build_object('version', version::text, 'nonce', nonce) order by version), '[]')
    from (select distinct version, nonce from passed) step
  ),
  'keys', (select coalesce(json_agg(distinct feature_key), '[]') from passed),
  'features', ${featuresJson(layout, (column) => `${column}::text in (select feature_key from passed)`)}
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

function stateJson({ own }: Layout): string {
  if (own === null) return 'null'
  return `(select json_build_object('version', version::text, 'nonce', nonce, 'database', database_id) from ${own.state})`
}

/** Whether position ($1, $2) is the state's, in the history, or the one before the first change. */
function knownSql(own: OwnTables): string {
  return `(
    exists (select from ${own.history} where version = $1::bigint and nonce = $2::uuid)
    or exists (select from ${own.state} where version = $1::bigint and nonce = $2::uuid)
    or (
      $1::bigint = 0
      and exists (select from ${own.state} where origin = $2::uuid)
      and exists (select from ${own.history} where version = 1)
    )
  )`
}

/** A feature that has gates but no row of its own counts: Flipper asks the gates alone. */
function keysSql({ features, gates }: Layout, condition: Condition): string {
  return `
    select key::text as key from ${features} where ${condition('key')}
    union
    select feature_key::text from ${gates} where ${condition('feature_key')}`
}

function featuresJson(layout: Layout, condition: Condition): string {
  return `(
    select coalesce(json_agg(json_build_array(key, gates) order by key collate "C"), '[]')
    from (
      select
        names.key,
        coalesce(json_agg(json_build_array(gate.key, gate.texts)) filter (where gate.key is not null), '[]') as gates
      from (${keysSql(layout, condition)}) names
      left join (
        select feature_key::text as feature_key, key::text as key, json_agg(coalesce(value::text, '')) as texts
        from ${layout.gates}
        where ${condition('feature_key')}
        group by 1, 2
      ) gate on gate.feature_key = names.key
      group by names.key
    ) feature
  )`
}

/** A position that cannot be one of ours is known to nobody; it must not become an error in a cast. */
function positionValues(mine: Position | null): readonly (string | null)[] {
  const isOurs =
    mine !== null && /^\d{1,18}$/.test(mine.version) && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(mine.nonce)
  return isOurs ? [mine.version, mine.nonce] : [null, null]
}
