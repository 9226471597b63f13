// Follows flags and their history, and tells those who watch what has changed, by whom and why.
//
// After each new snapshot it reads the changes since those that it has told, at most ten times a second, and tells the flags that differ
// together with the changes that are in the snapshot. What cannot be read yet is told as soon as it can: until then flags are told without
// changes. Where the history does not lead on from what was told (a restored database, a pruned history, too much at once), it tells that
// there is a gap, and begins anew at the snapshot.
import { errorText } from '../../../errors.js'
import type { Instance } from '../../../instance/instance.js'
import type { Logger } from '../../../log.js'
import type { FlagSnapshot } from '../../../replica/flag-content.js'
import { isAhead, type Position, samePosition } from '../../../state/state.js'
import type { FeedQuestion } from '../../../store/history/feed.js'
import type { Clock, Timer } from '../../../time/clock.js'
import { ChangeRing } from './change-ring.js'
import { DefinitionNews } from './definition-news.js'
import { LastChangeBook } from './last-changes.js'
import { versionIn } from '../position-text.js'
import { toldChange, type ToldChange } from './told-change.js'

/** What is told at once. */
export interface News {
  readonly snapshot: FlagSnapshot
  /** The position up to which changes have been told; null where there is no history. */
  readonly position: Position | null
  /** The flags that may differ from what was told before. */
  readonly names: ReadonlySet<string>
  /** Those of them whose definition differs. */
  readonly definitions: readonly string[]
  /** Oldest first. */
  readonly changes: readonly ToldChange[]
  /** Whether there were other changes that cannot be told. */
  readonly hasGap: boolean
}

export interface FollowerOptions {
  readonly instance: Pick<Instance, 'snapshot' | 'onSwap' | 'feed' | 'catalog'>
  readonly logger: Logger
  readonly clock: Clock
}

/** What a stream has missed that was cut at a position: its changes; `ahead`: this server does not know the position yet; null: unknown. */
export type Missed = readonly ToldChange[] | 'ahead' | null

interface Step {
  readonly changes: readonly ToldChange[]
  readonly hasGap: boolean
  /** Whether all changes of the snapshot have been told. */
  readonly isDone: boolean
}

/** A page that gets more flags at once reads the list. */
export const mostFlags = 200
const mostChanges = 1_000
const question: FeedQuestion = { changes: mostChanges, features: mostFlags, rows: 20 }
const spacingMs = 100
const retryMs = { first: 1_000, longest: 10_000 } as const

export class Follower {
  readonly lastChanges = new LastChangeBook()
  readonly #options: FollowerOptions
  readonly #definitions: DefinitionNews
  readonly #listeners = new Set<(news: News) => void>()
  #dirty = new Set<string>()
  #ring: ChangeRing | null = null
  #filled: Promise<void> | null = null
  #isWorking = false
  #isWanted = false
  #timer: Timer | null = null
  #beganAtMs = Number.NEGATIVE_INFINITY
  #waitMs: number = retryMs.first
  #unsubscribe: (() => void) | null = null

  constructor(options: FollowerOptions) {
    this.#options = options
    this.#definitions = new DefinitionNews(options.instance.catalog)
  }

  /** The position up to which changes have been told. */
  get position(): Position | null {
    return this.#ring?.newest ?? null
  }

  get snapshot(): FlagSnapshot {
    return this.#options.instance.snapshot
  }

  /** Follows from the snapshot that is there now. */
  start(): void {
    const { instance } = this.#options
    this.#begin(instance.snapshot.position)
    this.#unsubscribe = instance.onSwap(({ changes }) => {
      for (const { name } of changes) this.#dirty.add(name)
      this.#soon(0)
    })
  }

  onNews(listener: (news: News) => void): void {
    this.#listeners.add(listener)
  }

  /** Safe to call twice. */
  close(): void {
    this.#unsubscribe?.()
    this.#timer?.cancel()
    this.#listeners.clear()
  }

  /** What was told since the position with this text. */
  missed(id: string): Missed {
    const missed = this.#ring?.since(id) ?? null
    if (missed !== null) return missed
    const [asked, told] = [versionIn(id), this.position]
    return asked !== null && told !== null && asked > BigInt(told.version) ? 'ahead' : null
  }

  /** Adds what the history tells of older changes: one read for all who ask, and for the life of what is followed. Never rejects. */
  fill(): Promise<void> {
    this.#filled ??= this.#fill().catch((error: unknown) => {
      this.#options.logger.debug({ error: errorText(error) }, 'http: older changes could not be read')
      this.#filled = null
    })
    return this.#filled
  }

  async #fill(): Promise<void> {
    const { feed } = this.#options.instance
    const ring = this.#ring
    const from = await feed.positionBefore(mostChanges)
    if (ring === null || from === null) return
    const { changes } = await feed.changesSince(from, question)
    const end = changes?.findIndex(({ position }) => samePosition(position, ring.base)) ?? -1
    if (end >= 0 && this.#ring === ring) ring.addOlder(from, (changes ?? []).slice(0, end + 1).map(toldChange))
  }

  #begin(position: Position | null): void {
    this.#ring = position === null ? null : new ChangeRing(position)
    this.#filled = null
    void this.#loadLastChanges()
  }

  async #loadLastChanges(): Promise<void> {
    const { instance, logger, clock } = this.#options
    try {
      await this.lastChanges.load(() => instance.feed.newestChanges())
    } catch (error) {
      logger.debug({ error: errorText(error) }, 'http: who changed flags last could not be read')
      clock.after(retryMs.longest, () => {
        if (this.#unsubscribe !== null) void this.#loadLastChanges()
      })
    }
  }

  /** Works as soon as it may, but not before `delayMs` is over. */
  #soon(delayMs: number): void {
    if (this.#isWorking) {
      this.#isWanted = true
      return
    }
    const { clock } = this.#options
    const waitMs = Math.max(delayMs, this.#beganAtMs + spacingMs - clock.now())
    if (waitMs <= 0) return void this.#work()
    this.#timer?.cancel()
    this.#timer = clock.after(waitMs, () => void this.#work())
  }

  async #work(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = null
    this.#isWorking = true
    this.#isWanted = false
    this.#beganAtMs = this.#options.clock.now()
    let isDone = false
    try {
      isDone = await this.#tellNext()
    } catch (error) {
      this.#options.logger.error({ error: errorText(error) }, 'http: a change could not be told to pages')
    }
    this.#isWorking = false
    this.#waitMs = isDone ? retryMs.first : Math.min(2 * this.#waitMs, retryMs.longest)
    if (this.#isWanted) this.#soon(0)
    else if (!isDone) this.#soon(this.#waitMs)
  }

  async #tellNext(): Promise<boolean> {
    const { instance } = this.#options
    const { snapshot } = instance
    const names = this.#dirty
    this.#dirty = new Set()
    const definitions = this.#definitions.take(instance.catalog)
    const { changes, hasGap, isDone } = await this.#read(snapshot.position)
    for (const name of definitions) names.add(name)
    for (const { flags } of changes) for (const { name } of flags ?? []) names.add(name)
    const news: News = { snapshot, position: this.position, names, definitions, changes, hasGap }
    if (hasGap || names.size > 0 || changes.length > 0) for (const listener of this.#listeners) listener(news)
    return isDone
  }

  async #read(target: Position | null): Promise<Step> {
    const ring = this.#ring
    if (samePosition(target, ring?.newest ?? null)) return { changes: [], hasGap: false, isDone: true }
    if (ring === null || target === null) return this.#gapTo(target)
    const { logger, instance } = this.#options
    let fed: Awaited<ReturnType<Instance['feed']['changesSince']>>
    try {
      fed = await instance.feed.changesSince(ring.newest, question)
    } catch (error) {
      logger.debug({ error: errorText(error) }, 'http: changes could not be read, and are told later')
      return { changes: [], hasGap: false, isDone: false }
    }
    // A standby may lag behind a snapshot that other processes have told.
    if (fed.changes === null && isBetween(ring.newest, fed.position, target))
      return { changes: [], hasGap: false, isDone: false }
    if (fed.changes === null) return this.#gapTo(target)
    // What the snapshot does not have yet is told with the next one.
    const changes = fed.changes
      .filter(({ position }) => BigInt(position.version) <= BigInt(target.version))
      .map(toldChange)
    this.lastChanges.note(fed.newest)
    ring.add(changes)
    return { changes, hasGap: false, isDone: samePosition(ring.newest, target) }
  }

  #gapTo(target: Position | null): Step {
    this.#begin(target)
    return { changes: [], hasGap: true, isDone: true }
  }
}

/** Whether the store is behind what was told, and the snapshot is not. */
function isBetween(told: Position, store: Position | null, target: Position): boolean {
  return store !== null && isAhead(told, store) && !isAhead(told, target)
}
