// Projects in Postgres. One change is one transaction under the lock of its project; the triggers of the tables keep revision,
// history and position (store/migrations/sql/000004-projects.sql).
import { FeatureError } from '../../errors.js'
import { isRecord } from '../../text/json.js'
import type { ProjectSql, RunSql } from '../../store/project-sql.js'
import type { FlagContent } from '../changes/flag-changes.js'
import { checkNewProject, limits, type NewProject, type Project, type ProjectContent } from '../project.js'
import { InvalidProjectFlag, MissingProject, refuseMoreThan } from '../refusal.js'
import { strategyRows } from './history-rows.js'
import { countHistorySql, historySql } from './history-sql.js'
import { projectJson, readContent, readHistoryEntry, readInstanceId, readProject } from './rows.js'
import type { Edit, Editing, NewInstanceId, ProjectStore } from './store.js'

export function postgresProjects({ ask, change }: ProjectSql): ProjectStore {
  const sql: ProjectSql = { ask, change: (origin, work) => change(origin, work).catch(refuseTaken) }
  return {
    async projects() {
      const rows = await sql.ask(
        `select coalesce(json_agg(${projectJson} order by directory.id), '[]')::text as answer from :directory as directory`,
        [],
      )
      return Array.isArray(rows) ? rows.map(readProject) : []
    },
    async find(idOrPath) {
      if (typeof idOrPath === 'string' && isUnstorable(idOrPath)) return null
      const [column, value] = typeof idOrPath === 'number' ? ['id', idOrPath] : ['lower(path)', idOrPath.toLowerCase()]
      const row = await sql.ask(
        `select ${projectJson}::text as answer from :directory as directory where ${column} = $1`,
        [value],
      )
      return row === undefined ? null : readProject(row)
    },
    async content(id) {
      const row = await sql.ask(contentSql, [id])
      return row === undefined ? null : readContent(row)
    },
    async missingLists(ids) {
      const missing = await sql.ask(
        `select coalesce(json_agg(wanted), '[]')::text as answer
        from unnest($1::bigint[]) as given (wanted)
        where not exists (select from :user_lists as list where list.id = wanted)`,
        [ids.map(String)],
      )
      return Array.isArray(missing) ? missing.filter((id) => typeof id === 'number') : []
    },
    create: (project, first, origin) =>
      sql.change(origin, async (run) => {
        const { id } = await insertProject(run, project)
        await insertInstanceId(run, id, first)
        return (await lock(run, id)).project
      }),
    change: (id, origin, ids, ...editings) => sql.change(origin, (run) => changeProject(run, id, ids, editings)),
    addInstanceId: (id, given, origin) =>
      sql.change(origin, async (run) => {
        await lock(run, id)
        const living = await run(
          'select to_json(count(*))::text as answer from :instance_ids where project_id = $1 and retired_at is null',
          [id],
        )
        refuseMoreThan(limits.instanceIds, Number(living), 'instance IDs of a project')
        return insertInstanceId(run, id, given)
      }),
    remove: (id, origin) =>
      sql.change(origin, async (run) => {
        await run('select from :directory where id = $1 for update', [id])
        return (await run(`delete from :directory where id = $1 returning to_json(id)::text as answer`, [id])) === id
      }),
    retire: (project, id, origin) =>
      sql.change(origin, async (run) => {
        await lock(run, project)
        const retired = await run(
          `update :instance_ids set retired_at = now()
          where project_id = $1 and id = $2 and retired_at is null
          returning to_json(id)::text as answer`,
          [project, id],
        )
        return retired === id
      }),
    async noteUse(instanceId) {
      await sql.ask(
        `update :instance_ids set last_used_at = now()
        where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
        [instanceId],
      )
    },
    async history(project, { kind, subject, limit, offset = 0 }) {
      if (isUnstorable(subject)) return []
      const rows = await sql.ask(historySql, [project, kind ?? null, subject ?? null, limit, offset])
      return Array.isArray(rows) ? rows.map(readHistoryEntry) : []
    },
    async countHistory(project, { kind, subject }) {
      if (isUnstorable(subject)) return 0
      return Number(await sql.ask(countHistorySql, [project, kind ?? null, subject ?? null]))
    },
    async findInstanceId(id, secret) {
      const row = await sql.ask(
        `select ${instanceIdJson}::text as answer from :instance_ids as one
        where project_id = $1 and secret = $2 and retired_at is null`,
        [id, secret],
      )
      if (row === undefined) return null
      const { secret: _, ...instanceId } = readInstanceId(row)
      return instanceId
    },
    async instanceIds(id) {
      const rows = await sql.ask(
        `select coalesce(json_agg(${instanceIdJson} order by one.id), '[]')::text as answer from :instance_ids as one
        where project_id = $1 and retired_at is null`,
        [id],
      )
      return Array.isArray(rows) ? rows.map(readInstanceId) : []
    },
  }
}

/** Postgres has no NUL in a text, and refuses a question with one: nothing has such a name. */
function isUnstorable(text = ''): boolean {
  return text.includes('\u0000')
}

/** Another writer took the name after it was looked for: writers of different projects do not wait for each other. */
function refuseTaken(error: unknown): never {
  const cause = error instanceof FeatureError && error.code === 'store_rejected' ? error.cause : null
  if (!(cause instanceof Error) || !('code' in cause) || cause.code !== '23505') throw error
  const isPath = 'constraint' in cause && cause.constraint === 'project_directory_path'
  throw new InvalidProjectFlag([isPath ? 'Path has already been taken' : 'Name has already been taken'])
}

const contentSql = `select json_build_object(
  'project', ${projectJson},
  'flags', (
    select coalesce(json_agg(json_build_object(
      'id', id, 'iid', iid, 'name', name, 'description', description, 'active', active, 'strategies', strategies,
      'revision', revision, 'created_at', created_at, 'updated_at', updated_at
    ) order by name collate "C"), '[]')
    from :project_flags
    where project_id = directory.id
  ),
  'lists', (
    select coalesce(json_agg(json_build_object(
      'id', id, 'iid', iid, 'name', name, 'user_xids', user_xids, 'revision', revision,
      'created_at', created_at, 'updated_at', updated_at
    ) order by iid), '[]')
    from :user_lists
    where project_id = directory.id
  )
)::text as answer
from :directory as directory
where id = $1`

const instanceIdJson = `json_build_object(
  'id', one.id, 'name', one.name, 'environment', one.environment, 'secret', one.secret,
  'created_at', one.created_at, 'last_used_at', one.last_used_at, 'retired_at', one.retired_at
)`

async function insertProject(run: RunSql, project: NewProject): Promise<Project> {
  checkNewProject(project)
  const row = await run(
    `insert into :directory as directory (path, name)
    values ($1, $2)
    on conflict (lower(path)) do nothing
    returning ${projectJson}::text as answer`,
    [project.path, project.name],
  )
  if (row === undefined) throw new InvalidProjectFlag(['Path has already been taken'])
  return readProject(row)
}

async function changeProject(
  run: RunSql,
  id: number,
  ids: number,
  editings: readonly Editing[],
): Promise<ProjectContent> {
  let content = await lock(run, id)
  const given = await reserveIds(run, ids)
  for (const edit of editings) {
    const edits = edit(content, () => nextOf(given))
    for (const one of edits) await write(run, id, one)
    if (edits.length > 0) content = readContent(await run(contentSql, [id]))
  }
  return content
}

/** Locks the project first and reads afterwards: a statement sees what was committed when it began. */
async function lock(run: RunSql, id: number): Promise<ProjectContent> {
  await run('select from :directory where id = $1 for update', [id])
  const row = await run(contentSql, [id])
  if (row !== undefined) return readContent(row)
  throw new MissingProject(String(id))
}

async function reserveIds(run: RunSql, count: number): Promise<number[]> {
  if (count === 0) return []
  const ids = await run(
    `select json_agg(nextval(':schema.project_strategy_ids'))::text as answer from generate_series(1, $1)`,
    [count],
  )
  return Array.isArray(ids) ? ids.filter((id) => typeof id === 'number') : []
}

function nextOf(ids: number[]): number {
  const id = ids.shift()
  if (id !== undefined) return id
  throw new TypeError('a change took more ids than it had asked for')
}

async function write(run: RunSql, project: number, edit: Edit): Promise<void> {
  switch (edit.kind) {
    case 'add_flag':
      await run('update :directory set next_flag_iid = next_flag_iid + 1 where id = $1', [project])
      await run(
        `insert into :project_flags (project_id, iid, name, description, active, strategies)
        select $1, next_flag_iid - 1, $2, $3, $4, $5::jsonb from :directory where id = $1`,
        [project, ...flagValues(edit.flag)],
      )
      return
    case 'change_flag':
      await run(
        `update :project_flags
        set name = $3, description = $4, active = $5, strategies = $6::jsonb
        where project_id = $1 and id = $2`,
        [project, edit.id, ...flagValues(edit.flag)],
      )
      return
    case 'delete_flag':
      await run('delete from :project_flags where project_id = $1 and id = $2', [project, edit.id])
      return
    case 'add_list':
      await run('update :directory set next_list_iid = next_list_iid + 1 where id = $1', [project])
      await run(
        `insert into :user_lists (project_id, iid, name, user_xids)
        select $1, next_list_iid - 1, $2, $3 from :directory where id = $1`,
        [project, edit.list.name, edit.list.userXids],
      )
      return
    case 'change_list':
      await run('update :user_lists set name = $3, user_xids = $4 where project_id = $1 and id = $2', [
        project,
        edit.id,
        edit.list.name,
        edit.list.userXids,
      ])
      return
    case 'delete_list':
      await run('delete from :user_lists where project_id = $1 and id = $2', [project, edit.id])
      return
    case 'settings': {
      const { name, path, access, minimumRole, streaming } = edit.settings
      const moved = await run(
        `update :directory
        set name = $2, path = $3, access = $4, minimum_role = $5, streaming = $6
        where id = $1 and not exists (select from :directory where lower(path) = lower($3) and id <> $1)
        returning to_json(id)::text as answer`,
        [project, name, path, access, minimumRole, streaming],
      )
      if (moved === undefined) throw new InvalidProjectFlag(['Path has already been taken'])
      return
    }
  }
}

function flagValues({ name, description, active, strategies }: FlagContent) {
  return [name, description, active, JSON.stringify(strategyRows(strategies))] as const
}

async function insertInstanceId(run: RunSql, project: number, { name, environment, secret }: NewInstanceId) {
  const row = await run(
    `insert into :instance_ids as one (project_id, name, environment, secret)
    values ($1, $2, $3, $4)
    returning ${instanceIdJson}::text as answer`,
    [project, name, environment, secret],
  )
  if (!isRecord(row)) throw new TypeError('an insert gave back no row')
  const { secret: _, ...instanceId } = readInstanceId(row)
  return instanceId
}
