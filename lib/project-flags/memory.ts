// Projects in this process's memory, for tests and for trying things out: the same contract, content that ends with the process.
import { randomUUID } from 'node:crypto'
import type { ChangeOrigin } from '../store/change-origin.js'
import type { ProjectFlag, UserList } from './project-flag.js'
import {
  checkNewProject,
  type HistoryEntry,
  type InstanceId,
  limits,
  type NewProject,
  type Project,
  type ProjectContent,
} from './project.js'
import { InvalidProjectFlag, MissingProject, refuseMoreThan } from './refusal.js'
import type { Edit, Editing, NewInstanceId, ProjectStore } from './store.js'

type StoredInstanceId = InstanceId & { readonly secret: string }
type Told = Pick<HistoryEntry, 'kind' | 'subject' | 'before' | 'after'>

interface Held {
  content: ProjectContent
  nextFlagIid: number
  nextListIid: number
  instanceIds: readonly StoredInstanceId[]
}

/** The floor of a revision: seconds since 2026, as in Postgres. */
const since2026 = 1_767_225_600

export class MemoryProjects implements ProjectStore {
  readonly #now: () => Date
  readonly #held = new Map<number, Held>()
  readonly #history: (HistoryEntry & { readonly project: number })[] = []
  #lastId = 0

  constructor(now: () => Date = () => new Date()) {
    this.#now = now
  }

  async projects(): Promise<readonly Project[]> {
    return [...this.#held.values()].map(({ content }) => content.project)
  }

  async find(idOrPath: number | string): Promise<Project | null> {
    const held = typeof idOrPath === 'number' ? this.#held.get(idOrPath) : this.#byPath(idOrPath)
    return held?.content.project ?? null
  }

  async content(id: number): Promise<ProjectContent | null> {
    return this.#held.get(id)?.content ?? null
  }

  async create(given: NewProject, origin: ChangeOrigin): Promise<Project> {
    checkNewProject(given)
    if (this.#byPath(given.path) !== undefined) throw new InvalidProjectFlag(['Path has already been taken'])
    const at = this.#now()
    const project: Project = {
      id: this.#nextId(),
      path: given.path,
      name: given.name,
      access: 'enabled',
      minimumRole: 'developer',
      streaming: false,
      revision: 0,
      nonce: randomUUID(),
      createdAt: at,
      updatedAt: at,
    }
    const content = { project, flags: [], lists: [] }
    this.#held.set(project.id, { content, nextFlagIid: 1, nextListIid: 1, instanceIds: [] })
    this.#tell(project, origin, { kind: 'project', subject: project.path, before: null, after: { path: project.path } })
    return project
  }

  async change(id: number, origin: ChangeOrigin, _ids: number, edit: Editing): Promise<ProjectContent> {
    const held = this.#get(id)
    const edits = edit(held.content, () => this.#nextId())
    if (edits.length === 0) return held.content
    const next = { ...held, content: { ...held.content, project: this.#moved(held.content.project) } }
    const told = edits.map((one) => this.#apply(next, one))
    this.#held.set(id, next)
    for (const one of told) this.#tell(next.content.project, origin, one)
    return next.content
  }

  async remove(id: number, origin: ChangeOrigin): Promise<boolean> {
    const held = this.#held.get(id)
    if (held === undefined) return false
    this.#held.delete(id)
    const { project } = held.content
    this.#tell(project, origin, { kind: 'project', subject: project.path, before: { path: project.path }, after: null })
    return true
  }

  async addInstanceId(id: number, given: NewInstanceId, origin: ChangeOrigin): Promise<InstanceId> {
    const held = this.#get(id)
    refuseMoreThan(limits.instanceIds, living(held).length, 'instance IDs of a project')
    const { name, environment, secret } = given
    const made = { id: this.#nextId(), name, environment, createdAt: this.#now(), lastUsedAt: null, retiredAt: null }
    held.instanceIds = [...held.instanceIds, { ...made, secret }]
    this.#move(held, origin, { kind: 'instance_id', subject: name, before: null, after: { name, environment } })
    return made
  }

  async retire(project: number, id: number, origin: ChangeOrigin): Promise<boolean> {
    const held = this.#get(project)
    const found = living(held).find((one) => one.id === id)
    if (found === undefined) return false
    const { name, environment } = found
    const retired = { ...found, retiredAt: this.#now() }
    held.instanceIds = held.instanceIds.map((one) => (one.id === id ? retired : one))
    const after = { name, environment, retired_at: retired.retiredAt.toISOString() }
    this.#move(held, origin, { kind: 'instance_id', subject: name, before: { name, environment }, after })
    return true
  }

  async noteUse(instanceId: number): Promise<void> {
    for (const held of this.#held.values()) {
      held.instanceIds = held.instanceIds.map((one) =>
        one.id === instanceId ? { ...one, lastUsedAt: this.#now() } : one,
      )
    }
  }

  async findInstanceId(id: number, secret: string): Promise<InstanceId | null> {
    const held = this.#held.get(id)
    const found = held === undefined ? undefined : living(held).find((one) => one.secret === secret)
    if (found === undefined) return null
    const { secret: _, ...instanceId } = found
    return instanceId
  }

  async instanceIds(id: number): Promise<readonly StoredInstanceId[]> {
    const held = this.#held.get(id)
    return held === undefined ? [] : living(held)
  }

  async history(project: number, { flag, limit }: { flag?: string; limit: number }): Promise<readonly HistoryEntry[]> {
    return this.#history
      .filter((one) => one.project === project && (flag === undefined || (one.kind === 'flag' && one.subject === flag)))
      .reverse()
      .slice(0, limit)
      .map(({ project: _, ...entry }) => entry)
  }

  /** Applies one edit to the content, and gives what the history says of it. */
  #apply(held: Held, edit: Edit): Told {
    const { project, flags, lists } = held.content
    const moved = { revision: project.revision, updatedAt: this.#now() }
    switch (edit.kind) {
      case 'add_flag': {
        const flag: ProjectFlag = { ...edit.flag, ...this.#made(held.nextFlagIid++), ...moved }
        held.content = { ...held.content, flags: byName([...flags, flag]) }
        return { kind: 'flag', subject: flag.name, before: null, after: { ...edit.flag } }
      }
      case 'change_flag': {
        const before = flags.find(({ id }) => id === edit.id)
        const next = flags.map((flag) => (flag.id === edit.id ? { ...flag, ...edit.flag, ...moved } : flag))
        held.content = { ...held.content, flags: byName(next) }
        return { kind: 'flag', subject: edit.flag.name, before: rowOf(before), after: { ...edit.flag } }
      }
      case 'delete_flag': {
        const before = flags.find(({ id }) => id === edit.id)
        held.content = { ...held.content, flags: flags.filter(({ id }) => id !== edit.id) }
        return { kind: 'flag', subject: before?.name ?? '', before: rowOf(before), after: null }
      }
      case 'add_list': {
        const list: UserList = { ...edit.list, ...this.#made(held.nextListIid++), ...moved }
        held.content = { ...held.content, lists: [...lists, list] }
        return { kind: 'user_list', subject: list.name, before: null, after: { ...edit.list } }
      }
      case 'change_list': {
        const before = lists.find(({ id }) => id === edit.id)
        const next = lists.map((list) => (list.id === edit.id ? { ...list, ...edit.list, ...moved } : list))
        held.content = { ...held.content, lists: next }
        return { kind: 'user_list', subject: edit.list.name, before: rowOf(before), after: { ...edit.list } }
      }
      case 'delete_list': {
        const before = lists.find(({ id }) => id === edit.id)
        held.content = { ...held.content, lists: lists.filter(({ id }) => id !== edit.id) }
        return { kind: 'user_list', subject: before?.name ?? '', before: rowOf(before), after: null }
      }
      case 'settings': {
        const other = this.#byPath(edit.settings.path)
        if (other !== undefined && other.content.project.id !== project.id) {
          throw new InvalidProjectFlag(['Path has already been taken'])
        }
        held.content = { ...held.content, project: { ...project, ...edit.settings } }
        return { kind: 'settings', subject: edit.settings.path, before: rowOf(project), after: { ...edit.settings } }
      }
    }
  }

  #made(iid: number) {
    return { id: this.#nextId(), iid, createdAt: this.#now() }
  }

  #move(held: Held, origin: ChangeOrigin, told: Told): void {
    held.content = { ...held.content, project: this.#moved(held.content.project) }
    this.#tell(held.content.project, origin, told)
  }

  #moved(project: Project): Project {
    const floor = Math.floor(this.#now().getTime() / 1_000) - since2026
    const revision = Math.max(project.revision + 1, floor)
    return { ...project, revision, nonce: randomUUID(), updatedAt: this.#now() }
  }

  #tell({ id, revision }: Project, { author, source, reason }: ChangeOrigin, told: Told): void {
    this.#history.push({ project: id, revision, at: this.#now(), author, source, reason, ...told })
  }

  #get(id: number): Held {
    const held = this.#held.get(id)
    if (held !== undefined) return held
    throw new MissingProject(String(id))
  }

  #byPath(path: string): Held | undefined {
    const lower = path.toLowerCase()
    return [...this.#held.values()].find(({ content }) => content.project.path.toLowerCase() === lower)
  }

  #nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }
}

function living({ instanceIds }: Held): readonly StoredInstanceId[] {
  return instanceIds.filter(({ retiredAt }) => retiredAt === null)
}

function byName(flags: readonly ProjectFlag[]): readonly ProjectFlag[] {
  return [...flags].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function rowOf(item: object | undefined): Readonly<Record<string, unknown>> | null {
  return item === undefined ? null : { ...item }
}
