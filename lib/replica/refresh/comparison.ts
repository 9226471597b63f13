// Decides when the whole content is compared with the store's by one digest. The comparison finds differences that no position
// shows: writes that passed the triggers by, and wrong content of a cache or a disk copy under a real position. It is not a
// question of its own: the next poll that finds it due asks for the digest too, and it stays due until it was answered.
//
//   quiet   every half hour                   → a difference was found                     → watching
//   watching  once a minute, for an hour after the last difference                           → quiet
//   blind   once a minute, while there is no position or triggers are broken                → as before
//
// All work that a fleet does for one reason is spread by its size (fleet-size.ts), even if that takes longer than a minute.
import type { Logger } from '../../log.js'
import type { Clock } from '../../time/clock.js'
import type { Content, Entry, Keyed } from '../content.js'
import type { FleetSize } from '../fleet-size.js'
import type { TwoSnapshots } from '../two-snapshots.js'

export interface ComparisonOptions<Item extends Keyed, Held extends Entry<Item>> {
  readonly clock: Clock
  readonly logger: Logger
  readonly pollIntervalMs: number
  /** How often the content is compared while all is well; default 30 min. */
  readonly compareIntervalMs?: number
  /** How often it is compared after a difference, and while only this shows changes; default 60 s. */
  readonly contentIntervalMs?: number
  readonly content: Content<Item, Held>
  readonly snapshots: TwoSnapshots<Item, Held>
  readonly fleet: FleetSize
}

/** The source of the content that turned out to be different. */
export type Compared = 'store' | 'redis' | 'disk'

const watchingMs = 60 * 60_000
const found = 'flags were written with the triggers off or missing; they were found by comparing the content'
const incomparable =
  'the database gives texts that cannot be compared (is its encoding SQL_ASCII?): everything is read in place of comparing'
const unlike = (held: string) =>
  `${held} held other content than Postgres under the same position; it was read from Postgres`

export class Comparison<Item extends Keyed, Held extends Entry<Item>> {
  readonly #options: ComparisonOptions<Item, Held>
  readonly #intervalMs: number
  readonly #contentMs: number
  #dueAtMs: number
  #endedAtMs = Number.NEGATIVE_INFINITY
  #foundAtMs = Number.NEGATIVE_INFINITY
  #blind = false
  #warning: string | null = null
  /** The store's digest of the content read last, if its texts cannot be compared with ours; null if they can. */
  #theirs: string | null = null

  constructor(options: ComparisonOptions<Item, Held>) {
    this.#options = options
    this.#intervalMs = options.compareIntervalMs ?? 30 * 60_000
    this.#contentMs = options.contentIntervalMs ?? 60_000
    this.#dueAtMs = options.clock.now() + this.#pauseMs()
  }

  get isDue(): boolean {
    return this.#options.clock.now() >= this.#dueAtMs
  }

  /** Milliseconds until the comparison is due. */
  get dueInMs(): number {
    return Math.max(0, this.#dueAtMs - this.#options.clock.now())
  }

  /** The time of the store's last answer; before all times if there was none. */
  get endedAtMs(): number {
    return this.#endedAtMs
  }

  /** The warning for `status()` after a difference was found; null once contents were equal again. */
  warning(): string | null {
    return this.#warning ?? (this.#theirs === null ? null : incomparable)
  }

  /** Makes it due with the next question: only this process has a reason. */
  now(): void {
    this.#dueAtMs = Math.min(this.#dueAtMs, this.#options.clock.now())
  }

  /**
   * Makes it due in this process's turn, and once a minute at most, because many processes may have the same reason. The turns
   * count from `sinceMs`, the time at which all of them got the reason; default: now.
   */
  soon(sinceMs?: number): void {
    const { clock } = this.#options
    const inTurnMs = (sinceMs ?? clock.now()) + clock.random() * this.#turnMs()
    const dueAtMs = Math.max(this.#endedAtMs + this.#contentMs, inTurnMs)
    this.#dueAtMs = Math.min(this.#dueAtMs, dueAtMs)
  }

  /** Sets whether only comparing shows all changes. */
  setBlind(blind: boolean): void {
    if (blind === this.#blind) return
    this.#blind = blind
    if (blind) this.soon()
  }

  /** Whether the store's digest is that of the content here. */
  isEqual(theirs: string, mine: string): boolean {
    return theirs === mine || (this.#theirs !== null && this.#theirs === theirs)
  }

  /** Notes that the contents were equal. */
  wasEqual(): void {
    this.#warning = null
    this.#ended()
  }

  /** Notes a difference from content of that source, and logs it. */
  wasDifferent(from: Compared, fields: Record<string, unknown>): void {
    this.#foundAtMs = this.#options.clock.now()
    this.#ended()
    // Without a position or with broken triggers, changes are found this way; the warning about that says so.
    if (this.#blind && from === 'store') return
    this.#warning = from === 'store' ? found : unlike(from === 'redis' ? 'Redis' : 'the copy on disk')
    this.#options.logger.warn(fields, `feature flags: ${this.#warning}`)
  }

  /**
   * Notes the store's digest of the content just read, and the digest computed here: they show whether the two are comparable
   * from now on.
   */
  readBoth(theirs: string, mine: string): void {
    if (theirs === mine) {
      this.#theirs = null
      return
    }
    if (this.#theirs === null) this.#options.logger.warn({}, `feature flags: ${incomparable}`)
    this.#theirs = theirs
  }

  #ended(): void {
    this.#endedAtMs = this.#options.clock.now()
    this.#dueAtMs = this.#endedAtMs + this.#pauseMs()
  }

  /** A due comparison waits for the next poll, so it is due one poll earlier than it has to be answered. */
  #pauseMs(): number {
    const { clock, pollIntervalMs } = this.#options
    const isWatching = clock.now() - this.#foundAtMs < watchingMs
    if (isWatching || this.#blind) return Math.max(this.#contentMs, clock.random() * this.#turnMs())
    const pauseMs = this.#intervalMs * (0.7 + 0.3 * clock.random())
    return Math.max(pauseMs / 2, pauseMs - pollIntervalMs)
  }
  #turnMs(): number {
    const { content, snapshots, fleet } = this.#options
    let rows = 0
    for (const { stored } of snapshots.ground.entries.values()) if (stored !== null) rows += content.rowsOf(stored)
    return fleet.compareTurnMs(rows)
  }
}
