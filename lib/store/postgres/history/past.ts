// The statement that reads what was stored at a point in the past: what is stored now, the point, whether the history has all changes since,
// and of each row the operations next to the point, all as of one moment.
import { untrackedSource, type PastPoint, type RowOperation, type RowTrail } from '../../../state/past.js'
import type { Past, PastQuestion } from '../../store.js'
import { pastOf } from '../../history/past.js'
import type { Layout, OwnTables } from '../existing-tables.js'
import { beganSql, completeSinceSql, operationsSql, storedRowsSql } from './ledger-sql.js'
import {
  count,
  fields,
  list,
  readDate,
  readPosition,
  readPositionOrNull,
  readStoredRows,
  text,
  textOrNull,
  unexpected,
} from '../parse-rows.js'
import type { Reading } from '../reads.js'
import { type Condition, newestSql, rowsAnswer, rowsSql } from '../sql-parts.js'

/** `$1`: the feature; null: all of them. `$2`, `$3`: the point. */
export function pastReading(layout: Layout, own: OwnTables, question: PastQuestion): Reading<Past> {
  const { point, feature } = question
  const { history } = own
  const only: Condition = feature === undefined ? () => '$1::text is null' : (column) => `${column}::text = $1::text`
  const { version, moment, values } = pointSql(point, history)
  return {
    sql: `
with now as materialized (
  select version, nonce, origin from ${own.state}
), point as materialized (
  select (${version})::bigint as version, (${moment})::timestamptz as moment
), began as materialized (${beganSql(layout, own)}
), passed as materialized (
  select count(distinct version) as versions from ${history} where version > (select version from point)
), operations as (${operationsSql(own, only)}
), before as materialized (
  select distinct on (feature, own, gate, value) *
  from operations
  where version <= (select version from point)
  order by feature, own, gate, value, version desc, id desc
), after as materialized (
  select distinct on (feature, own, gate, value) *
  from operations
  where version > (select version from point)
  order by feature, own, gate, value, version, id
), stored as materialized (${storedRowsSql(layout, only)}
), trails as (
  select feature, own, gate, value, stored.created_at is not null as is_stored,
    before.operation as left_by, before.version as left_at,
    after.operation as found_by, after.version as found_at, after.source = '${untrackedSource}' as is_untracked
  from before
  full join after using (feature, own, gate, value)
  full join stored using (feature, own, gate, value)
  where after.version is not null
  or (before.version is not null and (before.operation = 'added') <> (stored.created_at is not null))
  or (before.version is null and stored.created_at > ${completeSinceSql(own, 'began')})
)
select json_build_object(
  'now', (select json_build_object('version', version::text, 'nonce', nonce) from now),
  'version', (select version::text from point),
  'moment', (select moment from point),
  'clock', statement_timestamp(),
  'began', (select at from began),
  'first', (select first::text from began),
  'versionsAfter', (select versions from passed),
  'earliest', case when ${isBrokenSql} then ${earliestSql(history)} end,
  'at', (select max(at) from ${history} where version = (select version from point)),
  'newest', ${feature === undefined ? 'null' : newestSql(own, '$1::text', '(select version + 1 from point)')},
  'rows', ${rowsAnswer(rowsSql(layout, only))},
  'unowned', (
    select coalesce(json_agg(distinct feature), '[]')
    from stored gate
    where not own and not exists (select from stored feature where feature.own and feature.feature = gate.feature)
  ),
  'trails', (
    select coalesce(json_agg(json_build_array(
      feature, case when own then null else gate end, case when own then null else value end, is_stored,
      left_by, left_at::text, found_by, found_at::text, is_untracked
    )), '[]')
    from trails
  )
)::text as answer`,
    values: [feature ?? null, ...values],
    read: (answer) => readPast(answer, question),
  }
}

/** Whether the point may be out of reach, so that the caller has to be told from when on the past is known. */
const isBrokenSql = `(
    select versions is distinct from now.version - point.version or point.version < began.first or point.moment < began.at
    from now, point, began, passed
  )`

/** The time of the oldest version since which there is no gap; null where the newest versions are missing. */
function earliestSql(history: string): string {
  return `(
    select case when oldest.version = 1 then coalesce(began.at, max(rows.at)) else max(rows.at) end
    from began, (
      select max(version) filter (where previous is distinct from version - 1) as version, max(version) as newest
      from (select version, lag(version) over (order by version) as previous from (select distinct version from ${history}) kept) steps
    ) oldest
    join ${history} rows on rows.version = oldest.version
    where oldest.newest = (select version from now)
    group by oldest.version, began.at
  )`
}

interface PointSql {
  readonly version: string
  /** Null for a point that is not a time. */
  readonly moment: string
  readonly values: readonly string[]
}

/**
 * Finds the version of a point. A clock may be set back, so the version of a time is the last one before the first that has a later time. Times are
 * shown in milliseconds: what is shown to have been at this time is a part of it.
 */
function pointSql(point: PastPoint, history: string): PointSql {
  const latest = '(select version from now)'
  const at = (moment: string, value: string) => ({
    version: `coalesce((select min(version) - 1 from ${history} where at >= ${moment} + interval '1 millisecond'), ${latest})`,
    moment,
    values: [value],
  })
  switch (point.kind) {
    case 'version':
      return { version: '$2::text', moment: 'null', values: [point.version] }
    case 'revision': {
      const { version, nonce } = point.revision
      // Of a flag that had no history yet.
      const unnamed = `(select coalesce(min(version) - 1, ${latest}) from ${history} where feature_key = $1::text)`
      if (version === '0')
        return { version: `case when $1::text is not null then ${unnamed} end`, moment: 'null', values: [] }
      const named = `(
        select version
        from ${history}
        where version = $2::text::bigint and left(nonce::text, ${nonce.length}) = $3::text and ($1::text is null or feature_key = $1::text)
        limit 1
      )`
      return { version: named, moment: 'null', values: [version, nonce] }
    }
    case 'change': {
      const end = point.side === 'before' ? 'min(version) - 1' : 'max(version)'
      const version = `(select ${end} from ${history} where change_id = $2::text)`
      return { version, moment: 'null', values: [point.changeId] }
    }
    case 'time':
      return at('$2::text::timestamptz', point.at.toISOString())
    case 'ago':
      return at('(statement_timestamp() - $2::text::interval)', `${point.ms} milliseconds`)
  }
}

async function readPast(answer: unknown, { point }: PastQuestion): Promise<Past> {
  const past = fields(answer, 'past')
  const date = (key: string) => (past[key] === null ? null : readDate(past[key]))
  const now = readPosition(past['now'])
  const found = {
    version: textOrNull(past['version'], 'version'),
    now: now.version,
    first: textOrNull(past['first'], 'first version'),
    versionsAfter: count(past['versionsAfter'], 'versions'),
    began: date('began'),
    earliest: date('earliest'),
    moment: date('moment'),
    clock: readDate(past['clock']),
  }
  return pastOf(point, found, {
    now,
    at: date('at'),
    newest: readPositionOrNull(past['newest']),
    stored: {
      features: await readStoredRows(past['rows']),
      unowned: new Set(list(past['unowned'], 'keys').map((key) => text(key, 'feature key'))),
    },
    trails: list(past['trails'], 'trails').map(readTrail),
  })
}

function readTrail(value: unknown): RowTrail {
  const [feature, gate, row, isStored, leftBy, leftAt, foundBy, foundAt, isUntracked] = list(value, 'trail')
  return {
    feature: text(feature, 'feature key'),
    gate: textOrNull(gate, 'gate key'),
    value: textOrNull(row, 'value'),
    isStored: isStored === true,
    before: readOperation(leftBy, leftAt, false),
    after: readOperation(foundBy, foundAt, isUntracked === true),
  }
}

function readOperation(operation: unknown, version: unknown, isUntracked: boolean): RowOperation | null {
  if (operation === null) return null
  if (operation !== 'added' && operation !== 'removed') throw unexpected('operation', operation)
  return { operation, version: text(version, 'version'), isUntracked }
}
