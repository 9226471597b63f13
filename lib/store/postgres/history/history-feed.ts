// The feed of the history in Postgres.
import { grouped } from '../../grouped.js'
import type { FedChange, FeedQuestion, HistoryFed, HistoryFeed, NewestChange } from '../../history/feed.js'
import type { OwnTables } from '../existing-tables.js'
import { count, fields, list, readDate, readPosition, readPositionOrNull, text } from '../parse-rows.js'
import type { Reading } from '../reads.js'
import { changeFields, featuresOf, fedRowsSql, groupsSql, readChange, readFedRow } from './fed-rows.js'
import { knownSql, positionValues } from '../sql-parts.js'
import { leadsTo } from '../since.js'
import type { Position } from '../../../state/state.js'

/** Reads by one statement; null where our own tables are missing. */
type Read = <T>(reading: (own: OwnTables) => Reading<T>) => Promise<T | null>

export function postgresHistoryFeed(read: Read): HistoryFeed {
  return {
    changesSince: async (from, most) => {
      const fed = await read((own) => feedReading(own, from, most))
      return fed ?? { position: null, changes: null, newest: [] }
    },
    positionBefore: (changes) => read((own) => beforeReading(own, changes)),
    newestChanges: async () => (await read(newestReading)) ?? [],
  }
}

/**
 * `$1` and `$2`: the position. `$3`: the most changes, `$4`: the most features of one, `$5`: the most rows of a gate. Rows are read only of
 * changes that are told with their rows, because an import may have written a hundred thousand.
 */
function feedReading(own: OwnTables, from: Position, most: FeedQuestion): Reading<HistoryFed> {
  return {
    sql: `
with known as materialized (
  select coalesce(${knownSql(own)}, false) as is_known
), passed as materialized (
  select version, nonce, min(id) as first, count(distinct feature_key) as features
  from ${own.history}
  where version > $1::bigint and (select is_known from known)
  group by version, nonce
  order by version
  limit $3::bigint + 1
), told as materialized (
  select version from passed where features <= $4::bigint and (select count(*) from passed) <= $3::bigint
), groups as materialized (${groupsSql(own.history, 'version > $1::bigint and version in (select version from told)')}
)
select json_build_object(
  'position', (select json_build_object('version', version::text, 'nonce', nonce) from ${own.state}),
  'isKnown', (select is_known from known),
  'passed', (
    select coalesce(json_agg(json_build_object(${changeFields('history.at')}, 'features', features) order by passed.version), '[]')
    from passed
    join ${own.history} history on history.id = passed.first
  ),
  'rows', ${fedRowsSql(own.history, '$5::bigint')},
  'newest', ${newestSince(own)}
)::text as answer`,
    values: [...positionValues(from), most.changes, most.features, most.rows],
    read: (answer) => readFed(fields(answer, 'feed'), from, most),
  }
}

function newestSince(own: OwnTables): string {
  return `(
    select coalesce(json_agg(json_build_object('feature', feature_key, 'at', at, 'author', author)), '[]')
    from (
      select distinct on (feature_key) feature_key, at, author
      from ${own.history}
      where version > $1::bigint and (select is_known and (select count(*) from passed) <= $3::bigint from known)
      order by feature_key, version desc, id desc
    ) newest
  )`
}

const mostRows = 20_000

/** One change more than asked for: the position is that of the change before them. Of the last one, some rows may be beyond the limit. */
function beforeReading(own: OwnTables, changes: number): Reading<Position | null> {
  return {
    sql: `
select (
  select json_build_object('version', version::text, 'nonce', nonce)
  from (
    select distinct version, nonce
    from (select version, nonce from ${own.history} order by version desc limit ${mostRows}) rows
    order by version desc
    limit $1::bigint + 1
  ) newest
  order by version
  limit 1
)::text as answer`,
    values: [changes],
    read: readPositionOrNull,
  }
}

/** The names are found one after the other in the index: to read all rows for them would take seven times as long. */
function newestReading(own: OwnTables): Reading<readonly NewestChange[]> {
  return {
    sql: `
with recursive named as (
  (select feature_key from ${own.history} order by feature_key limit 1)
  union all
  select (
    select feature_key from ${own.history} history where history.feature_key > named.feature_key order by feature_key limit 1
  )
  from named
  where feature_key is not null
)
select coalesce(json_agg(json_build_object('feature', named.feature_key, 'at', at, 'author', author)), '[]')::text as answer
from named
cross join lateral (
  select at, author
  from ${own.history} history
  where history.feature_key = named.feature_key
  order by version desc, id desc
  limit 1
) newest
where named.feature_key is not null`,
    values: [],
    read: (answer) => list(answer, 'changes').map(readNewest),
  }
}

function readNewest(value: unknown): NewestChange {
  const { feature, at, author } = fields(value, 'change')
  return { feature: text(feature, 'feature key'), at: readDate(at), author: text(author, 'author') }
}

function readFed(answer: Readonly<Record<string, unknown>>, from: Position, most: FeedQuestion): HistoryFed {
  const position = readPositionOrNull(answer['position'])
  const passed = list(answer['passed'], 'changes').map((one) => fields(one, 'change'))
  const via = passed.map(readPosition)
  const isWhole = answer['isKnown'] === true && passed.length <= most.changes
  if (position === null || !isWhole || !leadsTo(from, via, position)) return { position, changes: null, newest: [] }
  const rows = grouped(list(answer['rows'], 'rows').map(readFedRow), ({ entry }) => entry.position.version)
  const changes = passed.map((one): FedChange => {
    const head = readChange(one)
    const isTold = count(one['features'], 'features') <= most.features
    return { ...head, features: isTold ? featuresOf(rows.get(head.position.version) ?? []) : null }
  })
  return { position, changes, newest: list(answer['newest'], 'changes').map(readNewest) }
}
