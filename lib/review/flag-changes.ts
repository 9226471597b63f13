// What a change does to definitions, flag by flag: two sets of definitions, compared. Pure.
import { type Definition, type FileField, fileFields } from '../definition/definition.js'

/** A field of a definition; `edition` is the folder it lies in: under `ee/` or not. */
export type ChangedField = FileField | 'edition'

export type FlagChange =
  | { readonly kind: 'added'; readonly name: string; readonly before: null; readonly after: Definition }
  | { readonly kind: 'removed'; readonly name: string; readonly before: Definition; readonly after: null }
  /** Two names, and otherwise one definition. To the database they are two flags. */
  | { readonly kind: 'renamed'; readonly name: string; readonly before: Definition; readonly after: Definition }
  | {
      readonly kind: 'changed'
      readonly name: string
      readonly before: Definition
      readonly after: Definition
      readonly fields: readonly ChangedField[]
    }
  /** The definition is as it was; code that asks the flag is not. */
  | { readonly kind: 'code'; readonly name: string; readonly before: Definition; readonly after: Definition }

export interface ComparedDefinitions {
  /** Those whose files are not as they were. */
  readonly before: ReadonlyMap<string, Definition>
  /** Flags that were defined by files that could not be read. */
  readonly unreadBefore: ReadonlySet<string>
  /** All that load now. */
  readonly now: ReadonlyMap<string, Definition>
  /** Whether a path is not as it was. */
  readonly isChanged: (path: string) => boolean
  /** Flags whose files are broken now: nothing can be said of them. */
  readonly brokenNow: ReadonlySet<string>
}

/** Every flag whose definition was added, changed, removed or renamed, by name. */
export function changesOfFlags(compared: ComparedDefinitions): readonly FlagChange[] {
  const { before, unreadBefore, now, isChanged, brokenNow } = compared
  const added = [...now.values()].filter(
    ({ name, path }) => isChanged(path) && ![before, unreadBefore, brokenNow].some((known) => known.has(name)),
  )
  const removed = [...before.values()].filter(({ name }) => !now.has(name) && !brokenNow.has(name))
  const pairs = renamedPairs(removed, added)
  const renamed = new Set(pairs.flatMap(([old, fresh]) => [old.name, fresh.name]))
  const changes: FlagChange[] = [
    ...added.filter(({ name }) => !renamed.has(name)).map((after) => ofOne('added', after)),
    ...removed.filter(({ name }) => !renamed.has(name)).map((one) => ofRemoved(one)),
    ...pairs.map(([old, fresh]) => ({ kind: 'renamed', name: fresh.name, before: old, after: fresh }) as const),
    ...[...before.values()].flatMap((one) => changed(one, now.get(one.name))),
  ]
  return changes.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function ofOne(kind: 'added', after: Definition): FlagChange {
  return { kind, name: after.name, before: null, after }
}

function ofRemoved(before: Definition): FlagChange {
  return { kind: 'removed', name: before.name, before, after: null }
}

function changed(before: Definition, after: Definition | undefined): readonly FlagChange[] {
  if (after === undefined) return []
  const fields = changedFields(before, after)
  return fields.length === 0 ? [] : [{ kind: 'changed', name: after.name, before, after, fields }]
}

function changedFields(before: Definition, after: Definition): readonly ChangedField[] {
  const differ = Object.entries(fileFields).filter(([, key]) => !isSame(before[key], after[key]))
  const fields = differ.map(([field]) => field as FileField)
  return before.ee === after.ee ? fields : [...fields, 'edition']
}

/** Lists are compared by their content. */
function isSame(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other)
}

/** Of several candidates none is taken: then they are two flags. */
function renamedPairs(removed: readonly Definition[], added: readonly Definition[]): [Definition, Definition][] {
  return removed.flatMap((old): [Definition, Definition][] => {
    const candidates = added.filter((fresh) => isSameFlag(old, fresh))
    const [fresh] = candidates
    if (fresh === undefined || candidates.length > 1) return []
    return removed.filter((other) => isSameFlag(other, fresh)).length === 1 ? [[old, fresh]] : []
  })
}

/** Whether one was written by renaming the other: the fields that tell flags apart are there, and equal. */
function isSameFlag(one: Definition, other: Definition): boolean {
  const same = (['type', 'group', 'defaultEnabled', 'ee'] as const).every((key) => one[key] === other[key])
  const telling = (['description', 'introducedByUrl', 'featureIssueUrl', 'rolloutIssueUrl'] as const).filter(
    (key) => one[key] !== null || other[key] !== null,
  )
  return same && telling.some((key) => one[key] === other[key])
}
