// Statements and changes on the tables of projects, over the pool of the store.
import type { ClientBase, Pool } from 'pg'
import { type ProjectSql, type RunSql, withProjectTables } from '../../project-sql.js'
import type { ChangeOrigin } from '../../change-origin.js'
import { type CommitOptions, commitWork, type Uncommitted } from '../write/commit.js'
import { type Layout, notMigrated } from '../existing-tables.js'
import { fields, text } from '../parse-rows.js'
import { programName } from '../../../text/program-name.js'
import { query } from '../query.js'
import { beginSql, serverLimit } from '../write/begin.js'
import { quoteIdentifier } from '../table-names.js'

export interface ProjectSqlOptions {
  readonly commit: CommitOptions
  /** Does work that needs to know the tables, and turns its errors into those of the store. */
  readonly withLayout: <T>(work: (layout: Layout) => Promise<T>) => Promise<T>
  /** Runs one change of this process at a time. */
  readonly inTurn: <T>(write: () => Promise<T>) => Promise<T>
}

export function postgresProjectSql(options: () => ProjectSqlOptions): ProjectSql {
  return {
    ask: (sql, values) => {
      const { commit, withLayout } = options()
      return withLayout(async (layout) => runner(commit.pool, schemaOf(layout, commit.place), commit)(sql, values))
    },
    change: (origin, work) => {
      const { commit, withLayout, inTurn } = options()
      return inTurn(() => withLayout((layout) => commitProjectChange(commit, layout, origin, work)))
    },
  }
}

function commitProjectChange<T>(
  options: CommitOptions,
  layout: Layout,
  origin: ChangeOrigin,
  work: (run: RunSql) => Promise<T>,
): Promise<T> {
  const { statementMs, lockMs } = options.timeouts
  const schema = schemaOf(layout, options.place)
  return commitWork(options, {
    write: async (client) => {
      await query(client, beginSql(origin, statementMs, lockMs), [], statementMs)
      const value = await work(runner(client, schema, options))
      return { ...(await settle(client, statementMs)), value }
    },
    isStored: async () => {
      const sql = `select json_build_object('found', count(*))::text as answer from (
        select from :project_history where change_id = $1 limit 1
      ) one`
      const found = fields(await runner(options.pool, schema, options)(sql, [origin.id]), 'change')
      return found['found'] === 1
    },
  })
}

/** Fires the deferred triggers, so that a refusal of theirs is known before COMMIT. */
async function settle(client: ClientBase, timeoutMs: number): Promise<Omit<Uncommitted<null>, 'value'>> {
  // No limit for COMMIT: while it waits for a replica, a limit would make it succeed without that replica.
  const { answer } = await query(
    client,
    `set local statement_timeout = ${serverLimit(timeoutMs)};
    set constraints all immediate;
    select json_build_object(
      'transaction', coalesce(pg_current_xact_id_if_assigned()::text, ''),
      'limit', set_config('statement_timeout', '0', true)
    )::text as answer`,
    [],
    timeoutMs,
  )
  const transaction = text(fields(answer, 'transaction')['transaction'], 'transaction')
  return { changed: transaction !== '', transaction: transaction === '' ? null : transaction, isTraceable: true }
}

function runner(asked: Pool | ClientBase, schema: string, { timeouts }: CommitOptions): RunSql {
  return async (sql, values) =>
    (await query(asked, withProjectTables(sql, schema), values, timeouts.statementMs)).answer
}

/** Throws `not_migrated` if the tables are missing, or if this role may not read them. */
export function schemaOf({ names, hasProjects }: Layout, place: string): string {
  if (hasProjects) return quoteIdentifier(names.schema)
  throw notMigrated(
    `the database "${place}" has no tables of projects that this role may use`,
    `run ${programName()} migrate, and ${programName()} migrate --grant-server ROLE for a server with a role of its own`,
  )
}
