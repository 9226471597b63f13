// The content of a project in memory: what is found in it, and what it is after a change. Pure.
import { FeatureError } from '../errors.js'
import { quoted } from '../text/printable.js'
import type { ProjectFlag, UserList } from './project-flag.js'
import type { ProjectContent } from './project.js'
import type { Edit } from './store/store.js'

/** The flag with that name. Throws FeatureError (`not_found`). */
export function flagNamed({ flags, project }: ProjectContent, name: string): ProjectFlag {
  const flag = flags.find((one) => one.name === name)
  if (flag !== undefined) return flag
  throw new FeatureError('not_found', {
    problem: `the project "${project.path}" has no flag ${quoted(name)}`,
    remedy: `look for it among the flags of the project`,
  })
}

/** The list with that number in the project. Throws FeatureError (`not_found`). */
export function listNumbered({ lists, project }: ProjectContent, iid: number): UserList {
  const list = lists.find((one) => one.iid === iid)
  if (list !== undefined) return list
  throw new FeatureError('not_found', {
    problem: `the project "${project.path}" has no such user list`,
    remedy: 'look for it among the lists of the project',
  })
}

/** The revision of what is shown of a flag: its own, or that of a list that it names, if that was changed later. */
export function flagRevision({ revision, strategies }: ProjectFlag, { lists }: Pick<ProjectContent, 'lists'>): number {
  const named = new Set(strategies.map(({ userListId }) => userListId))
  return Math.max(revision, ...lists.filter(({ id }) => named.has(id)).map((list) => list.revision))
}

/** What a new row gets besides its content. */
export interface Made {
  readonly id: number
  readonly iid: number
  readonly at: Date
}

/** The content after one edit; `made` gives what a new row needs. The project itself keeps its revision. */
export function edited(content: ProjectContent, edit: Edit, made: () => Made): ProjectContent {
  const { project, flags, lists } = content
  switch (edit.kind) {
    case 'add_flag':
      return { ...content, flags: byName([...flags, added(edit.flag, made(), content)]) }
    case 'change_flag':
      return { ...content, flags: byName(replaced(flags, edit.id, edit.flag, content, made)) }
    case 'delete_flag':
      return { ...content, flags: flags.filter(({ id }) => id !== edit.id) }
    case 'add_list':
      return { ...content, lists: [...lists, added(edit.list, made(), content)] }
    case 'change_list':
      return { ...content, lists: replaced(lists, edit.id, edit.list, content, made) }
    case 'delete_list':
      return { ...content, lists: lists.filter(({ id }) => id !== edit.id) }
    case 'settings':
      return { ...content, project: { ...project, ...edit.settings } }
  }
}

function added<Item extends object>(item: Item, { id, iid, at }: Made, { project: { revision } }: ProjectContent) {
  return { ...item, id, iid, revision, createdAt: at, updatedAt: at }
}

function replaced<Item extends { readonly id: number }>(
  items: readonly Item[],
  id: number,
  next: Partial<Item>,
  { project: { revision } }: ProjectContent,
  made: () => Made,
): readonly Item[] {
  return items.map((item) => (item.id === id ? { ...item, ...next, revision, updatedAt: made().at } : item))
}

/** As Postgres orders them, by the bytes of the name. */
function byName(flags: readonly ProjectFlag[]): readonly ProjectFlag[] {
  return [...flags].sort((a, b) => (a.name < b.name ? -1 : 1))
}
