// Old counts in Postgres: hours older than two days are added up to days, days older than thirty are deleted, and with them
// clients that were not seen for as long. What belongs to a flag that is gone is not added up.
//
// One server does it: each statement takes a lock of its transaction, and does nothing without it. A statement does some rows at a
// time, so that none takes long and none holds its locks for long.
import type { ProjectSql } from '../../store/project-sql.js'
import { count, fields } from '../../store/postgres/parse-rows.js'
import { dayMs, oldestKept } from './report.js'

/** Any constant will do that no other lock of this package has. */
const compactionLock = '7362846552'
const rowsAtOnce = 10_000

/** Brings all counts up to date; ends early where another server is doing it. Throws StoreUnavailable. */
export async function compactReports(sql: ProjectSql, nowMs: number): Promise<void> {
  const oldest = oldestKept(nowMs)
  const [hour, day] = [new Date(oldest.hourMs).toISOString(), new Date(oldest.dayMs).toISOString()]
  await untilNone(() => sql.ask(addUpSql, [hour, day, rowsAtOnce]))
  await untilNone(() => sql.ask(endDaysSql, [day, rowsAtOnce]))
  await sql.ask(forgetSql, [day, new Date(nowMs - dayMs).toISOString()])
}

async function untilNone(step: () => Promise<unknown>): Promise<void> {
  for (;;) {
    if (count(fields(await step(), 'compaction')['rows'], 'rows') < rowsAtOnce) return
  }
}

const mineSql = `mine as materialized (
  select pg_try_advisory_xact_lock(${compactionLock}) as is_free
)`

/** Rows by their place on disk: one that a report changes in this moment stays for the next time. */
const addUpSql = `with ${mineSql}, old as materialized (
  select ctid
  from :counts
  where step = 'hour' and at < $1 and (select is_free from mine)
  order by at, project_id, flag_id, environment
  limit $3
), hours as (
  delete from :counts as counted
  using old
  where counted.ctid = old.ctid
  returning counted.at, counted.project_id, counted.flag_id, counted.environment, counted.yes, counted.no
), added as (
  insert into :counts as counted (step, at, project_id, flag_id, environment, yes, no)
  select 'day', date_trunc('day', hours.at, 'UTC'), hours.project_id, hours.flag_id, hours.environment,
    sum(hours.yes), sum(hours.no)
  from hours
  join :project_flags as flag on flag.id = hours.flag_id
  where hours.at >= $2
  group by 2, 3, 4, 5
  order by 2, 3, 4, 5
  on conflict (step, at, project_id, flag_id, environment) do update
  set yes = counted.yes + excluded.yes, no = counted.no + excluded.no
)
select json_build_object('rows', (select count(*) from hours))::text as answer`

const endDaysSql = `with ${mineSql}, old as materialized (
  select ctid
  from :counts
  where step = 'day' and at < $1 and (select is_free from mine)
  limit $2
), days as (
  delete from :counts as counted
  using old
  where counted.ctid = old.ctid
  returning 1
)
select json_build_object('rows', (select count(*) from days))::text as answer`

const forgetSql = `with ${mineSql}, clients as (
  delete from :clients as client
  where (select is_free from mine) and (
    client.last_seen < $1 or not exists (select from :directory as directory where directory.id = client.project_id)
  )
), batches as (
  delete from :report_batches where (select is_free from mine) and at < $2
)
select 'null' as answer`
