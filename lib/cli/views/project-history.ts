// The history of a project in words: each entry has the rows before and after a change, as the tables hold them.
import { isDeepStrictEqual } from 'node:util'
import type { Strategy, UserList } from '../../project-flags/project-flag.js'
import type { HistoryEntry } from '../../project-flags/project.js'
import { readStrategies } from '../../project-flags/store/rows.js'
import { splitIds } from '../../project-flags/user-ids.js'
import { namedFew } from '../../definition/named-few.js'
import { quoted } from '../../text/printable.js'
import { moment } from '../terminal/output.js'
import { counted } from '../../text/counted.js'
import { describeScopes, describeWhom } from './project-flag.js'

type Row = Readonly<Record<string, unknown>>

/** A line that names more ids than this is hard to read. */
const mostNamed = 5

/** One row a change: time, what it was about where all is shown, author, source, change, reason. */
export function historyRows(
  entries: readonly HistoryEntry[],
  lists: readonly UserList[],
  named: boolean,
): readonly string[][] {
  return entries.map((entry) => [
    moment(entry.at),
    ...(named ? [subjectOf(entry)] : []),
    entry.author,
    entry.source,
    describeEntry(entry, lists),
    entry.reason ?? '',
  ])
}

/** The same for a terminal, where a line is short: the source stands beside the author where it says more than the author. */
export function shortHistoryRows(
  entries: readonly HistoryEntry[],
  lists: readonly UserList[],
  named: boolean,
): readonly string[][] {
  return entries.map((entry) => {
    const isSaid = entry.author.startsWith(`${entry.source}:`)
    return [
      moment(entry.at),
      ...(named ? [subjectOf(entry)] : []),
      isSaid ? entry.author : `${entry.author} (${entry.source})`,
      describeEntry(entry, lists),
      entry.reason ?? '',
    ]
  })
}

const kinds: Readonly<Record<HistoryEntry['kind'], string>> = {
  project: 'project',
  settings: 'settings of',
  flag: 'flag',
  user_list: 'list',
  instance_id: 'instance ID',
}

function subjectOf({ kind, subject }: HistoryEntry): string {
  return `${kinds[kind]} ${subject}`
}

/** What a change did, such as `+ 30 % by user ID (production), − 10 % by user ID (production)`. */
export function describeEntry(entry: HistoryEntry, lists: readonly UserList[]): string {
  const { kind, before, after } = entry
  if (before === null && after === null) return 'no visible change'
  if (after === null) return 'deleted'
  const parts = partsOf(kind, before ?? {}, after, lists)
  if (before === null) return ['made', ...parts].join(', ')
  return parts.length === 0 ? 'no visible change' : parts.join(', ')
}

function partsOf(kind: HistoryEntry['kind'], before: Row, after: Row, lists: readonly UserList[]): readonly string[] {
  switch (kind) {
    case 'project':
      return []
    case 'settings':
      return changedFields(before, after, ['path', 'name', 'access', 'minimum_role', 'streaming'])
    case 'flag':
      return [
        ...changedFields(before, after, ['name', 'description']),
        ...(before['active'] === after['active'] ? [] : [after['active'] === true ? 'on' : 'off']),
        ...changedStrategies(before['strategies'], after['strategies'], lists),
      ]
    case 'user_list':
      return [
        ...changedFields(before, after, ['name']),
        ...ids('+', after['user_xids_added'] ?? after['user_xids']),
        ...ids('−', before['user_xids_removed']),
      ]
    case 'instance_id':
      if (typeof after['retired_at'] === 'string') return ['retired']
      return typeof after['environment'] === 'string' ? [`for ${quoted(after['environment'])}`] : []
  }
}

/** Of a new row the name is said by the line already, and what is empty is not worth a word. */
function changedFields(before: Row, after: Row, names: readonly string[]): readonly string[] {
  return names
    .filter((name) => !isDeepStrictEqual(before[name] ?? null, after[name] ?? null))
    .flatMap((name) => {
      if (before[name] !== undefined) return [`${name} ${shown(before[name])} → ${shown(after[name])}`]
      return name === 'name' || name === 'path' ? [] : [`${name} ${shown(after[name])}`]
    })
}

function shown(value: unknown): string {
  return value === null || value === undefined ? 'none' : quoted(value)
}

/** A strategy that stays and says another thing is `10 % → 30 % (production)`; ids tell which one it is. */
function changedStrategies(before: unknown, after: unknown, lists: readonly UserList[]): readonly string[] {
  const [was, is] = [readStrategies(before), readStrategies(after)]
  const left = new Map(was.map((strategy) => [strategy.id, strategy]))
  const parts = is.flatMap((strategy) => {
    const old = left.get(strategy.id)
    left.delete(strategy.id)
    if (old === undefined) return [`+ ${described(strategy, lists)}`]
    return described(old, lists) === described(strategy, lists) ? [] : [changedStrategy(old, strategy, lists)]
  })
  return [...parts, ...[...left.values()].map((strategy) => `− ${described(strategy, lists)}`)]
}

function changedStrategy(before: Strategy, after: Strategy, lists: readonly UserList[]): string {
  const pair = (was: string, is: string) => (was === is ? is : `${was} → ${is}`)
  const whom = pair(describeWhom(before, lists), describeWhom(after, lists))
  const [was, is] = [before.parameters['groupId'] ?? 'none', after.parameters['groupId'] ?? 'none']
  return `${whom}${was === is ? '' : `, group ${was} → ${is}`} (${pair(describeScopes(before), describeScopes(after))})`
}

function described(strategy: Strategy, lists: readonly UserList[]): string {
  const group = strategy.parameters['groupId']
  return `${describeWhom(strategy, lists)}${group === undefined ? '' : `, group ${group}`} (${describeScopes(strategy)})`
}

function ids(sign: string, text: unknown): readonly string[] {
  const all = typeof text === 'string' ? splitIds(text) : []
  return all.length === 0 ? [] : [`${sign} ${counted(all.length, 'id')}: ${namedFew(all, mostNamed)}`]
}
