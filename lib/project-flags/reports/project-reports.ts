// What people may know of the SDKs of a project: its clients, counts and warnings.
import type { ProjectFlags } from '../project-flags.js'
import { clientWarnings } from './client-warnings.js'
import { contentWarnings } from './content-warnings.js'
import type { Client, FlagCount } from './report.js'
import type { CountsQuery, ReportStore } from './store.js'
import type { Warning } from './warning.js'

export class ProjectReports {
  /** Where reports are written. */
  readonly store: ReportStore
  readonly #projects: ProjectFlags

  constructor(store: ReportStore, projects: ProjectFlags) {
    this.store = store
    this.#projects = projects
  }

  /** The clients of a project, by environment, application and SDK. Throws StoreUnavailable, as all of these. */
  clients(project: number): Promise<readonly Client[]> {
    return this.store.clients(project)
  }

  /** How often flags were on and off, the newest hour or day first. */
  counts(project: number, query: CountsQuery): Promise<readonly FlagCount[]> {
    return this.store.counts(project, query)
  }

  /** What is probably not meant, first in what clients say and then in the flags. Throws FeatureError (`not_found`) too. */
  async warnings(project: number, nowMs: number): Promise<readonly Warning[]> {
    const [content, clients] = await Promise.all([this.#projects.content(project), this.clients(project)])
    return [...clientWarnings(content, clients, nowMs), ...contentWarnings(content)]
  }
}
