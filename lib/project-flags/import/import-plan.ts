// What an import does: each flag and each list of the file gets exactly the content that it has there, and all others stay. Pure.
//
// Flags name lists, and a new list has its id only when it is written: so the edits come in two steps of one transaction.
import { isDeepStrictEqual } from 'node:util'
import { quoted } from '../../text/printable.js'
import { type FlagContent, type FlagInput, newFlag } from '../changes/flag-changes.js'
import { changedList, newList } from '../changes/list-changes.js'
import { edited } from '../project-content.js'
import type { ProjectFlag, Strategy } from '../project-flag.js'
import { limits, type ProjectContent } from '../project.js'
import { InvalidProjectFlag, refuseMoreThan } from '../refusal.js'
import type { Edit, Editing } from '../store/store.js'
import type { ImportedFlag, ImportedList, ImportFile, Misfit } from './gitlab-json.js'

/** Names of what an import makes, changes, and finds as it is. */
export interface Outcome {
  readonly made: readonly string[]
  readonly changed: readonly string[]
  readonly same: readonly string[]
}

export interface ImportReport {
  readonly flags: Outcome
  readonly lists: Outcome
  readonly misfits: readonly Misfit[]
  readonly repairs: readonly string[]
}

/** What the file would do to the content, and the file with only what fits. */
export function judgeImport(
  file: ImportFile,
  content: ProjectContent,
): { readonly report: ImportReport; readonly fitting: ImportFile } {
  const misfits = [...file.misfits]
  const lists = fittingOf(file.lists, 'user list', misfits, (list) => listEdit(list, content))
  let last = 0
  const nextId = () => --last
  const at = new Date()
  const withLists = lists.edits.reduce(
    (next, edit) => edited(next, edit, () => ({ id: nextId(), iid: -1, at })),
    content,
  )
  let count = content.flags.length
  const flags = fittingOf(file.flags, 'flag', misfits, (flag) => {
    const edit = flagEdit(flag, withLists, nextId)
    if (edit?.kind === 'add_flag') refuseMoreThan(limits.flags, count++, 'project feature flags')
    return edit
  })
  return {
    report: { flags: flags.outcome, lists: lists.outcome, misfits, repairs: file.repairs },
    fitting: { ...file, flags: flags.items, lists: lists.items, misfits: [] },
  }
}

/** The lists first, then the flags in the content that has them. They throw InvalidProjectFlag. */
export function importEditings({ flags, lists }: ImportFile): readonly [Editing, Editing] {
  return [
    (content) => lists.flatMap((list) => listEdit(list, content) ?? []),
    (content, nextId) => {
      const edits = flags.flatMap((flag) => flagEdit(flag, content, nextId) ?? [])
      const added = edits.filter(({ kind }) => kind === 'add_flag').length
      if (added > 0) refuseMoreThan(limits.flags, content.flags.length + added - 1, 'project feature flags')
      return edits
    },
  ]
}

/** The number of new ids that the import can need. */
export function idsForImport({ flags }: ImportFile): number {
  const strategies = flags.flatMap((flag) => flag.strategies)
  return strategies.reduce((sum, { scopes = [] }) => sum + 1 + scopes.length, 0)
}

interface Fitting<Item> {
  readonly items: readonly Item[]
  readonly edits: readonly Edit[]
  readonly outcome: Outcome
}

/** Judges each item for itself: one that does not fit is told of, and the others go on. */
function fittingOf<Item extends { readonly name: string }>(
  all: readonly Item[],
  kind: string,
  misfits: Misfit[],
  judge: (item: Item) => Edit | null,
): Fitting<Item> {
  const items: Item[] = []
  const edits: Edit[] = []
  const [made, changed, same]: [string[], string[], string[]] = [[], [], []]
  for (const item of all) {
    try {
      const edit = judge(item)
      items.push(item)
      if (edit !== null) edits.push(edit)
      const into = edit === null ? same : edit.kind === 'add_flag' || edit.kind === 'add_list' ? made : changed
      into.push(item.name)
    } catch (error) {
      if (!(error instanceof InvalidProjectFlag)) throw error
      misfits.push({ what: `${kind} ${quoted(item.name)}`, why: error.sentences })
    }
  }
  return { items, edits, outcome: { made, changed, same } }
}

/** Null for a list that is so already. Throws InvalidProjectFlag. */
function listEdit({ name, userXids }: ImportedList, { lists }: ProjectContent): Edit | null {
  const before = lists.find((one) => one.name === name)
  if (before === undefined) return { kind: 'add_list', list: newList({ name, userXids }, lists) }
  const list = changedList(before, { userXids }, lists)
  return before.userXids === list.userXids ? null : { kind: 'change_list', id: before.id, list }
}

/** Null for a flag that is so already. Throws InvalidProjectFlag. */
function flagEdit(flag: ImportedFlag, { flags, lists }: ProjectContent, nextId: () => number): Edit | null {
  const before = flags.find(({ name }) => name === flag.name)
  const made = newFlag(inputFor(flag, lists), {
    lists: new Map(lists.map((list) => [list.id, list])),
    isTaken: () => false,
    nextId,
  })
  if (before === undefined) return { kind: 'add_flag', flag: made }
  const next = { ...made, strategies: withOldIds(made.strategies, before.strategies) }
  return isDeepStrictEqual(contentOf(before), next) ? null : { kind: 'change_flag', id: before.id, flag: next }
}

function inputFor({ name, description, active, strategies }: ImportedFlag, lists: ProjectContent['lists']): FlagInput {
  const idOf = (list: string) => {
    const found = lists.find((one) => one.name === list)
    if (found !== undefined) return found.id
    throw new InvalidProjectFlag([`Its user list ${quoted(list)} does not fit`])
  }
  const given = strategies.map(({ list, ...strategy }) => ({
    ...strategy,
    ...(list === null ? {} : { userListId: idOf(list) }),
  }))
  return { name, description, active, strategies: given }
}

/** A strategy that is there already keeps its ids. */
function withOldIds(made: readonly Strategy[], before: readonly Strategy[]): readonly Strategy[] {
  const left = [...before]
  return made.map((strategy) => {
    const index = left.findIndex((one) => isDeepStrictEqual(withoutIds(one), withoutIds(strategy)))
    return (index < 0 ? undefined : left.splice(index, 1)[0]) ?? strategy
  })
}

function withoutIds({ name, parameters, userListId, scopes }: Strategy): object {
  return { name, parameters, userListId, scopes: scopes.map(({ environmentScope }) => environmentScope) }
}

function contentOf({ name, description, active, strategies }: ProjectFlag): FlagContent {
  return { name, description, active, strategies }
}
