// The flags of projects: what REST and the command line can do with them. Rules are in changes/ and project.ts, rows in a
// ProjectStore. Every change takes terms (changes/terms.ts): it may be tried without writing, or be bound to a revision.
import { isDeepStrictEqual } from 'node:util'
import { FeatureError } from '../errors.js'
import { boundFlag, boundList, boundProject, changeContent } from './changes/change-content.js'
import { flagNamed, listNumbered } from './project-content.js'
import type { ImportFile } from './import/gitlab-json.js'
import { idsForImport, importEditings } from './import/import-plan.js'
import { around, changedFlag, contentOf, type FlagInput, idsNeeded, newFlag } from './changes/flag-changes.js'
import { assertUnusedLately } from './changes/recent-use.js'
import { assertUnused, changedList, type ListInput, newList } from './changes/list-changes.js'
import type { ProjectFlag, UserList } from './project-flag.js'
import {
  checkInstanceId,
  checkNewProject,
  type HistoryEntry,
  type HistoryOf,
  type InstanceId,
  limits,
  type NewProject,
  newInstanceSecret,
  newProject,
  type Project,
  type ProjectContent,
  type Settings,
} from './project.js'
import { InvalidProjectFlag, MissingList, MissingProject, refuseMoreThan } from './refusal.js'
import { hasTerms } from './search.js'
import type { ProjectStore } from './store/store.js'
import { type ChangedBy, originOf } from './changes/terms.js'

export type { ChangedBy } from './changes/terms.js'

/** A flag together with the content that it is part of: its user lists are there. */
export interface FlagOf {
  readonly flag: ProjectFlag
  readonly content: ProjectContent
}

/** The outcome of a change; for a deleted flag `flag` is as it was. */
export interface ChangedFlag extends FlagOf {
  /** Null for a flag that was made. */
  readonly before: ProjectFlag | null
}

export interface FlagQuery {
  /** Every term between blanks must occur in the name or the description. */
  readonly search?: string | undefined
  readonly active?: boolean | undefined
}

type NewId = Pick<InstanceId, 'name' | 'environment'>
type WithSecret = InstanceId & { readonly secret: string }

export class ProjectFlags {
  readonly #store: ProjectStore

  constructor(store: ProjectStore) {
    this.#store = store
  }

  /** All projects, or those in whose path or name each term occurs. Throws StoreUnavailable. */
  async projects(search = ''): Promise<readonly Project[]> {
    return (await this.#store.projects()).filter(({ path, name }) => hasTerms(search, path, name))
  }

  /** By id, or by path without regard to case. Throws FeatureError (`not_found`), StoreUnavailable. */
  async project(idOrPath: string): Promise<Project> {
    const found = await this.find(idOrPath)
    if (found !== null) return found
    throw new MissingProject(idOrPath)
  }

  /** The same; null if there is none. */
  find(idOrPath: string): Promise<Project | null> {
    const isId = /^[1-9]\d{0,14}$/.test(idOrPath)
    return this.#store.find(isId ? Number(idOrPath) : idOrPath)
  }

  /** Makes a project, with a first instance ID. Throws InvalidProjectFlag, StoreUnavailable, OutcomeUnknown. */
  async createProject(project: NewProject, by: ChangedBy): Promise<Project> {
    checkNewProject(project)
    if (by.dryRun !== true) {
      const first = { name: 'default', environment: null, secret: newInstanceSecret() }
      return this.#store.create(project, first, originOf(by))
    }
    if ((await this.#store.find(project.path)) !== null) throw new InvalidProjectFlag(['Path has already been taken'])
    return newProject(project, -1, new Date())
  }

  /**
   * Makes one more secret for SDKs; its text is `secret`, empty if the change is only tried. Throws InvalidProjectFlag at the limit,
   * FeatureError (`not_found`).
   */
  async addInstanceId(project: number, given: NewId, by: ChangedBy): Promise<WithSecret> {
    checkInstanceId(given)
    if (by.dryRun === true) {
      refuseMoreThan(limits.instanceIds, (await this.instanceIds(project)).length, 'instance IDs of a project')
      return { ...given, id: -1, createdAt: new Date(), lastUsedAt: null, retiredAt: null, secret: '' }
    }
    const secret = newInstanceSecret()
    return { ...(await this.#store.addInstanceId(project, { ...given, secret }, originOf(by))), secret }
  }

  /** The living secrets of a project, for people who set up an SDK. */
  instanceIds(project: number): Promise<readonly WithSecret[]> {
    return this.#store.instanceIds(project)
  }

  /** The living instance ID with that text; null if the project has none. Throws StoreUnavailable: an outage is no wrong ID. */
  findInstanceId(project: number, secret: string): Promise<InstanceId | null> {
    return this.#store.findInstanceId(project, secret)
  }

  /** Ends an instance ID. Throws FeatureError (`not_found`), and `in_use` for one used within a day unless `force`. */
  async retireInstanceId(project: number, id: number, by: ChangedBy, force = false): Promise<void> {
    const found = (await this.#store.instanceIds(project)).find((one) => one.id === id)
    if (!force && found !== undefined) assertUnusedLately(found, `the instance ID "${found.name}"`)
    if (found !== undefined && by.dryRun === true) return
    if (found !== undefined && (await this.#store.retire(project, id, originOf(by)))) return
    const problem = `the project has no living instance ID with the id ${id}`
    throw new FeatureError('not_found', { problem, remedy: 'look for it among the instance IDs of the project' })
  }

  /** Deletes a project with all its flags. Throws as `retireInstanceId`: SDKs that use it lose their flags. */
  async deleteProject(project: Project, by: ChangedBy, force = false): Promise<void> {
    for (const one of force ? [] : await this.#store.instanceIds(project.id)) {
      assertUnusedLately(one, `the project "${project.path}", by its instance ID "${one.name}",`)
    }
    if (by.ifMatch !== undefined) {
      // Changes nothing; refuses if the project is not as the caller read it.
      await changeContent(
        this.#store,
        { project: project.id, by: { ...by, dryRun: true }, bound: boundProject },
        () => [],
      )
    }
    if (by.dryRun === true) return
    if (!(await this.#store.remove(project.id, originOf(by)))) throw new MissingProject(project.path)
  }

  /** Changes the settings that are named. Throws InvalidProjectFlag, `not_found`, `changed_meanwhile`. */
  async changeSettings(project: number, settings: Partial<Settings>, by: ChangedBy): Promise<Project> {
    const content = await changeContent(this.#store, { project, by, bound: boundProject }, ({ project: before }) => {
      const { name, path, access, minimumRole, streaming } = { ...before, ...settings }
      checkNewProject({ name, path })
      const next: Settings = { name, path, access, minimumRole, streaming }
      const isSame = settingKeys.every((key) => before[key] === next[key])
      return isSame ? [] : [{ kind: 'settings', settings: next }]
    })
    return content.project
  }

  /** The newest changes first; only those of a flag if it is named, also under its other names. `offset` leads to older ones. */
  history(
    project: number,
    { flag, ...page }: { readonly flag?: string; readonly limit: number; readonly offset?: number },
  ): Promise<readonly HistoryEntry[]> {
    return this.#store.history(project, { ...page, ...ofFlag(flag) })
  }

  /** How many changes there were. */
  countHistory(project: number, { flag }: { readonly flag?: string } = {}): Promise<number> {
    return this.#store.countHistory(project, ofFlag(flag))
  }

  /** Makes a list of users. Throws InvalidProjectFlag, `not_found`. */
  async createList(project: number, input: ListInput, by: ChangedBy): Promise<UserList> {
    const content = await changeContent(this.#store, { project, by }, ({ lists }) => [
      { kind: 'add_list', list: newList(input, lists) },
    ])
    return listNamed(content, input.name ?? '')
  }

  /** Changes the fields that the input names. Throws as `createList`, and `changed_meanwhile`. */
  async changeList(project: number, iid: number, input: ListInput, by: ChangedBy): Promise<UserList> {
    const content = await changeContent(this.#store, { project, by, bound: boundList(iid) }, (before) => {
      const list = listNumbered(before, iid)
      const next = changedList(list, input, before.lists)
      const isSame = next.name === list.name && next.userXids === list.userXids
      return isSame ? [] : [{ kind: 'change_list', id: list.id, list: next }]
    })
    return listNumbered(content, iid)
  }

  /** Deletes a list. Throws FeatureError (`not_found`, `in_use`, `changed_meanwhile`). */
  async deleteList(project: number, iid: number, by: ChangedBy): Promise<void> {
    await changeContent(this.#store, { project, by, bound: boundList(iid) }, (before) => {
      const list = listNumbered(before, iid)
      assertUnused(list, before.flags)
      return [{ kind: 'delete_list', id: list.id }]
    })
  }

  /** The list with that number in the project. Throws FeatureError (`not_found`). */
  async list(project: number, iid: number): Promise<UserList> {
    return listNumbered(await this.content(project), iid)
  }

  /** Notes that an SDK uses the instance ID now. Throws StoreUnavailable. */
  noteUse(instanceId: number): Promise<void> {
    return this.#store.noteUse(instanceId)
  }

  /** Everything in a project, as of one revision. Throws FeatureError (`not_found`). */
  async content(project: number): Promise<ProjectContent> {
    const content = await this.#store.content(project)
    if (content !== null) return content
    throw new MissingProject(String(project))
  }

  /** One flag by name. Throws FeatureError (`not_found`). */
  async flag(project: number, name: string): Promise<FlagOf> {
    const content = await this.content(project)
    return { flag: flagNamed(content, name), content }
  }

  /** The content of a project with only the flags that are meant. Throws FeatureError (`not_found`). */
  async search(project: number, { search = '', active }: FlagQuery): Promise<ProjectContent> {
    const content = await this.content(project)
    const flags = content.flags.filter(
      (flag) => (active === undefined || flag.active === active) && hasTerms(search, flag.name, flag.description),
    )
    return { ...content, flags }
  }

  /** Makes a flag. Throws InvalidProjectFlag, `not_found`, StoreUnavailable, OutcomeUnknown. */
  async createFlag(project: number, input: FlagInput, by: ChangedBy): Promise<ChangedFlag> {
    await this.#assertLists(input)
    const change = { project, by, ids: idsNeeded(input) }
    const content = await changeContent(this.#store, change, (before, nextId) => {
      refuseMoreThan(limits.flags, before.flags.length, 'project feature flags')
      return [{ kind: 'add_flag', flag: newFlag(input, around(before, nextId)) }]
    })
    return { flag: flagNamed(content, input.name ?? ''), content, before: null }
  }

  /** Changes the fields that the input names; a `name` renames. Without a difference nothing is written. Throws as `createFlag`, and `changed_meanwhile`. */
  async changeFlag(project: number, name: string, input: FlagInput, by: ChangedBy): Promise<ChangedFlag> {
    const was: ProjectFlag[] = []
    const change = { project, by, bound: boundFlag(name), ids: idsNeeded(input) }
    const content = await changeContent(this.#store, change, (before, nextId) => {
      const flag = flagNamed(before, name)
      was.push(flag)
      const next = changedFlag(contentOf(flag), input, around(before, nextId))
      return isDeepStrictEqual(contentOf(flag), next) ? [] : [{ kind: 'change_flag', id: flag.id, flag: next }]
    })
    return { flag: flagNamed(content, input.name ?? name), content, before: was.at(-1) ?? null }
  }

  /** Deletes a flag, and gives it as it was. Throws FeatureError (`not_found`, `changed_meanwhile`), StoreUnavailable, OutcomeUnknown. */
  async deleteFlag(project: number, name: string, by: ChangedBy): Promise<ChangedFlag> {
    const was: FlagOf[] = []
    await changeContent(this.#store, { project, by, bound: boundFlag(name) }, (before) => {
      const flag = flagNamed(before, name)
      was.push({ flag, content: before })
      return [{ kind: 'delete_flag', id: flag.id }]
    })
    const gone = was.at(-1)
    if (gone === undefined) throw new TypeError('a change ended without its editing')
    return { ...gone, before: gone.flag }
  }

  /** A list of another project is against the rules of a new flag; one of no project is not found, as with GitLab. */
  async #assertLists({ strategies = [] }: FlagInput): Promise<void> {
    const ids = strategies.flatMap(({ userListId }) => userListId ?? [])
    const [missing] = ids.length === 0 ? [] : await this.#store.missingLists(ids)
    if (missing !== undefined) throw new MissingList(missing)
  }

  /**
   * Gives each flag and each list of the file exactly the content that it has there, all in one transaction; others stay. Throws
   * InvalidProjectFlag for what does not fit, `not_found`, StoreUnavailable, OutcomeUnknown: then nothing is written.
   */
  importContent(project: number, file: ImportFile, by: ChangedBy): Promise<ProjectContent> {
    return changeContent(this.#store, { project, by, ids: idsForImport(file) }, ...importEditings(file))
  }
}

function ofFlag(flag: string | undefined): HistoryOf {
  return flag === undefined ? {} : { kind: 'flag', subject: flag }
}

const settingKeys = ['name', 'path', 'access', 'minimumRole', 'streaming'] as const

function listNamed({ lists }: ProjectContent, name: string): UserList {
  const list = lists.find((one) => one.name === name)
  if (list !== undefined) return list
  throw new TypeError('a list that was made is not there')
}
