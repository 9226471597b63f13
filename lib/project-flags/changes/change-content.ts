// One change of a project's content, by its terms: bound to a revision, or only tried.
import { checkAnswerSize } from '../answer-size.js'
import { ChangedMeanwhile, type Stale } from './changed-meanwhile.js'
import { edited, flagNamed, flagRevision, listNumbered } from '../project-content.js'
import type { ProjectContent } from '../project.js'
import { MissingProject } from '../refusal.js'
import type { Edit, Editing, ProjectStore } from '../store/store.js'
import { type ChangedBy, originOf } from './terms.js'

export interface ContentChange {
  readonly project: number
  readonly by: ChangedBy
  /** What `ifMatch` looks at; without it nothing is bound. */
  readonly bound?: (content: ProjectContent) => Stale
  /** The number of new ids that the change can need. */
  readonly ids?: number
}

/** Resolves with the content after the change, or as it would be. Throws what `edit` and the store throw, and ChangedMeanwhile. */
export async function changeContent(
  store: ProjectStore,
  { project, by, bound, ids = 0 }: ContentChange,
  ...edits: readonly Editing[]
): Promise<ProjectContent> {
  const editings = edits.map(
    (edit, index): Editing =>
      (content, nextId) => {
        // Those that follow see what the first one has written.
        const now = by.ifMatch === undefined || index > 0 ? undefined : bound?.(content)
        if (now !== undefined && by.ifMatch?.includes(now.revision) !== true) throw new ChangedMeanwhile(now, null)
        const made = edit(content, nextId)
        if (made.length > 0) checkAnswerSize(content, after(content, made))
        return made
      },
  )
  try {
    if (by.dryRun !== true) return await store.change(project, originOf(by), ids, ...editings)
    const content = await store.content(project)
    if (content === null) throw new MissingProject(String(project))
    return tried(content, editings)
  } catch (error) {
    if (!(error instanceof ChangedMeanwhile)) throw error
    const { kind, subject } = error.stale
    const [last = null] = await store.history(project, { kind, subject, limit: 1 })
    throw new ChangedMeanwhile(error.stale, last)
  }
}

export function boundFlag(name: string): (content: ProjectContent) => Stale {
  return (content) => {
    const flag = flagNamed(content, name)
    const revision = flagRevision(flag, content)
    const list = content.lists.find((one) => one.revision === revision && one.revision > flag.revision)
    if (list === undefined) return { what: `the flag "${name}"`, kind: 'flag', subject: name, revision }
    const what = `the user list "${list.name}" of the flag "${name}"`
    return { what, kind: 'user_list', subject: list.name, revision }
  }
}

export function boundList(iid: number): (content: ProjectContent) => Stale {
  return (content) => {
    const { name, revision } = listNumbered(content, iid)
    return { what: `the user list "${name}"`, kind: 'user_list', subject: name, revision }
  }
}

export function boundProject({ project: { path, revision } }: ProjectContent): Stale {
  return { what: `the project "${path}"`, revision }
}

/** What a change would make; nothing is written. New rows, strategies and scopes have ids below 0. */
function tried(content: ProjectContent, editings: readonly Editing[]): ProjectContent {
  let last = 0
  return editings.reduce(
    (next, edit) =>
      after(
        next,
        edit(next, () => --last),
      ),
    content,
  )
}

function after(content: ProjectContent, edits: readonly Edit[]): ProjectContent {
  const at = new Date()
  let last = -1_000_000
  return edits.reduce((next, edit) => edited(next, edit, () => ({ id: --last, iid: -1, at })), content)
}
