// Positions and history of the store in memory.
import { randomUUID } from 'node:crypto'
import type { FeedQuestion, HistoryFed, HistoryFeed } from '../history/feed.js'
import { fedChange, newestOf } from './history-feed.js'
import { isAsked, type Made, within } from './made.js'
import type { ChangedRow } from './rows.js'
import { type Position, samePosition } from '../../state/state.js'
import type { ChangeDetails } from '../change-origin.js'
import type { MadeBefore } from '../repeated-change.js'
import type { Change, HistoryEntry, HistoryQuery, RecordedRowsQuery } from '../store.js'

export class MemoryHistory {
  /** As of a store. */
  readonly feed: HistoryFeed = {
    changesSince: async (from, most) => this.#since(from, most),
    positionBefore: async (changes) => this.#made[Math.max(0, this.#made.length - 1 - changes)]?.position ?? null,
    newestChanges: async () => newestOf(this.#made.flatMap(({ entries }) => entries)),
  }
  readonly #now: () => Date
  /** The first is the position before any change. */
  readonly #made: Made[]
  /** By feature. */
  readonly #newest = new Map<string, Position>()
  /** By the id of the change. */
  readonly #details = new Map<string, ChangeDetails>()
  #position: Position

  constructor(now: () => Date) {
    this.#now = now
    this.#position = { version: '0', nonce: randomUUID() }
    this.#made = [{ position: this.#position, at: now(), entries: [] }]
  }

  /** Oldest first; the first is the position before any change. */
  get made(): readonly Made[] {
    return this.#made
  }

  /** The time by the clock of the store. */
  now(): Date {
    return this.#now()
  }

  get position(): Position {
    return this.#position
  }

  knows(position: Position): boolean {
    return this.#indexOf(position) !== -1
  }

  /** The positions passed since, and the changed features; null if the position is not known. */
  since(position: Position): { via: readonly Position[]; features: ReadonlySet<string> } | null {
    const index = this.#indexOf(position)
    if (index === -1) return null
    const passed = this.#made.slice(index + 1)
    return {
      via: passed.map((made) => made.position),
      features: new Set(passed.flatMap((made) => made.entries.map((entry) => entry.feature))),
    }
  }

  add(change: Change, rows: readonly ChangedRow[]): Position {
    const position = { version: String(this.#made.length), nonce: randomUUID() }
    const { author, source, reason, id: changeId, details } = change
    if (details !== undefined) this.#details.set(changeId, details)
    const at = this.#now()
    this.#made.push({
      position,
      at,
      entries: rows.map((row) => ({ ...row, position, at, author, source, reason, changeId })),
    })
    this.#position = position
    for (const { feature } of rows) this.#newest.set(feature, position)
    return position
  }

  /** What was told of a change beside its rows; null: nothing. */
  detailsOf(changeId: string): ChangeDetails | null {
    return this.#details.get(changeId) ?? null
  }

  newest({ limit, ...filter }: HistoryQuery): readonly HistoryEntry[] {
    const wanted = within(this, filter).flatMap(({ entries }) => entries.filter((entry) => isAsked(entry, filter)))
    return wanted.toReversed().slice(0, limit)
  }

  rows({ feature, until, of, limit }: RecordedRowsQuery): readonly HistoryEntry[] {
    const rows = this.newest({ feature, limit: Number.POSITIVE_INFINITY }).filter(
      ({ position, gate, value }) =>
        BigInt(position.version) <= BigInt(until) &&
        (of === undefined || (gate === of.gate && (value ?? '') === of.value)),
    )
    return rows.slice(0, limit)
  }

  #since(from: Position, most: FeedQuestion): HistoryFed {
    const index = this.#indexOf(from)
    const passed = this.#made.slice(index + 1)
    const isTold = index !== -1 && passed.length <= most.changes
    return {
      position: this.#position,
      changes: isTold ? passed.flatMap(({ entries }) => fedChange(entries, most) ?? []) : null,
      newest: isTold ? newestOf(passed.flatMap(({ entries }) => entries)) : [],
    }
  }

  /** What was changed under this id; null for none. */
  madeBefore(changeId: string): MadeBefore | null {
    const entries = this.newest({ changeId, limit: Number.POSITIVE_INFINITY })
    const [first] = entries
    return first === undefined ? null : { position: first.position, features: entries.map(({ feature }) => feature) }
  }

  /** The position of the newest change of a feature; null if it was never changed. */
  newestOf(feature: string): Position | null {
    return this.#newest.get(feature) ?? null
  }

  /** Versions count from 0 without gaps, so a version is the index in the list. */
  #indexOf(position: Position): number {
    const index = /^\d{1,15}$/.test(position.version) ? Number(position.version) : -1
    return samePosition(this.#made[index]?.position ?? null, position) ? index : -1
  }
}
