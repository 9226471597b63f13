// Flags and user lists as GitLab's API answers them, read from a file: arrays of answers, one page after the other, single answers, or an
// export of this package. What is not as GitLab answers it is a fault of its entry, and the others are read all the same.
import { isRecord } from '../../text/json.js'
import { quoted } from '../../text/printable.js'
import type { StrategyInput } from '../changes/flag-changes.js'
import { repairedParameters } from './repaired-parameters.js'

export interface ImportedStrategy extends Pick<StrategyInput, 'name' | 'parameters' | 'scopes'> {
  /** The name of its user list: ids of another project mean nothing here. */
  readonly list: string | null
}

export interface ImportedFlag {
  readonly name: string
  readonly description: string | null
  readonly active: boolean
  readonly strategies: readonly ImportedStrategy[]
}

export interface ImportedList {
  readonly name: string
  readonly userXids: string
}

/** One entry of the file that cannot be stored, and why. */
export interface Misfit {
  /** Such as `flag "new_layout"`. */
  readonly what: string
  readonly why: readonly string[]
}

export interface ImportFile {
  readonly flags: readonly ImportedFlag[]
  readonly lists: readonly ImportedList[]
  readonly misfits: readonly Misfit[]
  /** What was stored in another form than that of today, in sentences: it means the same. */
  readonly repairs: readonly string[]
}

/** What one entry says, or why it says nothing. */
interface Read {
  readonly flags: ImportedFlag[]
  readonly lists: ImportedList[]
  /** Lists as strategies show them; a list of its own in the file goes before. */
  readonly mentioned: ImportedList[]
  readonly misfits: Misfit[]
  readonly repairs: string[]
}

/** Reads the documents of a file, or of several. Never throws: what cannot be read is a misfit. */
export function readGitLabJson(documents: readonly unknown[]): ImportFile {
  const read: Read = { flags: [], lists: [], mentioned: [], misfits: [], repairs: [] }
  for (const document of documents) readDocument(document, read)
  const { misfits, repairs } = read
  const lists = unique(read.lists, 'user list', misfits)
  const named = new Set(lists.map(({ name }) => name))
  const mentioned = unique(
    read.mentioned.filter(({ name }) => !named.has(name)),
    'user list',
    misfits,
  )
  return { flags: unique(read.flags, 'flag', misfits), lists: [...lists, ...mentioned], misfits, repairs }
}

function readDocument(document: unknown, read: Read): void {
  if (Array.isArray(document)) {
    for (const entry of document) readDocument(entry, read)
    return
  }
  if (!isRecord(document)) {
    read.misfits.push({ what: `the entry ${quoted(document)}`, why: ['it is neither a flag nor a user list'] })
    return
  }
  const { feature_flags: flags, feature_flags_user_lists: lists } = document
  if (Array.isArray(flags) || Array.isArray(lists)) {
    readDocument([flags ?? [], lists ?? []].flat(), read)
  } else if ('user_xids' in document) readList(document, read.lists, read)
  else if ('strategies' in document || 'version' in document) readFlag(document, read)
  else read.misfits.push(unknownEntry(document))
}

/** An answer of GitLab that is an error is the usual case: the token was wrong, or the project. */
function unknownEntry(entry: Readonly<Record<string, unknown>>): Misfit {
  const said = entry['message'] ?? entry['error']
  if (typeof said === 'string') return { what: 'an answer of GitLab', why: [`it is the error ${quoted(said)}`] }
  const what = typeof entry['name'] === 'string' ? `the entry ${quoted(entry['name'])}` : 'an entry without a name'
  return { what, why: ['it is neither a flag (strategies) nor a user list (user_xids)'] }
}

function readList(entry: Readonly<Record<string, unknown>>, into: ImportedList[], read: Read): string | null {
  const { name, user_xids: userXids } = entry
  if (typeof name !== 'string' || typeof userXids !== 'string') {
    read.misfits.push({ what: `the user list ${quoted(name)}`, why: ['its name and its user_xids must be texts'] })
    return null
  }
  const repaired = repairedParameters({ userIds: userXids })
  for (const repair of repaired.repairs) read.repairs.push(`user list ${quoted(name)}: ${repair}`)
  into.push({ name, userXids: String(repaired.parameters['userIds']) })
  return name
}

function readFlag(entry: Readonly<Record<string, unknown>>, read: Read): void {
  const { name, description = null, active = true, version, strategies = [] } = entry
  const what = `flag ${quoted(name)}`
  const why: string[] = []
  if (typeof name !== 'string') why.push('its name is no text')
  if (description !== null && typeof description !== 'string') why.push('its description is no text')
  if (typeof active !== 'boolean') why.push('active is neither true nor false')
  if (version !== undefined && version !== null && version !== 'new_version_flag') {
    why.push(`its version is ${quoted(version)}: make it anew in GitLab, as a flag with strategies`)
  }
  if (!Array.isArray(strategies)) why.push('its strategies are no list')
  if (why.length > 0 || typeof name !== 'string' || !Array.isArray(strategies)) {
    read.misfits.push({ what, why })
    return
  }
  const given = strategies.map((strategy) => readStrategy(strategy, what, read))
  const made = given.flatMap((one) => (typeof one === 'string' ? [] : [one]))
  const wrong = given.flatMap((one) => (typeof one === 'string' ? [one] : []))
  if (wrong.length > 0) read.misfits.push({ what, why: wrong })
  else {
    const text = typeof description === 'string' ? description : null
    read.flags.push({ name, description: text, active: active === true, strategies: made })
  }
}

/** The strategy, or why it cannot be one. */
function readStrategy(entry: unknown, flag: string, read: Read): ImportedStrategy | string {
  if (!isRecord(entry)) return 'a strategy is no object'
  const { name, parameters = {}, scopes = [], user_list: list = null } = entry
  if (typeof name !== 'string') return 'a strategy has no name'
  if (!Array.isArray(scopes)) return `the scopes of ${quoted(name)} are no list`
  const environments = scopes.map((scope) => (isRecord(scope) ? scope['environment_scope'] : undefined))
  if (!environments.every((scope) => typeof scope === 'string'))
    return `a scope of ${quoted(name)} has no environment_scope`
  if (list !== null && !isRecord(list)) return `the user_list of ${quoted(name)} is no object`
  if (name === 'gitlabUserList' && list === null) return 'a strategy gitlabUserList has no user_list'
  const listName = list === null ? null : readList(list, read.mentioned, read)
  if (list !== null && listName === null) return `the user_list of ${quoted(name)} cannot be read`
  const repaired = isRecord(parameters) ? repairedParameters(parameters) : { parameters, repairs: [] }
  for (const repair of repaired.repairs) read.repairs.push(`${flag}: ${repair}`)
  return {
    name,
    parameters: repaired.parameters,
    scopes: environments.map((environmentScope) => ({ environmentScope })),
    list: listName,
  }
}

/** Each name once. Pages overlap where the list was changed between two of them; two that differ do not fit. */
function unique<Item extends { readonly name: string }>(
  items: readonly Item[],
  kind: string,
  misfits: Misfit[],
): Item[] {
  const byName = new Map<string, Item>()
  for (const item of items) {
    const other = byName.get(item.name)
    if (other === undefined) byName.set(item.name, item)
    else if (JSON.stringify(other) !== JSON.stringify(item)) {
      misfits.push({ what: `${kind} ${quoted(item.name)}`, why: ['it is there twice, and not the same'] })
    }
  }
  return [...byName.values()]
}
