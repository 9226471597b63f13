// The contract of what keeps reports. Every implementation runs test/contract/report-store.contract.ts.
import type { Client, ClientRow, CountRow, FlagCount, Step } from './report.js'

/** The names that are stored for a project already. */
export interface KnownNames {
  readonly environments: readonly string[]
  /** As `pairOf` makes them. */
  readonly pairs: readonly string[]
}

/** Counts that were sent once, and may be sent again under the same id if the answer was lost. No two rows are of one key. */
export interface CountBatch {
  readonly id: string
  readonly rows: readonly CountRow[]
}

export interface CountsQuery {
  readonly step: Step
  readonly flag?: string | undefined
  readonly environment?: string | undefined
  readonly limit: number
  readonly nowMs: number
}

/** Its methods throw StoreUnavailable, and `not_migrated` while the tables are missing. */
export interface ReportStore {
  /** By project; projects without any are absent. */
  known(projects: readonly number[]): Promise<ReadonlyMap<number, KnownNames>>
  /** Adds what was seen; the later of two times and the newer of two values stand. Rows of projects that are gone are left out. */
  saveClients(rows: readonly ClientRow[]): Promise<void>
  /**
   * Adds counts to those of their hours. Gives the number of rows that were stored: those of flags that the project has. A batch
   * that is stored already adds nothing, and gives null.
   */
  addCounts(batch: CountBatch): Promise<number | null>
  /** Notes when instance IDs were used; an earlier time changes nothing. */
  noteUses(uses: ReadonlyMap<number, number>): Promise<void>
  /** The clients of a project, by environment, application and SDK. */
  clients(project: number): Promise<readonly Client[]>
  /** The newest first, then by flag and environment. */
  counts(project: number, query: CountsQuery): Promise<readonly FlagCount[]>
  /**
   * Adds hours older than two days up to days, and deletes days and clients older than thirty, and what deleted projects left.
   * Does nothing while another server does it.
   */
  compact(nowMs: number): Promise<void>
}
