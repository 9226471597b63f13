// The way to the tables of projects in the database of a store. The store knows how to reach them and how a change ends; what
// stands in them is lib/project-flags's.
import type { ChangeOrigin } from './change-origin.js'

/** The tables of projects, as a text of SQL names them (`:directory`), by the migration that makes them. */
export const projectTablesOf = {
  '000004-projects': {
    directory: 'project_directory',
    project_flags: 'project_flags',
    user_lists: 'project_user_lists',
    instance_ids: 'project_instance_ids',
    project_history: 'project_history',
    project_state: 'project_state',
    project_positions: 'project_positions',
  },
  '000005-project-reports': {
    clients: 'project_clients',
    counts: 'project_counts',
    report_batches: 'project_report_batches',
  },
} as const

export const projectTables = { ...projectTablesOf['000004-projects'], ...projectTablesOf['000005-project-reports'] }

export type ProjectTable = keyof typeof projectTables
export type SqlValue = string | number | boolean | null | readonly string[]

/** Runs one statement, and gives the parsed JSON that it selects as `answer`; undefined for a statement that selects nothing. */
export type RunSql = (sql: string, values: readonly SqlValue[]) => Promise<unknown>

export interface ProjectSql {
  /** Reads by one statement. Throws StoreUnavailable, `not_migrated` too if a table is missing or may not be read. */
  readonly ask: RunSql
  /**
   * Runs `work` in one transaction and commits it; by the id of the change the outcome of a lost COMMIT is found. Work that
   * loses against other writers runs again from the beginning. Throws what `work` throws, StoreUnavailable and OutcomeUnknown.
   */
  change<T>(origin: ChangeOrigin, work: (run: RunSql) => Promise<T>): Promise<T>
}

/** Puts the names of the tables into a text of SQL: `:directory`, and `:schema` in front of other names. */
export function withProjectTables(sql: string, quotedSchema: string): string {
  return sql.replace(/(?<!:):([a-z_]+)\b/g, (found, key: string) => {
    if (key === 'schema') return quotedSchema
    return isProjectTable(key) ? `${quotedSchema}."${projectTables[key]}"` : found
  })
}

function isProjectTable(key: string): key is ProjectTable {
  return Object.hasOwn(projectTables, key)
}
