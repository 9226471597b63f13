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
  /** Name and owner in small letters. */
  readonly words: string
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
    const rows: readonly unknown[] = isRecord(body) && Array.isArray(body['rows']) ? body['rows'] : []
    const places = placesOf(columns)
    return { position, at, rows: rows.map((cells) => new ListRow(cells, places)) }
  } catch (error) {
    throw new ApiFault({ kind: 'nonsense', message: `the list of flags is not understood: ${String(error)}`, body })
  }
}

const columnNames = [
  ...(['name', 'type', 'group', 'default_enabled', 'state', 'percentage_of_actors', 'percentage_of_time'] as const),
  ...(['actors', 'never', 'groups', 'stored', 'changed_at', 'changed_by', 'milestone', 'overdue', 'fault'] as const),
]

/** Where the cells of a column stand; -1 for one that this server has not. The end of a row that says nothing is left out. */
type Places = Readonly<Record<(typeof columnNames)[number], number>>

function placesOf(columns: readonly string[]): Places {
  return Object.fromEntries(columnNames.map((name) => [name, columns.indexOf(name)])) as Places
}

/** Reads a cell when it is asked for: of thousands of rows, a few are seen. What makes a row unusable is found at once. */
class ListRow implements FlagRow {
  readonly name: string
  readonly state: FlagRow['state']
  private readonly cells: readonly unknown[]
  private readonly at: Places
  private lowered: string | null = null

  constructor(cells: unknown, at: Places) {
    if (!Array.isArray(cells)) throw new Error('a row is not a list')
    const name: unknown = cells[at.name]
    if (typeof name !== 'string') throw new Error('a row has no name')
    this.name = name
    this.cells = cells
    this.at = at
    this.state = stateOf(cells[at.state])
  }

  get type(): string | null {
    return textOrNull(this.cells[this.at.type])
  }

  get owner(): string | null {
    return textOrNull(this.cells[this.at.group])
  }

  get defaultEnabled(): boolean | null {
    const cell = this.cells[this.at.default_enabled]
    return typeof cell === 'boolean' ? cell : null
  }

  get percentageOfActors(): number {
    return numberOf(this.cells[this.at.percentage_of_actors])
  }

  get percentageOfTime(): number {
    return numberOf(this.cells[this.at.percentage_of_time])
  }

  get actors(): number {
    return numberOf(this.cells[this.at.actors])
  }

  get never(): number {
    return numberOf(this.cells[this.at.never])
  }

  get groups(): readonly string[] {
    return groupsOf(this.cells[this.at.groups])
  }

  get stored(): boolean {
    return this.cells[this.at.stored] === true
  }

  get changedAt(): number | null {
    return timeOf(this.cells[this.at.changed_at])
  }

  get changedBy(): string | null {
    return textOrNull(this.cells[this.at.changed_by])
  }

  get milestone(): string | null {
    return textOrNull(this.cells[this.at.milestone])
  }

  get isOverdue(): boolean {
    return this.cells[this.at.overdue] === true
  }

  get fault(): string | null {
    return textOrNull(this.cells[this.at.fault])
  }

  get words(): string {
    this.lowered ??= wordsOf(this)
    return this.lowered
  }
}

/** Where the words of a filter are looked for. */
export function wordsOf({ name, owner }: Pick<FlagRow, 'name' | 'owner'>): string {
  return `${name}\n${owner ?? ''}`.toLowerCase()
}

/** The row as an object with nothing behind it, as another tab can be given it. */
export function plainRow(row: FlagRow): FlagRow {
  return {
    name: row.name,
    type: row.type,
    owner: row.owner,
    defaultEnabled: row.defaultEnabled,
    state: row.state,
    percentageOfActors: row.percentageOfActors,
    percentageOfTime: row.percentageOfTime,
    actors: row.actors,
    never: row.never,
    groups: row.groups,
    stored: row.stored,
    changedAt: row.changedAt,
    changedBy: row.changedBy,
    milestone: row.milestone,
    isOverdue: row.isOverdue,
    fault: row.fault,
    words: row.words,
  }
}

/** Reads the cells of rows by the names of their columns, as plain objects. The reader throws Error for what is no row. */
export function rowReader(columns: readonly string[]): (cells: unknown) => FlagRow {
  const at = placesOf(columns)
  return (cells) => plainRow(new ListRow(cells, at))
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
