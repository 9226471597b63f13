// The list of all flags: what is shown of each, with counts, without ids.
import { ApiFault } from './fault.js'
import { anything, isRecord, list, object, orNull, record, text } from './parse.js'
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
  /** In the order in which people read them: numbers by their value. */
  readonly names: readonly string[]
  /** Makes the row of the name at this place. */
  readonly rowAt: (place: number) => FlagRow
}

const groupNames = list(text)
const none: readonly string[] = []
const head = object({ position: orNull(text), at: text, columns: record(anything) })

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
    const names: unknown = isRecord(body) ? body['names'] : null
    if (!Array.isArray(names)) throw new Error('there are no names')
    return { position, at, ...inColumns(names, (name) => parseColumn(columns.get(name), names.length)) }
  } catch (error) {
    throw new ApiFault({ kind: 'nonsense', message: `the list of flags is not understood: ${String(error)}`, body })
  }
}

const columnNames = [
  ...(['type', 'group', 'default_enabled', 'state', 'percentage_of_actors', 'percentage_of_time', 'actors'] as const),
  ...(['never', 'groups', 'stored', 'changed_at', 'changed_by', 'milestone', 'overdue', 'fault'] as const),
]
type ColumnName = (typeof columnNames)[number]

/** What flags say, each thing once, and which of them each flag says; null where all say the first. */
interface Column {
  readonly values: readonly unknown[]
  readonly cells: readonly unknown[] | null
}
type Columns = Readonly<Record<ColumnName, Column>>

/** A column that this server has not says nothing of any flag. */
function parseColumn(column: unknown, count: number): Column {
  if (column === undefined) return { values: [], cells: null }
  const { values, cells = null } = isRecord(column) ? column : {}
  if (!Array.isArray(values)) throw new Error('a column has no values')
  if (cells === null) return { values, cells }
  if (!Array.isArray(cells) || cells.length !== count) throw new Error('a column has not a cell for each flag')
  return { values, cells }
}

/** What makes a row unusable is found at once: each has a name and a state. */
function inColumns(
  names: readonly unknown[],
  columnOf: (name: ColumnName) => Column,
): Pick<FlagList, 'names' | 'rowAt'> {
  const columns = Object.fromEntries(columnNames.map((name) => [name, columnOf(name)])) as Columns
  const { values, cells } = columns.state
  const states = values.map(stateOf)
  const stateAt = (cell: unknown) => states[Number(cell)]
  const places = cells ?? (names.length === 0 ? [] : [0])
  if (!names.every((name) => typeof name === 'string')) throw new Error('a row has no name')
  if (!places.every((cell) => stateAt(cell) !== undefined)) throw new Error('a row has no state')
  const stateOfRow = (place: number) => stateAt(cells === null ? 0 : cells[place]) ?? 'default'
  return { names, rowAt: (place) => new ListRow(names[place] ?? '', stateOfRow(place), place, columns) }
}

function stateOf(value: unknown): FlagRow['state'] {
  if (value === 'on' || value === 'off' || value === 'conditional' || value === 'default') return value
  throw new Error(`${String(value)} is no state`)
}

/** Reads a cell when it is asked for. */
class ListRow implements FlagRow {
  readonly name: string
  readonly state: FlagRow['state']
  private readonly place: number
  private readonly columns: Columns
  private lowered: string | null = null

  constructor(name: string, state: FlagRow['state'], place: number, columns: Columns) {
    this.name = name
    this.state = state
    this.place = place
    this.columns = columns
  }

  get type(): string | null {
    return textOrNull(this.cell(this.columns.type))
  }

  get owner(): string | null {
    return textOrNull(this.cell(this.columns.group))
  }

  get defaultEnabled(): boolean | null {
    const cell = this.cell(this.columns.default_enabled)
    return typeof cell === 'boolean' ? cell : null
  }

  get percentageOfActors(): number {
    return numberOf(this.cell(this.columns.percentage_of_actors))
  }

  get percentageOfTime(): number {
    return numberOf(this.cell(this.columns.percentage_of_time))
  }

  get actors(): number {
    return numberOf(this.cell(this.columns.actors))
  }

  get never(): number {
    return numberOf(this.cell(this.columns.never))
  }

  get groups(): readonly string[] {
    return groupsOf(this.cell(this.columns.groups))
  }

  get stored(): boolean {
    return this.cell(this.columns.stored) === true
  }

  get changedAt(): number | null {
    return timeOf(this.cell(this.columns.changed_at))
  }

  get changedBy(): string | null {
    return textOrNull(this.cell(this.columns.changed_by))
  }

  get milestone(): string | null {
    return textOrNull(this.cell(this.columns.milestone))
  }

  get isOverdue(): boolean {
    return this.cell(this.columns.overdue) === true
  }

  get fault(): string | null {
    return textOrNull(this.cell(this.columns.fault))
  }

  get words(): string {
    this.lowered ??= wordsOf(this)
    return this.lowered
  }

  private cell({ values, cells }: Column): unknown {
    return values[cells === null ? 0 : Number(cells[this.place])]
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
export function rowReader(columns: readonly string[]): (row: unknown) => FlagRow {
  return (row) => {
    if (!Array.isArray(row)) throw new Error('a row is not a list')
    const cell = (name: string): unknown => row[columns.indexOf(name)]
    // A list of one flag.
    return plainRow(inColumns([cell('name')], (name) => ({ values: [cell(name)], cells: null })).rowAt(0))
  }
}

function groupsOf(value: unknown): readonly string[] {
  return Array.isArray(value) && value.length > 0 ? groupNames(value) : none
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
