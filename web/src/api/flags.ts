// The list of all flags: rows with counts, without ids.
import { ApiFault } from './fault.js'
import { isRecord, list, object, orNull, text } from './parse.js'
import type { Door } from './request.js'

export interface FlagRow {
  readonly name: string
  /** Null without a definition, as the other fields of one. */
  readonly type: string | null
  readonly owner: string | null
  readonly defaultEnabled: boolean | null
  /** What is stored; `default` where nothing is. */
  readonly state: 'on' | 'off' | 'conditional' | 'default'
  readonly percentageOfActors: number
  readonly percentageOfTime: number
  readonly actors: number
  readonly never: number
  readonly groups: readonly string[]
  readonly stored: boolean
  /** Milliseconds; null where the history does not tell. */
  readonly changedAt: number | null
  readonly changedBy: string | null
  readonly milestone: string | null
  readonly isOverdue: boolean
  /** What is wrong with its file. */
  readonly fault: string | null
}

export interface FlagList {
  readonly position: string | null
  readonly at: string
  readonly rows: readonly FlagRow[]
}

const groupNames = list(text)
const none: readonly string[] = []
const head = object({ position: orNull(text), at: text, columns: list(text) })

/** The list; null where it is the one that the caller has, by its tag. Throws ApiFault. */
export async function fetchFlags(
  door: Door,
  known: string | null,
): Promise<{ list: FlagList; etag: string | null } | null> {
  const { status, body, etag } = await door.answer(
    '/api/web/flags',
    known === null ? {} : { headers: { 'if-none-match': known } },
  )
  if (status === 304) return null
  return { list: parseFlags(body), etag }
}

/** Throws ApiFault (`nonsense`). */
export function parseFlags(body: unknown): FlagList {
  try {
    const { position, at, columns } = head(body)
    const rows = isRecord(body) && Array.isArray(body['rows']) ? body['rows'] : []
    return { position, at, rows: rows.map(rowReader(columns)) }
  } catch (error) {
    throw new ApiFault({ kind: 'nonsense', message: `the list of flags is not understood: ${String(error)}`, body })
  }
}

/** Reads cells by the names of their columns, of which later servers may have more. Thousands of rows: so no parser for each cell. */
export function rowReader(columns: readonly string[]): (cells: unknown) => FlagRow {
  const at = new Map(columns.map((name, index) => [name, index]))
  const place = (name: string) => at.get(name) ?? -1
  const [name, type, group, isDefault, state] = ['name', 'type', 'group', 'default_enabled', 'state'].map(place)
  const [ofActors, ofTime, actors, never, groups] = [
    'percentage_of_actors',
    'percentage_of_time',
    'actors',
    'never',
    'groups',
  ].map(place)
  const [stored, changedAt, changedBy, milestone, overdue, fault] = [
    'stored',
    'changed_at',
    'changed_by',
    'milestone',
    'overdue',
    'fault',
  ].map(place)
  return (cells) => {
    if (!Array.isArray(cells)) throw new Error('a row is not a list')
    const cell = (index: number | undefined): unknown => cells[index ?? -1]
    const named = cell(name)
    if (typeof named !== 'string') throw new Error('a row has no name')
    return {
      name: named,
      type: textOrNull(cell(type)),
      owner: textOrNull(cell(group)),
      defaultEnabled: typeof cell(isDefault) === 'boolean' ? cell(isDefault) === true : null,
      state: cell(stored) === false ? 'default' : stateOf(cell(state)),
      percentageOfActors: numberOf(cell(ofActors)),
      percentageOfTime: numberOf(cell(ofTime)),
      actors: numberOf(cell(actors)),
      never: numberOf(cell(never)),
      groups: groupsOf(cell(groups)),
      stored: cell(stored) !== false,
      changedAt: timeOf(cell(changedAt)),
      changedBy: textOrNull(cell(changedBy)),
      milestone: textOrNull(cell(milestone)),
      isOverdue: cell(overdue) === true,
      fault: textOrNull(cell(fault)),
    }
  }
}

function groupsOf(value: unknown): readonly string[] {
  return Array.isArray(value) && value.length > 0 ? groupNames(value) : none
}

function stateOf(value: unknown): FlagRow['state'] {
  if (value === 'on' || value === 'off' || value === 'conditional' || value === 'default') return value
  throw new Error(`${String(value)} is no state`)
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}

function timeOf(value: unknown): number | null {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? null : at
}
