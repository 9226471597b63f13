// The flags of projects: what REST and the command line can do with them. Rules are in flag-changes.ts and project.ts, rows in a
// ProjectStore.
import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { FeatureError } from '../errors.js'
import { quoted } from '../text/printable.js'
import type { ChangeOrigin } from '../store/change-origin.js'
import { type Around, changedFlag, type FlagContent, type FlagInput, idsNeeded, newFlag } from './flag-changes.js'
import { assertUnused, changedList, type ListInput, newList } from './list-changes.js'
import type { ProjectFlag, UserList } from './project-flag.js'
import {
  checkNewProject,
  type HistoryEntry,
  type InstanceId,
  limits,
  type NewProject,
  newInstanceSecret,
  type Project,
  type ProjectContent,
  type Settings,
} from './project.js'
import { MissingProject, refuseMoreThan } from './refusal.js'
import type { ProjectStore } from './store.js'

/** Who makes a change, from where and why. */
export interface ChangedBy {
  readonly author: string
  readonly source: string
  readonly reason?: string | null
}

/** A flag together with the content that it is part of: its user lists are there. */
export interface FlagOf {
  readonly flag: ProjectFlag
  readonly content: ProjectContent
}

export class ProjectFlags {
  readonly #store: ProjectStore

  constructor(store: ProjectStore) {
    this.#store = store
  }

  /** All projects. Throws StoreUnavailable. */
  projects(): Promise<readonly Project[]> {
    return this.#store.projects()
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
    const made = await this.#store.create(project, originOf(by))
    await this.addInstanceId(made.id, { name: 'default', environment: null }, by)
    return this.project(String(made.id))
  }

  /** Makes one more secret for SDKs; its text is `secret`. Throws InvalidProjectFlag at the limit, FeatureError (`not_found`). */
  async addInstanceId(
    project: number,
    given: Pick<InstanceId, 'name' | 'environment'>,
    by: ChangedBy,
  ): Promise<InstanceId & { readonly secret: string }> {
    const secret = newInstanceSecret()
    return { ...(await this.#store.addInstanceId(project, { ...given, secret }, originOf(by))), secret }
  }

  /** The living secrets of a project, for people who set up an SDK. */
  instanceIds(project: number): Promise<readonly (InstanceId & { readonly secret: string })[]> {
    return this.#store.instanceIds(project)
  }

  /** The living instance ID with that text; null if the project has none. Throws StoreUnavailable: an outage is no wrong ID. */
  findInstanceId(project: number, secret: string): Promise<InstanceId | null> {
    return this.#store.findInstanceId(project, secret)
  }

  /** Ends an instance ID. Throws FeatureError (`not_found`), and `in_use` for one used within a day unless `force`. */
  async retireInstanceId(project: number, id: number, by: ChangedBy, force = false): Promise<void> {
    const found = (await this.#store.instanceIds(project)).find((one) => one.id === id)
    if (found === undefined) {
      const problem = `the project has no living instance ID with the id ${id}`
      throw new FeatureError('not_found', { problem, remedy: 'look for it among the instance IDs of the project' })
    }
    if (!force) assertUnusedLately(found, `the instance ID "${found.name}"`)
    await this.#store.retire(project, id, originOf(by))
  }

  /** Deletes a project with all its flags. Throws as `retireInstanceId`: SDKs that use it lose their flags. */
  async deleteProject(project: Project, by: ChangedBy, force = false): Promise<void> {
    for (const one of force ? [] : await this.#store.instanceIds(project.id)) {
      assertUnusedLately(one, `the project "${project.path}", by its instance ID "${one.name}",`)
    }
    if (!(await this.#store.remove(project.id, originOf(by)))) throw new MissingProject(project.path)
  }

  /** Changes the settings that are named. Throws InvalidProjectFlag, `not_found`. */
  async changeSettings(project: number, settings: Partial<Settings>, by: ChangedBy): Promise<Project> {
    const content = await this.#store.change(project, originOf(by), 0, ({ project: before }) => {
      const { name, path, access, minimumRole, streaming } = { ...before, ...settings }
      checkNewProject({ name, path })
      const next: Settings = { name, path, access, minimumRole, streaming }
      const isSame = settingKeys.every((key) => before[key] === next[key])
      return isSame ? [] : [{ kind: 'settings', settings: next }]
    })
    return content.project
  }

  /** The newest changes first; only those of a flag if it is named. */
  history(
    project: number,
    query: { readonly flag?: string; readonly limit: number },
  ): Promise<readonly HistoryEntry[]> {
    return this.#store.history(project, query)
  }

  /** Makes a list of users. Throws InvalidProjectFlag, `not_found`. */
  async createList(project: number, input: ListInput, by: ChangedBy): Promise<UserList> {
    const content = await this.#store.change(project, originOf(by), 0, ({ lists }) => [
      { kind: 'add_list', list: newList(input, lists) },
    ])
    return listOf(content, (list) => list.name === input.name)
  }

  /** Changes the fields that the input names. Throws as `createList`. */
  async changeList(project: number, iid: number, input: ListInput, by: ChangedBy): Promise<UserList> {
    const content = await this.#store.change(project, originOf(by), 0, (before) => {
      const list = listOf(before, (one) => one.iid === iid)
      const next = changedList(list, input, before.lists)
      const isSame = next.name === list.name && next.userXids === list.userXids
      return isSame ? [] : [{ kind: 'change_list', id: list.id, list: next }]
    })
    return listOf(content, (one) => one.iid === iid)
  }

  /** Deletes a list. Throws FeatureError (`not_found`, `in_use`). */
  async deleteList(project: number, iid: number, by: ChangedBy): Promise<void> {
    await this.#store.change(project, originOf(by), 0, (before) => {
      const list = listOf(before, (one) => one.iid === iid)
      assertUnused(list, before.flags)
      return [{ kind: 'delete_list', id: list.id }]
    })
  }

  /** The list with that number in the project. Throws FeatureError (`not_found`). */
  async list(project: number, iid: number): Promise<UserList> {
    return listOf(await this.content(project), (one) => one.iid === iid)
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

  /** Makes a flag. Throws InvalidProjectFlag, `not_found`, StoreUnavailable, OutcomeUnknown. */
  async createFlag(project: number, input: FlagInput, by: ChangedBy): Promise<FlagOf> {
    const content = await this.#store.change(project, originOf(by), idsNeeded(input), (before, nextId) => {
      refuseMoreThan(limits.flags, before.flags.length, 'project feature flags')
      return [{ kind: 'add_flag', flag: newFlag(input, around(before, nextId)) }]
    })
    return { flag: flagNamed(content, input.name ?? ''), content }
  }

  /** Changes the fields that the input names. Without a difference nothing is written. Throws as `createFlag`. */
  async changeFlag(project: number, name: string, input: FlagInput, by: ChangedBy): Promise<FlagOf> {
    const content = await this.#store.change(project, originOf(by), idsNeeded(input), (before, nextId) => {
      const flag = flagNamed(before, name)
      const next = changedFlag(contentOf(flag), input, around(before, nextId))
      return isDeepStrictEqual(contentOf(flag), next) ? [] : [{ kind: 'change_flag', id: flag.id, flag: next }]
    })
    return { flag: flagNamed(content, input.name ?? name), content }
  }

  /** Deletes a flag, and gives it as it was. Throws FeatureError (`not_found`), StoreUnavailable, OutcomeUnknown. */
  async deleteFlag(project: number, name: string, by: ChangedBy): Promise<FlagOf> {
    let gone: FlagOf | null = null
    await this.#store.change(project, originOf(by), 0, (before) => {
      const flag = flagNamed(before, name)
      gone = { flag, content: before }
      return [{ kind: 'delete_flag', id: flag.id }]
    })
    if (gone === null) throw new TypeError('a change ended without its editing')
    return gone
  }
}

function originOf({ author, source, reason = null }: ChangedBy): ChangeOrigin {
  return { id: randomUUID(), author, source, reason }
}

function around({ flags, lists }: ProjectContent, nextId: () => number): Around {
  return {
    lists: new Map(lists.map((list) => [list.id, list])),
    isTaken: (name) => flags.some((flag) => flag.name === name),
    nextId,
  }
}

function flagNamed({ flags, project }: ProjectContent, name: string): ProjectFlag {
  const flag = flags.find((one) => one.name === name)
  if (flag !== undefined) return flag
  throw new FeatureError('not_found', {
    problem: `the project "${project.path}" has no flag ${quoted(name)}`,
    remedy: `look for it among the flags of the project`,
  })
}

const settingKeys = ['name', 'path', 'access', 'minimumRole', 'streaming'] as const
const dayMs = 86_400_000

/** An SDK that loses its credential may stop asking for good, and answers with its last flags from then on. */
function assertUnusedLately({ lastUsedAt }: InstanceId, what: string): void {
  if (lastUsedAt === null || Date.now() - lastUsedAt.getTime() > dayMs) return
  throw new FeatureError('in_use', {
    problem: `${what} was used at ${lastUsedAt.toISOString()}`,
    remedy: 'give the SDKs another instance ID first, or add force',
  })
}

function listOf({ lists, project }: ProjectContent, isMeant: (list: UserList) => boolean): UserList {
  const list = lists.find(isMeant)
  if (list !== undefined) return list
  throw new FeatureError('not_found', {
    problem: `the project "${project.path}" has no such user list`,
    remedy: 'look for it among the lists of the project',
  })
}

function contentOf({ name, description, active, strategies }: ProjectFlag): FlagContent {
  return { name, description, active, strategies }
}
