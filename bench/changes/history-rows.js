// A history of a million rows, and the flags that it leads to.
import pg from 'pg'

/** Rows of the history. */
export const rowCount = 1_000_000
export const flagCount = 5_000
/** One change of this flag wrote `largestChange` rows: a list of actors that was imported. */
export const listedFlag = 'bench_listed'
const largestChange = 90_000
/** One names as many projects on its list as a preview counts; the other one names one of them, and is previewed. */
export const projectsFlag = 'bench_projects'
export const projectFlag = 'bench_project'
export const projectCount = 10_000
/** Of the newest page, one wrote so many rows: it set the share of checks of all flags. */
const recentChange = 2 * flagCount

/**
 * @param {number} index
 * @returns {string}
 */
export function flagName(index) {
  return `bench_flag_${String(index).padStart(4, '0')}`
}

/**
 * What there is to ask for.
 * @typedef {object} MadeHistory
 * @property {number} rows
 * @property {number} changes
 * @property {string} ordinaryChange   an id
 * @property {string} recentChange   of 10,000 rows
 * @property {string} largestChange   of 90,000 rows
 * @property {string} afterLargest   the position of the change after it
 */

/**
 * Writes the rows as the triggers would have, without them and with the indexes made at the end: a million changes one by one would take an hour. Every flag
 * is stored as the history leaves it, because a server compares both.
 * @param {string} databaseUrl
 * @returns {Promise<MadeHistory>}
 */
export async function writeHistory(databaseUrl) {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query('begin')
    await client.query("set local session_replication_role = replica; set local maintenance_work_mem = '256MB'")
    const { rows: indexes } = await client.query(indexesSql)
    for (const { name } of indexes) await client.query(`drop index ${name}`)
    await client.query(rowsSql, [rowCount, flagCount, largestChange, listedFlag])
    for (const { definition } of indexes) await client.query(definition)
    await client.query(storedSql)
    await client.query(projectsSql, [projectsFlag, projectCount, projectFlag])
    await client.query(stateSql)
    await client.query('commit')
    await client.query('vacuum analyze')
    await client.query('checkpoint')
    const { rows } = await client.query(madeSql, [listedFlag, recentChange])
    return rows[0]
  } finally {
    await client.end()
  }
}

/** All but that of the primary key. */
const indexesSql = `
select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
from pg_index
where indrelid = 'feature_history'::regclass and not indisprimary`

/**
 * A flag is changed once in each 5,000 changes: in turn an actor is added or removed (one row), and the share of actors is another one (two rows). The tables of
 * the numbers: which rows a change has. `$1`: rows, `$2`: flags, `$3`: rows of the largest change, `$4`: its flag.
 */
const rowsSql = `
with sizes as (
  select $1::integer as rows, $2::integer as flags, $3::integer as largest
), counts as (
  -- Three rows in two changes, beside the two large ones.
  select flags, largest, (rows - largest - 2 * flags) / 3 * 2 as ordinary from sizes
), numbered as (
  select n, (n::bigint * 7919 % flags)::integer as flag, n / flags as turn, ordinary,
    n + case when n > ordinary / 2 then 1 else 0 end + case when n > ordinary - 20 then 1 else 0 end as version
  from counts, generate_series(1, ordinary) n
), ordinary as (
  select version, 1 as part, flag, 'actors' as gate, 'User:' || (flag * 5 + turn / 2 % 5) as value,
    case when turn / 10 % 2 = 0 then 'added' else 'removed' end as operation
  from numbered
  where turn % 2 = 0
  union all
  select version, part, flag, 'percentage_of_actors', ((turn + 96 + 2 * part) % 100)::text, case when part = 1 then 'removed' else 'added' end
  from numbered, generate_series(1, 2) part
  where turn % 2 = 1
), large as (
  select ordinary / 2 + 1 as version, n as part, null::integer as flag, 'actors' as gate, 'User:' || n as value,
    case when n % 3 = 0 then 'removed' else 'added' end as operation
  from counts, generate_series(1, largest) n
  union all
  select ordinary - 20 + 2, 2 * flag + part, flag, 'percentage_of_time', case when part = 1 then '7' else '8' end,
    case when part = 1 then 'removed' else 'added' end
  from counts, generate_series(0, flags - 1) flag, generate_series(1, 2) part
), all_rows as (
  select * from ordinary
  union all
  select * from large
), newest as (
  select ordinary + 2 as last from counts
)
insert into feature_history (version, nonce, at, feature_key, gate_key, value, operation, author, source, reason, change_id)
select
  version,
  md5(version::text)::uuid,
  date_trunc('second', now()) - (last - version + 1) * interval '45 seconds',
  coalesce('bench_flag_' || lpad(flag::text, 4, '0'), $4),
  gate,
  value,
  operation,
  case when version % 20000 = 7 then 'seldom' else 'author_' || version % 40 end,
  case when version % 50000 = 9 then 'import' else (array['cli', 'http', 'code'])[1 + version % 3] end,
  case when version % 4 = 0 then 'because of ticket ' || version end,
  md5('change ' || version)::uuid::text
from all_rows, newest
order by version, part`

/** The flags are older than the history. */
const storedSql = `
with told as (
  select distinct on (feature_key, gate_key, value) feature_key, gate_key, value, operation
  from feature_history
  order by feature_key, gate_key, value, version desc, id desc
), flags as (
  insert into features (key, created_at, updated_at)
  select distinct feature_key, timestamp '2020-01-01', timestamp '2020-01-01' from told
)
insert into feature_gates (feature_key, key, value, created_at, updated_at)
select feature_key, gate_key, value, timestamp '2020-01-01', timestamp '2020-01-01' from told where operation = 'added'`

/** `$1`: the flag of all projects, `$2`: how many, `$3`: the flag of one. */
const projectsSql = `
with flags as (
  insert into features (key, created_at, updated_at)
  select key, timestamp '2020-01-01', timestamp '2020-01-01' from unnest(array[$1, $3]::text[]) key
)
insert into feature_gates (feature_key, key, value, created_at, updated_at)
select case n when 0 then $3::text else $1::text end, 'actors', 'Project:' || greatest(n, 1), timestamp '2020-01-01', timestamp '2020-01-01'
from generate_series(0, $2::integer) n`

const stateSql = `
update feature_state
set (version, nonce) = (select version, nonce from feature_history order by version desc limit 1)`

/** `$1`: the flag of the largest change, `$2`: how many rows the other large one has. */
const madeSql = `
with sizes as (
  select version, change_id, count(*) as rows from feature_history group by version, change_id having count(*) > 1000
)
select
  (select count(*)::integer from feature_history) as rows,
  (select version::integer from feature_state) as changes,
  (select change_id from feature_history where version = 5001 limit 1) as "ordinaryChange",
  (select change_id from sizes where rows = $2) as "recentChange",
  (select change_id from feature_history where feature_key = $1 limit 1) as "largestChange",
  (select (version + 1)::text from feature_history where feature_key = $1 limit 1) as "afterLargest"`
