// The other processes, as one process meets them through the cache. The cache is never the truth: hints and blobs make news quick
// and boots cheap, and the poll of the store corrects their errors.
//
// All of it belongs to one database, by its identity:
//
//   unnamed   no database is known: this process hears and publishes nothing
//   guessed   the cache or the disk named it (`identify`, told = false): this process hears and publishes
//   told      the store named it: this process counts as one of those that serve this database
//   closed    this process no longer hears or publishes
//
// unnamed → guessed | told; guessed → told; from either to told of another database: an address that leads to another one (an
// upgrade, a new server behind the name) means other keys and another channel.
import type { Cache, CachedState, Found, Hint, Pointer } from '../../cache/cache.js'
import type { Logger } from '../../log.js'
import type { Listening, Position } from '../../state/state.js'
import type { StoreReader } from '../../store/store.js'
import type { Clock, Timer } from '../../time/clock.js'
import type { Entry, Keyed } from '../content.js'
import type { CurrentSnapshot } from '../current-snapshot.js'
import type { FleetSize } from '../fleet-size.js'
import type { PollSignal } from '../poll-signal.js'
import type { Comparison } from '../refresh/comparison.js'
import type { Refresher } from '../refresh/refresher.js'
import type { TriggerWatch } from '../refresh/trigger-watch.js'
import type { TwoSnapshots } from '../two-snapshots.js'
import { Announcer } from './announcer.js'
import { BlobWriter } from './blob-writer.js'
import { Heard, type HintCounts } from './heard.js'
import { Looks } from './looks.js'
import { PassedPositions } from './passed-positions.js'
import { WaitRequests } from './wait-requests.js'

export interface PeersOptions<Item extends Keyed, Held extends Entry<Item>> {
  readonly cache: Cache<Item>
  readonly clock: Clock
  readonly logger: Logger
  readonly store: StoreReader<Item>
  readonly current: CurrentSnapshot<Held>
  readonly snapshots: TwoSnapshots<Item, Held>
  readonly comparison: Comparison<Item, Held>
  readonly triggers: TriggerWatch
  readonly refresher: Refresher<Item, Held>
  readonly fleet: FleetSize
  readonly pollSignal: PollSignal
  /** Whether only the store is answered from. */
  readonly storeOnly: boolean
}

/** The result of a look at the pointer. */
export interface SeenPointer {
  readonly pointer: Pointer | null
  /** The time of the look, by the clock. */
  readonly atMs: number
}

/** The cache's content for a boot. */
export interface BootFind<Item> {
  /** Null if the time was over. */
  readonly found: Found<Item> | null
  /** The answer that comes after the time was over; null if it came in time. */
  readonly late: Promise<Found<Item>> | null
}

/** Messages with more names than this would be too large. */
const mostNamed = 100

export class Peers<Item extends Keyed, Held extends Entry<Item>> {
  readonly #cache: Cache<Item>
  readonly #clock: Clock
  readonly #fleet: FleetSize
  readonly #waiting: WaitRequests
  readonly #looks: Looks<Item, Held>
  readonly #heard: Heard<Item, Held>
  readonly #announcer: Announcer<Item>
  readonly #blobs: BlobWriter<Item, Held>
  #identity: string | null = null
  #isTold = false
  #listening: Listening | null = null
  #closed = false

  constructor(options: PeersOptions<Item, Held>) {
    const { cache, clock, fleet, current } = options
    this.#cache = cache
    this.#clock = clock
    this.#fleet = fleet
    const passed = new PassedPositions(current)
    this.#waiting = new WaitRequests({ cache, current, passed })
    this.#looks = new Looks({ ...options, passed, waiting: this.#waiting })
    this.#heard = new Heard({ ...options, passed, looks: this.#looks })
    this.#announcer = new Announcer(cache, clock)
    this.#blobs = new BlobWriter({ ...options, passed })
  }

  /** The cache's content for a boot, if it comes within `deadlineMs`. Never rejects. */
  async find(deadlineMs: number): Promise<BootFind<Item>> {
    const finding = this.#cache.find()
    const timer: { late: Timer | null } = { late: null }
    const tooLate = new Promise<null>((resolve) => {
      timer.late = this.#clock.deadline(deadlineMs, () => resolve(null))
    })
    const found = await Promise.race([finding, tooLate])
    timer.late?.cancel()
    return { found, late: found === null ? finding : null }
  }

  /** The newest state of that database; null for a miss. Never rejects. */
  readNewest(identity: string): Promise<CachedState<Item> | null> {
    return this.#cache.readNewest(identity)
  }

  /**
   * Names the database that this process reads; from now on it hears and publishes that one's news. `told`: the store named it,
   * and not the cache or the disk.
   */
  async identify(identity: string, told: boolean): Promise<void> {
    if (this.#closed) return
    const [before, wasTold, listening] = [this.#identity, this.#isTold, this.#listening]
    this.#isTold = told
    if (identity === before) return
    this.#identity = identity
    this.#waiting.serve(identity)
    this.#looks.serve(identity)
    this.#listening = this.#cache.subscribe(identity, {
      hint: (hint) => this.#hear(hint),
      difference: (names) => this.#heard.difference(names),
      unsure: () => this.#heard.unsure(),
      wait: (request) => {
        if (!this.#waiting.add(request)) this.#looks.soon()
      },
    })
    // A caller that waits for all processes waits for this one from now on; a process that found the database in the cache
    // counts anyway.
    if (told) void this.countFleet()
    // A wrong guess of this process may be right for others.
    if (before !== null && wasTold) void this.#cache.leave(before)
    await listening?.close()
  }

  /**
   * The pointer before the store is read: only against that value may it be moved afterwards. Null if this process did not
   * look: after a write of its own it asks for the changes and not whether a standby answers, so the blob has to wait.
   */
  async lookAtPointer(hasWritten: boolean): Promise<SeenPointer | null> {
    if (hasWritten || this.#identity === null) return null
    void this.countFleet()
    const atMs = this.#clock.now()
    return { pointer: await this.#cache.readPointer(this.#identity), atMs }
  }

  /** Notes that the store is asked now; pass the returned number to `answered`. */
  ask(): number {
    return this.#waiting.ask()
  }

  /** Notes that the primary has answered: a process that asked for a position before the question gets its acknowledgement. */
  answered(question: number): void {
    this.#waiting.answered(question)
  }

  /** Notes a position that a change of this process has made. */
  wrote(position: Position): void {
    this.#announcer.wrote(position)
  }

  /** Notes that the next news is a change of this process, whatever its position is. */
  wroteNewest(): void {
    this.#announcer.wroteNewest()
  }

  /**
   * Says that this process is alive and counts the processes alive; keeps the last count if the cache does not answer. Never
   * rejects.
   */
  async countFleet(): Promise<void> {
    const count = this.#identity === null ? null : await this.#cache.beat(this.#identity)
    if (count !== null) this.#fleet.note(count)
  }

  /** Publishes the news of a refresh to the others. Never throws; does not wait. */
  announce(news: Hint<Item>): void {
    if (!this.#closed && this.#identity !== null) this.#announcer.announce(news, this.#identity)
  }

  /** Publishes a difference in content to the others: the names, or that there are too many to name. */
  tellDifference(names: readonly string[]): void {
    if (this.#closed || this.#identity === null) return
    void this.#cache.tellDifference(this.#identity, names.length > mostNamed ? null : names)
  }

  /**
   * Writes a blob of the store's content and moves the pointer, which named other content when it was seen; does so later if
   * this process did not look. Throws the store's errors.
   */
  async renewBlob(seen: SeenPointer | null): Promise<void> {
    if (this.#closed || this.#identity === null) return
    if (seen === null) this.#blobs.offerLater()
    else await this.#blobs.renew(this.#identity, seen.pointer)
  }

  counts(): HintCounts {
    return this.#heard.counts()
  }

  warnings(): readonly (string | null)[] {
    return [this.#cache.status().warning, this.#blobs.warning()]
  }

  /** Ends the subscription and waits for a blob being written; safe to call twice. The cache stays open. */
  async close(): Promise<void> {
    this.#closed = true
    this.#heard.close()
    this.#looks.close()
    this.#announcer.close()
    await this.#listening?.close()
    await this.#blobs.close()
  }

  #hear(hint: Hint<Item>): void {
    if (this.#closed) return
    this.#announcer.heard(hint)
    this.#heard.hint(hint)
  }
}
