// The statement that reads a page of the history as changes.
//
// The newest changes are found one after the other in an index: a change of a hundred thousand rows costs one step, and so does the next one. Its rows are
// counted when it is first told, and not again (large-changes.ts). A search for a text has no index, so it looks at a limited number of rows and says where it
// has ended.
import { grouped } from '../../grouped.js'
import { type ChangesFound, type ChangesQuestion, mostSearched, type Page, parsePage } from '../../history/changes.js'
import { readDetails } from '../write/change-details.js'
import type { Layout, OwnTables } from '../existing-tables.js'
import { count, fields, list, text, textOrNull } from '../parse-rows.js'
import type { Reading } from '../reads.js'
import { changeFields, featuresOf, fedRowsSql, groupsSql, readChange, readFedRow } from './fed-rows.js'
import { boundConditions, boundsSql, rowConditions, StatementValues } from './filter-sql.js'
import type { LargeChange, LargeChanges } from './large-changes.js'

export function changesReading(
  layout: Layout,
  own: OwnTables,
  question: ChangesQuestion,
  large: LargeChanges,
): Reading<ChangesFound> {
  const values = new StatementValues()
  const { history } = own
  const kept = large.of(question)
  const bounds = boundsSql(question, history, values)
  const found = foundSql(history, question, values)
  const limit = values.add(question.limit)
  const feature = question.feature === undefined ? null : `${values.add(question.feature)}::text`
  const counted = feature === null ? '' : ` and feature_key = ${feature}`
  // Of a flag that was asked for, its rows are told however many flags the change has.
  const told =
    feature === null
      ? `version in (select version from sums where features <= ${values.add(question.features)}::bigint)`
      : `version in (select version from sums)${counted}`
  return {
    sql: `
with recursive ${bounds}, ${found}, passed as materialized (
  select version from found where version is not null limit ${limit}::bigint + 1
), page as materialized (
  select version from passed order by version desc limit ${limit}::bigint
), known as materialized (${keptSql(history, kept, values)}
), sums as materialized (
  select page.version, counts.*
  from page
  cross join lateral (
    select count(*) as amount, count(distinct feature_key collate "C") as features, max(at) as at,
      min(id) filter (where true${counted}) as first,
      count(*) filter (where operation = 'added'${counted}) as added,
      count(*) filter (where operation = 'removed'${counted}) as removed
    from ${history} history
    where history.version = page.version
  ) counts
  where page.version not in (select version from known)
), groups as materialized (${groupsSql(history, told)}
)
select json_build_object(
  'versions', (select coalesce(json_agg(version::text order by version desc), '[]') from passed),
  'ended', ${question.search === undefined ? 'null' : '(select page from searched_until)'},
  'known', (select coalesce(json_agg(version::text), '[]') from known),
  'changes', (
    select coalesce(json_agg(json_build_object(
      ${changeFields('sums.at')}, 'features', features, 'added', added, 'removed', removed,
      'amount', amount, 'first', first::text, 'details', ${detailsSql(layout)}
    )), '[]')
    from sums
    join ${history} history on history.id = sums.first
  ),
  'rows', ${fedRowsSql(history, `${values.add(question.rows)}::bigint`)}
)::text as answer`,
    values: values.all,
    read: (answer) => {
      const read = readFound(fields(answer, 'changes'), question, kept)
      large.keep(question, read.told)
      return read.found
    },
  }
}

/**
 * The versions of the page of which all is known. The oldest row of each must be there still, because rows of the history are deleted oldest first; and it must
 * be of the same change, because a database may have been restored.
 */
function keptSql(history: string, kept: readonly LargeChange[], values: StatementValues): string {
  const list = (each: (one: LargeChange) => string) => `${values.add(kept.map(each))}::text[]`
  const versions = list(({ change }) => change.position.version)
  const nonces = list(({ change }) => change.position.nonce)
  return `
  select version
  from unnest(${versions}, ${nonces}, ${list(({ first }) => first)}) kept (kept_version, kept_nonce, kept_first)
  join ${history} history on id = kept_first::bigint and version = kept_version::bigint and nonce = kept_nonce::uuid
  where version in (select version from page)`
}

/** As a table `found` of versions, newest first; of a search also `searched_until`, the page that goes on where it has ended. */
function foundSql(history: string, question: ChangesQuestion, values: StatementValues): string {
  const { before, search } = question
  const conditions = [...rowConditions(question, values), ...boundConditions(question)]
  const older = before === undefined ? [] : beforeConditions(parsePage(before), values)
  const where = (...more: readonly string[]) => [...conditions, ...more, 'true'].join(' and ')
  const newest = `order by version desc limit 1`
  if (search !== undefined) return searchedSql(`from ${history} where ${where(...older)}`, values.add(search))
  return `found(version) as (
  (select version from ${history} where ${where(...older)} ${newest})
  union all
  select (select version from ${history} where ${where('version < found.version')} ${newest})
  from found
  where found.version is not null
)`
}

function beforeConditions({ version, row }: Page, values: StatementValues): readonly string[] {
  const given = `${values.add(version)}::bigint`
  return [row === null ? `version < ${given}` : `(version, id) < (${given}, ${values.add(row)}::bigint)`]
}

/**
 * Where it ends in the middle of a change of which no row has the text yet, the next page goes on with the rest of that change; one that has it is
 * told, and need not be looked at further.
 */
function searchedSql(rows: string, search: string): string {
  const has = (text: string) => `strpos(lower(${text}), lower(${search}::text)) > 0`
  const columns = ['feature_key', 'author', 'reason', 'value']
  return `looked as materialized (
  select version, id, feature_key, author, reason, value ${rows} order by version desc, id desc limit ${mostSearched}
), found as materialized (
  select distinct version
  from looked
  -- All texts of a row at once, because most rows have it in none: it takes a third of the time.
  where ${has(`concat_ws(' ', ${columns.join(', ')})`)}
  and (${columns.map((column) => has(`coalesce(${column}, '')`)).join(' or ')})
  order by version desc
), searched_until as (
  select version::text || case when version in (select version from found) then '' else '-' || id end as page
  from looked
  where (select count(*) from looked) >= ${mostSearched}
  order by version, id
  limit 1
)`
}

function detailsSql({ changes }: Layout): string {
  return changes === null
    ? 'null'
    : `(select row_to_json(told) from ${changes} told where told.change_id = history.change_id)`
}

function readFound(
  answer: Readonly<Record<string, unknown>>,
  question: ChangesQuestion,
  kept: readonly LargeChange[],
): { readonly found: ChangesFound; readonly told: readonly LargeChange[] } {
  const rows = grouped(list(answer['rows'], 'rows').map(readFedRow), ({ entry }) => entry.position.version)
  const fresh = list(answer['changes'], 'changes').map((value): LargeChange => {
    const one = fields(value, 'change')
    const head = readChange(one)
    const features = count(one['features'], 'features')
    const isTold = question.feature !== undefined || features <= question.features
    const change = {
      ...head,
      features: isTold ? featuresOf(rows.get(head.position.version) ?? []) : null,
      counts: { features, added: count(one['added'], 'rows added'), removed: count(one['removed'], 'rows removed') },
      details: one['details'] === null ? null : readDetails(one['details']),
    }
    return { change, first: text(one['first'], 'first row'), amount: count(one['amount'], 'rows') }
  })
  const known = new Set(list(answer['known'], 'versions'))
  const again = kept.filter(({ change }) => known.has(change.position.version))
  const told = [...again, ...fresh]
  const byVersion = new Map(told.map(({ change }) => [change.position.version, change]))
  const versions = list(answer['versions'], 'versions').map((version) => text(version, 'version'))
  const changes = versions.slice(0, question.limit).flatMap((version) => byVersion.get(version) ?? [])
  const isMore = versions.length > question.limit
  const last = changes.at(-1)?.position.version ?? question.before ?? null
  const next = isMore ? last : textOrNull(answer['ended'] ?? null, 'end of the search')
  return { found: { changes, next }, told }
}
