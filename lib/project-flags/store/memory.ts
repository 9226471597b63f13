// Projects in this process's memory, for tests and for trying things out: the same contract, content that ends with the process.
import { randomUUID } from 'node:crypto'
import type { ChangeOrigin } from '../../store/change-origin.js'
import { edited } from '../project-content.js'
import { changedListRows, flagRow, type HistoryRow, instanceIdRow, listRow, projectRow } from './history-rows.js'
import {
  checkNewProject,
  type HistoryEntry,
  type HistoryOf,
  type InstanceId,
  limits,
  type NewProject,
  newProject,
  type Project,
  type ProjectContent,
} from '../project.js'
import { InvalidProjectFlag, MissingProject, refuseMoreThan } from '../refusal.js'
import type { Edit, Editing, HistoryQuery, NewInstanceId, ProjectStore } from './store.js'

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

  async missingLists(ids: readonly number[]): Promise<readonly number[]> {
    const lists = [...this.#held.values()].flatMap(({ content }) => content.lists)
    return ids.filter((id) => !lists.some((list) => list.id === id))
  }

  async create(given: NewProject, first: NewInstanceId, origin: ChangeOrigin): Promise<Project> {
    checkNewProject(given)
    this.#assertFree(given.path, 0)
    const project = newProject(given, this.#nextId(), this.#now())
    const content = { project, flags: [], lists: [] }
    const held = { content, nextFlagIid: 1, nextListIid: 1, instanceIds: [] }
    this.#held.set(project.id, held)
    this.#tell(project, origin, { kind: 'project', subject: project.path, before: null, after: projectRow(project) })
    this.#addInstanceId(held, first, origin)
    return this.#get(project.id).content.project
  }

  async change(
    id: number,
    origin: ChangeOrigin,
    _ids: number,
    ...editings: readonly Editing[]
  ): Promise<ProjectContent> {
    const held = this.#get(id)
    const next = { ...held, content: { ...held.content, project: this.#moved(held.content.project) } }
    const entries = editings.flatMap((edit) =>
      edit(next.content, () => this.#nextId()).map((one) => this.#apply(next, one)),
    )
    if (entries.length === 0) return held.content
    this.#held.set(id, next)
    for (const one of entries) this.#tell(next.content.project, origin, one)
    return next.content
  }

  async remove(id: number, origin: ChangeOrigin): Promise<boolean> {
    const held = this.#held.get(id)
    if (held === undefined) return false
    this.#held.delete(id)
    const { project } = held.content
    this.#tell(project, origin, { kind: 'project', subject: project.path, before: projectRow(project), after: null })
    return true
  }

  async addInstanceId(id: number, given: NewInstanceId, origin: ChangeOrigin): Promise<InstanceId> {
    const held = this.#get(id)
    refuseMoreThan(limits.instanceIds, living(held).length, 'instance IDs of a project')
    return this.#addInstanceId(held, given, origin)
  }

  async retire(project: number, id: number, origin: ChangeOrigin): Promise<boolean> {
    const held = this.#get(project)
    const found = living(held).find((one) => one.id === id)
    if (found === undefined) return false
    const retired = { ...found, retiredAt: this.#now() }
    held.instanceIds = held.instanceIds.map((one) => (one.id === id ? retired : one))
    const rows = { before: instanceIdRow(found), after: instanceIdRow(retired) }
    this.#move(held, origin, { kind: 'instance_id', subject: found.name, ...rows })
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

  async history(project: number, { limit, offset = 0, ...which }: HistoryQuery): Promise<readonly HistoryEntry[]> {
    return this.#entries(project, which)
      .reverse()
      .slice(offset, offset + limit)
      .map(({ project: _, ...entry }) => entry)
  }

  async countHistory(project: number, which: HistoryOf): Promise<number> {
    return this.#entries(project, which).length
  }

  #entries(project: number, { kind, subject }: HistoryOf) {
    const ofProject = this.#history.filter(
      (one) => one.project === project && (kind === undefined || one.kind === kind),
    )
    if (subject === undefined) return ofProject
    const ids = new Set(ofProject.filter((one) => one.subject === subject).map(idIn))
    return ofProject.filter((one) => ids.has(idIn(one)))
  }

  /** Applies one edit to the content, and gives what the history says of it. */
  #apply(held: Held, edit: Edit): Told {
    const before = held.content
    if (edit.kind === 'settings') this.#assertFree(edit.settings.path, before.project.id)
    const after = edited(before, edit, () => ({ id: this.#nextId(), iid: nextIid(held, edit), at: this.#now() }))
    held.content = after
    return told(edit, before, after)
  }

  #assertFree(path: string, project: number): void {
    const other = this.#byPath(path)
    if (other === undefined || other.content.project.id === project) return
    throw new InvalidProjectFlag(['Path has already been taken'])
  }

  #addInstanceId(held: Held, { name, environment, secret }: NewInstanceId, origin: ChangeOrigin): InstanceId {
    const made = { id: this.#nextId(), name, environment, createdAt: this.#now(), lastUsedAt: null, retiredAt: null }
    held.instanceIds = [...held.instanceIds, { ...made, secret }]
    this.#move(held, origin, { kind: 'instance_id', subject: name, before: null, after: instanceIdRow(made) })
    return made
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

/** The id of the row that an entry tells of: it stays when the row gets another name. */
function idIn({ before, after }: HistoryEntry): unknown {
  return (after ?? before)?.['id']
}

function nextIid(held: Held, { kind }: Edit): number {
  if (kind === 'add_flag') return held.nextFlagIid++
  return kind === 'add_list' ? held.nextListIid++ : 0
}

/** What the history says of an edit. */
function told(edit: Edit, before: ProjectContent, after: ProjectContent): Told {
  switch (edit.kind) {
    case 'add_flag':
    case 'change_flag':
    case 'delete_flag': {
      const [was, is] = [changedItem(before.flags, after.flags), changedItem(after.flags, before.flags)]
      return { kind: 'flag', subject: (is ?? was)?.name ?? '', before: rowOf(was, flagRow), after: rowOf(is, flagRow) }
    }
    case 'add_list':
    case 'change_list':
    case 'delete_list': {
      const [was, is] = [changedItem(before.lists, after.lists), changedItem(after.lists, before.lists)]
      const rows =
        was !== undefined && is !== undefined
          ? changedListRows(was, is)
          : { before: rowOf(was, listRow), after: rowOf(is, listRow) }
      return { kind: 'user_list', subject: (is ?? was)?.name ?? '', ...rows }
    }
    case 'settings':
      return {
        kind: 'settings',
        subject: edit.settings.path,
        before: projectRow(before.project),
        after: projectRow(after.project),
      }
  }
}

/** The one item that is not in the other content, or is another one there. */
function changedItem<Item>(items: readonly Item[], others: readonly Item[]): Item | undefined {
  const same = new Set(others)
  return items.find((item) => !same.has(item))
}

function rowOf<Item>(item: Item | undefined, row: (item: Item) => HistoryRow): HistoryRow | null {
  return item === undefined ? null : row(item)
}
