// The contract of what keeps projects. Every implementation runs test/contract/project-store.contract.ts.
import type { ChangeOrigin } from '../../store/change-origin.js'
import type { FlagContent } from '../changes/flag-changes.js'
import type { ListContent } from '../changes/list-changes.js'
import type { HistoryEntry, HistoryOf, InstanceId, NewProject, Project, ProjectContent, Settings } from '../project.js'

/** What a change does to the rows of a project; made by pure functions from what is there. */
export type Edit =
  | { readonly kind: 'add_flag'; readonly flag: FlagContent }
  | { readonly kind: 'change_flag'; readonly id: number; readonly flag: FlagContent }
  | { readonly kind: 'delete_flag'; readonly id: number }
  | { readonly kind: 'add_list'; readonly list: ListContent }
  | { readonly kind: 'change_list'; readonly id: number; readonly list: ListContent }
  | { readonly kind: 'delete_list'; readonly id: number }
  | { readonly kind: 'settings'; readonly settings: Settings }

/** Decides the edits of a change, under the project's lock. An empty list writes nothing. Throws the refusal of a change. */
export type Editing = (content: ProjectContent, nextId: () => number) => readonly Edit[]

export interface NewInstanceId {
  readonly name: string
  readonly environment: string | null
  readonly secret: string
}

export interface HistoryQuery extends HistoryOf {
  readonly limit: number
  readonly offset?: number | undefined
}

/** Its methods throw StoreUnavailable, OutcomeUnknown, and `not_migrated` while the tables are missing. */
export interface ProjectStore {
  /** All projects, by id. */
  projects(): Promise<readonly Project[]>
  /** By its id, or by its path without regard to case; null if there is none. */
  find(idOrPath: number | string): Promise<Project | null>
  /** The content of a project; null if there is no such project. */
  content(id: number): Promise<ProjectContent | null>
  /** Those of the ids that no user list of any project has. */
  missingLists(ids: readonly number[]): Promise<readonly number[]>
  /** Makes a project with its first secret. Throws InvalidProjectFlag for a path that is taken. */
  create(project: NewProject, first: NewInstanceId, origin: ChangeOrigin): Promise<Project>
  /**
   * One transaction under the project's lock. `ids` is the number of new ids that the editings can need; each of them sees what those
   * before it have written. Resolves with the content after all. Throws FeatureError (`not_found`) if there is no such project, and what
   * an editing throws: then nothing is written.
   */
  change(id: number, origin: ChangeOrigin, ids: number, ...editings: readonly Editing[]): Promise<ProjectContent>
  /** Adds a secret to a project. Throws FeatureError (`not_found`), InvalidProjectFlag at the limit. */
  addInstanceId(id: number, given: NewInstanceId, origin: ChangeOrigin): Promise<InstanceId>
  /** Deletes a project with everything in it; its history stays. False if there is none. */
  remove(id: number, origin: ChangeOrigin): Promise<boolean>
  /** Ends an instance ID. False if the project has no living one with that id. */
  retire(project: number, id: number, origin: ChangeOrigin): Promise<boolean>
  /** Notes a use of an instance ID; at most once a minute. */
  noteUse(instanceId: number): Promise<void>
  /** The newest first, from `offset` on. */
  history(project: number, query: HistoryQuery): Promise<readonly HistoryEntry[]>
  /** How many entries there are of those. */
  countHistory(project: number, which: HistoryOf): Promise<number>
  /** The living secret of a project with the given text; null if there is none. */
  findInstanceId(id: number, secret: string): Promise<InstanceId | null>
  /** The living secrets of a project, with their texts: for people who set up an SDK. */
  instanceIds(id: number): Promise<readonly (InstanceId & { readonly secret: string })[]>
}
