// The statement that reads a page of the history as changes.
//
// The newest changes are found one after the other in an index: a change of a hundred thousand rows costs one step, and so does the next one. A search for a text
// has no index, so it looks at a limited number of rows and says where it has ended.
import { grouped } from '../../grouped.js'
import { type ChangesFound, type ChangesQuestion, mostSearched, type RecordedChange } from '../../history/changes.js'
import { readDetails } from '../write/change-details.js'
import type { Layout, OwnTables } from '../existing-tables.js'
import { count, fields, list, readDate, readPosition, text, textOrNull } from '../parse-rows.js'
import type { Reading } from '../reads.js'
import { featuresOf, fedRowsSql, groupsSql, readFedRow } from './fed-rows.js'
import { boundConditions, boundsSql, rowConditions, StatementValues } from './filter-sql.js'

export function changesReading(layout: Layout, own: OwnTables, question: ChangesQuestion): Reading<ChangesFound> {
  const values = new StatementValues()
  const { history } = own
  const bounds = boundsSql(question, history, values)
  const found = foundSql(history, question, values)
  const limit = values.add(question.limit)
  const ofFeature = question.feature === undefined ? 'true' : `feature_key = ${values.add(question.feature)}::text`
  const told =
    question.feature === undefined
      ? `groups.version in (select version from sums where features <= ${values.add(question.features)}::bigint)`
      : `groups.${ofFeature}`
  return {
    sql: `
with recursive ${bounds}, ${found}, passed as materialized (
  select version from found where version is not null limit ${limit}::bigint + 1
), groups as materialized (${groupsSql(history, `version in (select version from passed order by version desc limit ${limit}::bigint)`)}
), sums as materialized (
  select version, count(distinct feature_key collate "C") as features, min(first) filter (where ${ofFeature}) as first, max(at) as at,
    coalesce(sum(amount) filter (where operation = 'added' and ${ofFeature}), 0)::bigint as added,
    coalesce(sum(amount) filter (where operation = 'removed' and ${ofFeature}), 0)::bigint as removed
  from groups
  group by version
)
select json_build_object(
  'versions', (select coalesce(json_agg(version::text order by version desc), '[]') from passed),
  'ended', ${question.search === undefined ? 'null' : '(select version::text from searched_until)'},
  'changes', (
    select coalesce(json_agg(json_build_object(
      'version', sums.version::text, 'nonce', nonce, 'at', sums.at, 'author', author, 'source', source, 'reason', reason,
      'change', history.change_id, 'features', features, 'added', added, 'removed', removed, 'details', ${detailsSql(layout)}
    ) order by sums.version desc), '[]')
    from sums
    join ${history} history on history.id = sums.first
  ),
  'rows', ${fedRowsSql(history, `${values.add(question.rows)}::bigint`, told)}
)::text as answer`,
    values: values.all,
    read: (answer) => readFound(fields(answer, 'changes'), question),
  }
}

/** As a table `found` of versions, newest first; of a search also `searched_until`, the version before which it goes on. */
function foundSql(history: string, question: ChangesQuestion, values: StatementValues): string {
  const { before, search, changeId } = question
  const conditions = [...rowConditions(question, values), ...boundConditions(question)]
  const older = before === undefined ? [] : [`version < ${values.add(before)}::bigint`]
  const where = (...more: readonly string[]) => [...conditions, ...more, 'true'].join(' and ')
  const newest = `order by version desc limit 1`
  if (search !== undefined) return searchedSql(`from ${history} where ${where(...older)}`, values.add(search))
  // Mostly one version: its rows are read at once, and not one step for each.
  if (changeId !== undefined) {
    return `found as (select distinct version from ${history} where ${where(...older)} order by version desc)`
  }
  return `found(version) as (
  (select version from ${history} where ${where(...older)} ${newest})
  union all
  select (select version from ${history} where ${where('version < found.version')} ${newest})
  from found
  where found.version is not null
)`
}

/** The last version that is looked at may be looked at in part, so it is looked at again, unless it is the only one. */
function searchedSql(rows: string, search: string): string {
  const has = (column: string) => `strpos(lower(coalesce(${column}, '')), lower(${search}::text)) > 0`
  return `looked as materialized (
  select version, feature_key, author, reason, value ${rows} order by version desc limit ${mostSearched}
), ends as materialized (
  select min(version) as oldest, max(version) as newest, count(*) >= ${mostSearched} as is_full from looked
), searched_until as materialized (
  select case when is_full and oldest < newest then oldest + 1 when is_full then oldest end as version from ends
), found as (
  select distinct version
  from looked
  where version >= coalesce((select version from searched_until), 0)
  and (${['feature_key', 'author', 'reason', 'value'].map(has).join(' or ')})
  order by version desc
)`
}

function detailsSql({ changes }: Layout): string {
  return changes === null
    ? 'null'
    : `(select row_to_json(told) from ${changes} told where told.change_id = history.change_id)`
}

function readFound(answer: Readonly<Record<string, unknown>>, question: ChangesQuestion): ChangesFound {
  const rows = grouped(list(answer['rows'], 'rows').map(readFedRow), ({ entry }) => entry.position.version)
  const changes = list(answer['changes'], 'changes').map((value): RecordedChange => {
    const one = fields(value, 'change')
    const position = readPosition(one)
    const features = count(one['features'], 'features')
    const isTold = question.feature !== undefined || features <= question.features
    return {
      position,
      at: readDate(one['at']),
      author: text(one['author'], 'author'),
      source: text(one['source'], 'source'),
      reason: textOrNull(one['reason'], 'reason'),
      changeId: textOrNull(one['change'], 'change id'),
      features: isTold ? featuresOf(rows.get(position.version) ?? []) : null,
      counts: { features, added: count(one['added'], 'rows added'), removed: count(one['removed'], 'rows removed') },
      details: one['details'] === null ? null : readDetails(one['details']),
    }
  })
  const isMore = list(answer['versions'], 'versions').length > question.limit
  const last = changes.at(-1)?.position.version ?? question.before ?? null
  return { changes, next: isMore ? last : textOrNull(answer['ended'] ?? null, 'end of the search') }
}
