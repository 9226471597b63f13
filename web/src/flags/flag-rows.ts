// All flags by name. A row is made when it is asked for: of thousands a few are seen at first, and to make them all would hold those up.
import type { FlagList, FlagRow } from '../api/flags.js'
import { nameComparison } from './name-order.js'

/** In the order of the names. Nothing in it changes: what a change makes of it is another one, whose other rows are the same. */
export class FlagRows {
  readonly names: readonly string[]
  private readonly made: Map<string, FlagRow>
  /** Null where all are made. */
  private rowAt: FlagList['rowAt'] | null
  private rows: readonly FlagRow[] | null = null

  private constructor(names: readonly string[], made: Map<string, FlagRow>, rowAt: FlagList['rowAt'] | null) {
    this.names = names
    this.made = made
    this.rowAt = rowAt
  }

  static of({ names, rowAt }: Pick<FlagList, 'names' | 'rowAt'>): FlagRows {
    return new FlagRows(names, new Map(), rowAt)
  }

  get size(): number {
    return this.names.length
  }

  get(name: string): FlagRow | undefined {
    const made = this.made.get(name)
    if (made !== undefined || this.rowAt === null) return made
    const place = this.names.indexOf(name)
    return place < 0 ? undefined : this.make(name, place, this.rowAt)
  }

  /** In the order of the names. */
  all(): readonly FlagRow[] {
    this.rows ??= this.makeAll()
    return this.rows
  }

  /** These rows, with some that are new or say something else, and without those that are gone. */
  with(changed: readonly FlagRow[], gone: readonly string[]): FlagRows {
    this.all()
    const made = new Map(this.made)
    for (const row of changed) made.set(row.name, row)
    const isNew = made.size > this.made.size
    for (const name of gone) made.delete(name)
    // Mostly the same flags say something else.
    if (!isNew && gone.length === 0) return new FlagRows(this.names, made, null)
    const names = [...made.keys()]
    return new FlagRows(names.sort(nameComparison(names)), made, null)
  }

  private make(name: string, place: number, rowAt: FlagList['rowAt']): FlagRow {
    const row = rowAt(place)
    this.made.set(name, row)
    return row
  }

  private makeAll(): readonly FlagRow[] {
    const { made, rowAt } = this
    this.rowAt = null
    const rows: FlagRow[] = []
    for (const [place, name] of this.names.entries()) {
      const row = made.get(name) ?? (rowAt === null ? undefined : this.make(name, place, rowAt))
      if (row !== undefined) rows.push(row)
    }
    return rows
  }
}
