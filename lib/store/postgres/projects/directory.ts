// The directory of projects as a replica reads it: each project as rows (key, gate, value), in the very bytes in which flags are
// read (lib/state/content-rows.ts). So digest, copies and messages are those of flags. lib/project-flags/directory.ts reads the rows.
//
// Of a secret only its SHA-256 leaves Postgres: these rows are kept on disk and in Redis.
//
// It has a position and an identity of its own: what processes share of it never meets what they share of flags.
import { hash } from 'node:crypto'
import { type Listening, type Position, samePosition, type StoredFeature } from '../../../state/state.js'
import { withProjectTables } from '../../project-sql.js'
import type { Head, ListenEvents, Since, SinceQuestion, Standing, StoreReader } from '../../store.js'
import { fields, list, readPosition, readStoredRows, text, textOrNull } from '../parse-rows.js'
import { schemaOf } from './project-sql.js'
import type { Place, Reading } from '../reads.js'
import { leadsTo } from '../since.js'
import { bytesOf, digestOfRows, positionValues, rowsAnswer } from '../sql-parts.js'
import { placedFields, readPlaced } from '../standing.js'

export interface DirectoryOptions {
  /** Runs one statement of the given place; its second argument names the database in errors. */
  readonly read: <T>(statement: (place: Place, database: string) => Reading<T>) => Promise<T>
  readonly listen: (events: ListenEvents) => Listening | null
}

/** The reader of the directory. Its methods throw StoreUnavailable, `not_migrated` too. */
export function projectDirectory({ read, listen }: DirectoryOptions): StoreReader {
  return {
    head: (mine) => read((place, database) => headReading(place, database, mine)),
    readAll: ({ digest = false } = {}) => read((place, database) => allReading(place, database, digest)),
    readSince: (from, question = {}) => read((place, database) => sinceReading(place, database, from, question)),
    // Half an hour after a write past the triggers, the comparison finds it.
    inspectTriggers: async () => ({ state: 'sound', faults: [] }),
    listen,
  }
}

/** Whether position ($1, $2) is that of the state, one of the last week, or the one before the first change. */
const known = `coalesce((
  exists (select from :project_positions where version = $1::bigint and nonce = $2::uuid)
  or exists (select from :project_state where version = $1::bigint and nonce = $2::uuid)
  or (
    $1::bigint = 0
    and exists (select from :project_state where origin = $2::uuid)
    and exists (select from :project_positions where version = 1)
  )
), false)`

const position = `'projects', (
  select json_build_object('version', version::text, 'nonce', nonce)
  from :project_state
)`

/** The rows of the projects whose id meets the condition, ordered by their bytes. */
function rows(condition: (id: string) => string): string {
  const nul = `decode('00', 'hex')`
  return `(
    select coalesce(string_agg(bytes, '' order by bytes), '')
    from (
      select ${bytesOf('id::text')} || ${nul} || ${bytesOf('gate')} || ${nul} || ${bytesOf('value')} || ${nul} as bytes
      from (
        select directory.id, field.gate, field.value
        from :directory as directory
        cross join lateral (
          values
            ('access', directory.access),
            ('nonce', directory.nonce::text),
            ('path', directory.path),
            ('revision', directory.revision::text),
            ('streaming', directory.streaming::text)
        ) as field (gate, value)
        where ${condition('directory.id')}
        union all
        select project_id, 'instance_id', json_build_array(
          encode(sha256(${bytesOf('secret')}), 'hex'), id, environment, name
        )::text
        from :instance_ids
        where retired_at is null and ${condition('project_id')}
      ) stored
    ) encoded
  )`
}

const everyProject = () => 'true'

function headReading(place: Place, database: string, mine: Position | null): Reading<Head> {
  return reading(place, database, {
    sql: `select json_build_object(${placedFields(place.layout)}, ${position}, 'known', ${known})::text as answer`,
    values: positionValues(mine),
    read: (answer, standing) => ({ ...standing, known: answer['known'] === true }),
  })
}

function allReading(place: Place, database: string, digest: boolean) {
  const content = '(select bytes from content)'
  return reading(place, database, {
    sql: `
with content as materialized (
  select ${rows(everyProject)} as bytes
)
select json_build_object(
  ${placedFields(place.layout)},
  ${position},
  'rows', ${rowsAnswer(content)},
  'digest', ${digest ? digestOfRows(content) : 'null'}
)::text as answer`,
    values: [],
    read: async (answer, standing) => ({
      ...standing,
      items: await readStoredRows(answer['rows']),
      digest: textOrNull(answer['digest'], 'digest'),
    }),
  })
}

/** `$1` and `$2`: the position to start from. `$3`: the ids whose content is always wanted. Servers are few: nothing is left out. */
function sinceReading(
  place: Place,
  database: string,
  from: Position | null,
  { also = [], digest = false }: SinceQuestion,
): Reading<Since> {
  const ids = also.filter((id) => /^\d{1,18}$/.test(id))
  return reading(place, database, {
    sql: `
with known as (
  select ${known} as is_known
), steps as (
  select distinct version, nonce
  from :project_positions
  where version > $1::bigint and (select is_known from known)
), unbroken as (
  select is_known and coalesce(
    (select version from :project_state) - $1::bigint = (select count(*) from steps), false
  ) as is_unbroken
  from known
), named as (
  select distinct project_id as id
  from :project_positions
  where version > $1::bigint and (select is_unbroken from unbroken)
), wanted as (
  select array(
    select id from named
    union
    select unnest($3::text[])::bigint
  ) as ids
)
select json_build_object(
  ${placedFields(place.layout)},
  ${position},
  'isUnbroken', (select is_unbroken from unbroken),
  'via', (
    select coalesce(json_agg(json_build_object('version', version::text, 'nonce', nonce) order by version), '[]')
    from steps
  ),
  'named', (select coalesce(json_agg(id::text), '[]') from named),
  'rows', ${rowsAnswer(rows((id) => `${id} = any ((select ids from wanted)::bigint[])`))},
  'digest', ${digest ? digestOfRows(rows(everyProject)) : 'null'}
)::text as answer`,
    values: [...positionValues(from), ids],
    read: async (answer, standing) => {
      const stored = new Map((await readStoredRows(answer['rows'])).map((project) => [project.key, project]))
      return {
        ...standing,
        delta: deltaOf(answer, { from, to: standing.position, stored }),
        leftOut: [],
        also: new Map(also.map((key) => [key, stored.get(key) ?? null])),
        digest: textOrNull(answer['digest'], 'digest'),
      }
    },
  })
}

interface Way {
  readonly from: Position | null
  readonly to: Position | null
  readonly stored: ReadonlyMap<string, StoredFeature>
}

/** Null if everything has to be read. */
function deltaOf(answer: Readonly<Record<string, unknown>>, { from, to, stored }: Way): Since['delta'] {
  const via = list(answer['via'], 'positions').map(readPosition)
  if (answer['isUnbroken'] !== true || from === null || to === null || !leadsTo(from, via, to)) return null
  const named = list(answer['named'], 'projects').map((id) => text(id, 'project id'))
  const isSame = via.length === 0 && samePosition(from, to)
  return { position: to, via, changed: new Map(isSame ? [] : named.map((id) => [id, stored.get(id) ?? null])) }
}

interface DirectoryStatement<T> {
  readonly sql: string
  readonly values: Reading<T>['values']
  read(answer: Readonly<Record<string, unknown>>, standing: Standing): T | Promise<T>
}

/** Throws `not_migrated` if the tables are missing, or if this role may not read them. */
function reading<T>(place: Place, database: string, statement: DirectoryStatement<T>): Reading<T> {
  const { layout, namespace } = place
  return {
    sql: withProjectTables(statement.sql, schemaOf(layout, database)),
    values: statement.values,
    read: (given) => {
      const answer = fields(given, 'projects')
      const { identity, inRecovery } = readPlaced(given, layout, namespace)
      const own = identity === null ? null : hash('sha256', `${identity} projects`).slice(0, 32)
      const at = answer['projects'] === null ? null : readPosition(answer['projects'])
      return statement.read(answer, { position: at, identity: own, inRecovery, guard: null })
    },
  }
}
