// Reports in Postgres. Each write is one statement whose rows are sorted by their key, so that servers that write at once wait
// for each other and cannot lock each other out. Values travel as arrays of text, because an array of text can hold all of them.
import type { ProjectSql } from '../../store/project-sql.js'
import { count, fields, list, readDate, text, textOrNull } from '../../store/postgres/parse-rows.js'
import { compactReports } from './compaction.js'
import { type Client, type ClientRow, type CountRow, type FlagCount, timesOf } from './report.js'
import type { KnownNames, ReportStore } from './store.js'

export function postgresReports(sql: ProjectSql): ReportStore {
  return {
    async known(projects) {
      const rows = await sql.ask(knownSql, [projects.map(String)])
      return new Map(list(rows, 'names').map(readKnown))
    },
    async saveClients(rows) {
      if (rows.length > 0) await sql.ask(saveClientsSql, clientColumns(rows))
    },
    async addCounts({ id, rows }) {
      const answer = fields(await sql.ask(addCountsSql, [id, ...countColumns(rows)]), 'counts')
      return answer['isNew'] === true ? count(answer['stored'], 'stored') : null
    },
    async noteUses(uses) {
      const entries = [...uses]
      await sql.ask(noteUsesSql, [entries.map(([id]) => String(id)), entries.map(([, ms]) => timeText(ms))])
    },
    async clients(project) {
      return list(await sql.ask(clientsSql, [project]), 'clients').map(readClient)
    },
    async counts(project, query) {
      const { flag = null, environment = null, limit } = query
      const asked = query.step === 'hour' ? hoursSql : daysSql
      const times = timesOf(query).map(timeText)
      return list(await sql.ask(asked, [project, times, flag, environment, limit]), 'counts').map(readCount)
    },
    compact: (nowMs) => compactReports(sql, nowMs),
  }
}

const knownSql = `select coalesce(json_agg(json_build_object(
  'project', project_id, 'environments', environments, 'pairs', pairs
)), '[]')::text as answer
from (
  select project_id,
    json_agg(distinct environment) as environments,
    json_agg(distinct jsonb_build_array(app, sdk)) as pairs
  from :clients
  where project_id = any($1::bigint[])
  group by project_id
) known`

/** A greater time stands, and so does a known value where the new one is empty. */
const saveClientsSql = `insert into :clients as known (
  project_id, environment, app, sdk, spec, interval_ms, instances, instances_at, first_seen, last_seen, last_polled
)
select given.project_id, given.environment, given.app, given.sdk, nullif(given.spec, ''),
  nullif(given.interval_ms, '')::integer, given.instances, given.last_seen, given.first_seen, given.last_seen,
  nullif(given.last_polled, '')::timestamptz
from unnest(
  $1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::timestamptz[],
  $9::timestamptz[], $10::text[]
) as given (
  project_id, environment, app, sdk, spec, interval_ms, instances, first_seen, last_seen, last_polled
)
join :directory as directory on directory.id = given.project_id
order by given.project_id, given.environment, given.app, given.sdk
on conflict (project_id, environment, app, sdk) do update
set spec = coalesce(excluded.spec, known.spec),
  interval_ms = coalesce(excluded.interval_ms, known.interval_ms),
  instances = case
    when known.instances_at > excluded.instances_at - interval '4 minutes'
      then greatest(known.instances, excluded.instances)
    else excluded.instances
  end,
  instances_at = case
    when known.instances_at > excluded.instances_at - interval '4 minutes' and known.instances > excluded.instances
      then known.instances_at
    else excluded.instances_at
  end,
  first_seen = least(known.first_seen, excluded.first_seen),
  last_seen = greatest(known.last_seen, excluded.last_seen),
  last_polled = greatest(known.last_polled, excluded.last_polled)`

const addCountsSql = `with batch as (
  insert into :report_batches (id) values ($1::uuid) on conflict do nothing returning id
), stored as (
  insert into :counts as counted (step, at, project_id, flag_id, environment, yes, no)
  select 'hour', given.at, given.project_id, flag.id, given.environment, given.yes, given.no
  from unnest($2::bigint[], $3::timestamptz[], $4::text[], $5::text[], $6::bigint[], $7::bigint[])
    as given (project_id, at, environment, flag, yes, no)
  join :project_flags as flag on flag.project_id = given.project_id and flag.name = given.flag
  where exists (select from batch)
  order by given.at, given.project_id, flag.id, given.environment
  on conflict (step, at, project_id, flag_id, environment) do update
  set yes = counted.yes + excluded.yes, no = counted.no + excluded.no
  returning 1
)
select json_build_object(
  'isNew', exists (select from batch), 'stored', (select count(*) from stored)
)::text as answer`

const noteUsesSql = `with given as (
  select * from unnest($1::bigint[], $2::timestamptz[]) as given (id, at)
), locked as (
  select one.id
  from :instance_ids as one
  join given on given.id = one.id
  where one.last_used_at is null or one.last_used_at < given.at
  order by one.id
  for no key update of one
)
update :instance_ids as one
set last_used_at = given.at
from given
join locked on locked.id = given.id
where one.id = given.id`

const clientsSql = `select coalesce(json_agg(json_build_object(
  'environment', environment, 'app', app, 'sdk', sdk, 'spec', spec, 'interval', interval_ms, 'instances', instances,
  'first_seen', first_seen, 'last_seen', last_seen, 'last_polled', last_polled
) order by environment collate "C", app collate "C", sdk collate "C"), '[]')::text as answer
from :clients
where project_id = $1`

/**
 * $2 are the beginnings of all hours or days that are asked: the index finds each of them, while a range would lead through the
 * counts of all projects.
 */
const countsSql = (steps: string, at: string) => `select coalesce(json_agg(json_build_object(
  'flag', flag, 'environment', environment, 'at', at, 'yes', yes, 'no', no
) order by at desc, flag collate "C", environment collate "C"), '[]')::text as answer
from (
  select ${at} as at, flag.name as flag, counted.environment, sum(counted.yes) as yes, sum(counted.no) as no
  from :counts as counted
  join :project_flags as flag on flag.id = counted.flag_id
  where counted.step in (${steps}) and counted.at = any($2::timestamptz[]) and counted.project_id = $1
  and ($3::text is null or flag.name = $3) and ($4::text is null or counted.environment = $4)
  group by 1, 2, 3
  order by 1 desc, flag.name collate "C", counted.environment collate "C"
  limit $5
) newest`

const hoursSql = countsSql(`'hour'`, 'counted.at')
/** Hours that are not yet old are part of their days. */
const daysSql = countsSql(`'hour', 'day'`, `date_trunc('day', counted.at, 'UTC')`)

function clientColumns(rows: readonly ClientRow[]): readonly (readonly string[])[] {
  return [
    rows.map(({ project }) => String(project)),
    rows.map(({ environment }) => environment),
    rows.map(({ app }) => app),
    rows.map(({ sdk }) => sdk),
    rows.map(({ spec }) => spec ?? ''),
    rows.map(({ intervalMs }) => (intervalMs === null ? '' : String(intervalMs))),
    rows.map(({ instances }) => String(instances)),
    rows.map(({ firstSeenMs }) => timeText(firstSeenMs)),
    rows.map(({ lastSeenMs }) => timeText(lastSeenMs)),
    rows.map(({ lastPolledMs }) => (lastPolledMs === null ? '' : timeText(lastPolledMs))),
  ]
}

function countColumns(rows: readonly CountRow[]): readonly (readonly string[])[] {
  return [
    rows.map(({ project }) => String(project)),
    rows.map(({ hourMs }) => timeText(hourMs)),
    rows.map(({ environment }) => environment),
    rows.map(({ flag }) => flag),
    rows.map(({ yes }) => String(yes)),
    rows.map(({ no }) => String(no)),
  ]
}

function timeText(ms: number): string {
  return new Date(ms).toISOString()
}

function readKnown(value: unknown): readonly [number, KnownNames] {
  const row = fields(value, 'names')
  const pairs = list(row['pairs'], 'pairs').map((pair) => list(pair, 'pair').map((one) => text(one, 'name')))
  return [
    count(row['project'], 'project'),
    {
      environments: list(row['environments'], 'environments').map((one) => text(one, 'environment')),
      pairs: pairs.map((pair) => pair.join('\u0000')),
    },
  ]
}

function readClient(value: unknown): Client {
  const row = fields(value, 'client')
  return {
    environment: text(row['environment'], 'environment'),
    app: text(row['app'], 'app'),
    sdk: text(row['sdk'], 'sdk'),
    spec: textOrNull(row['spec'], 'spec'),
    intervalMs: row['interval'] === null ? null : count(row['interval'], 'interval'),
    instances: count(row['instances'], 'instances'),
    firstSeen: readDate(row['first_seen']),
    lastSeen: readDate(row['last_seen']),
    lastPolled: row['last_polled'] === null ? null : readDate(row['last_polled']),
  }
}

function readCount(value: unknown): FlagCount {
  const row = fields(value, 'count')
  return {
    flag: text(row['flag'], 'flag'),
    environment: text(row['environment'], 'environment'),
    at: readDate(row['at']),
    yes: count(row['yes'], 'yes'),
    no: count(row['no'], 'no'),
  }
}
