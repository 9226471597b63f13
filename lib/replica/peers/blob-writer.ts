// Keeps the newest state in the cache: for boots, and for processes that have missed a hint.
//
// A blob is never made from memory. The process that holds the claim reads everything and its digest from the primary and writes
// that. So every blob is a whole comparison for its writer, and no blob holds content that was only heard.
import type { BlobClaim, Cache, CachedState, Pointer } from '../../cache/cache.js'
import type { Logger } from '../../log.js'
import type { Position } from '../../state/state.js'
import type { StoreReader } from '../../store/store.js'
import type { Clock, Timer } from '../../time/clock.js'
import type { Entry, Keyed } from '../content.js'
import type { FleetSize } from '../fleet-size.js'
import type { PollSignal } from '../poll-signal.js'
import type { Refresher } from '../refresh/refresher.js'
import type { PassedPositions } from './passed-positions.js'

export interface BlobWriterOptions<Item extends Keyed, Held extends Entry<Item>> {
  readonly cache: Cache<Item>
  readonly clock: Clock
  readonly logger: Logger
  readonly store: Pick<StoreReader<Item>, 'head'>
  readonly refresher: Refresher<Item, Held>
  readonly passed: PassedPositions
  readonly fleet: FleetSize
  readonly pollSignal: PollSignal
}

/** The processes of a fleet write at most this often, so no process needs to try more often. */
const spacingMs = 5_000
const spreadMs = 200
/**
 * If a pointer leads this many times to positions that this database never had, another database with the same identity wrote
 * it.
 */
const mostReturns = 3
const returnsMs = 10 * 60_000
/** Asking the store about a pointer is one more question; a large fleet would ask as many as it polls. */
const askEveryMs = 60_000
const twins =
  'another database with the same identity writes to this Redis: a copy of the files of this one (a restored snapshot, a clone, ' +
  'a branch). Give each its own namespace, or run once in the copy: update feature_state set database_id = gen_random_uuid()'

export class BlobWriter<Item extends Keyed, Held extends Entry<Item>> {
  readonly #options: BlobWriterOptions<Item, Held>
  #timer: Timer | null = null
  #writing: Promise<unknown> | null = null
  #triedAtMs = Number.NEGATIVE_INFINITY
  #askedAtMs = Number.NEGATIVE_INFINITY
  #returns: number[] = []
  #twins = false
  #closed = false

  constructor(options: BlobWriterOptions<Item, Held>) {
    this.#options = options
  }

  /** Notes that a blob is to be written, by a refresh that looks at the pointer first. */
  offerLater(): void {
    this.#later(Math.max(this.#triedAtMs + spacingMs - this.#options.clock.now(), 0))
  }

  /**
   * Writes a blob of the store's content now, or later if now would be too often. `pointer` was read before the store was
   * asked, and did not name that content. Throws the store's errors; never waits for the cache to take the blob.
   */
  async renew(identity: string, pointer: Pointer | null): Promise<void> {
    const { cache, clock, refresher } = this.#options
    if (this.#writing !== null || this.#triedAtMs + spacingMs > clock.now()) {
      this.offerLater()
      return
    }
    this.#triedAtMs = clock.now()
    if (pointer !== null && (await this.#isTwins(pointer))) return
    const claim = await cache.claimBlob(identity, pointer)
    if (claim === null || this.#closed) return
    const state = await refresher.readWhole()
    const { position, digest } = state
    if (state.inRecovery || position === null || digest === null || state.identity !== identity) return
    this.#write(claim, { ...state, position, digest, identity })
  }

  /** The warning for `status()`; null while all is well. */
  warning(): string | null {
    return this.#twins ? twins : null
  }

  /** Waits for a blob being written; safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#writing
  }

  #write(claim: BlobClaim<Item>, state: CachedState<Item>): void {
    this.#writing = claim.write(state).then(() => {
      this.#writing = null
    })
  }

  /** One restore leaves one such pointer behind; two databases that take turns leave one after each change of either. */
  async #isTwins({ position }: Pointer): Promise<boolean> {
    const { clock, logger, fleet } = this.#options
    const since = clock.now() - returnsMs
    this.#returns = this.#returns.filter((atMs) => atMs >= since)
    if (!fleet.isSmall && clock.now() - this.#askedAtMs < askEveryMs) return this.#twins
    this.#askedAtMs = clock.now()
    if (!(await this.#isKnown(position))) this.#returns.push(clock.now())
    const isTwins = this.#returns.length >= mostReturns
    if (isTwins && !this.#twins) logger.warn({ position }, `feature flags: ${twins}`)
    this.#twins = isTwins
    return isTwins
  }

  /** Whether the position is in the history of this database. Throws the store's errors. */
  async #isKnown(position: Position): Promise<boolean> {
    const { passed, store } = this.#options
    return passed.has(position) || (await store.head(position, { guard: false })).known
  }

  /**
   * The last of many changes must get into a blob too. That needs a refresh: the pointer may only be moved against the value
   * that it had before the store was read.
   */
  #later(waitMs: number): void {
    const { clock, pollSignal } = this.#options
    if (this.#closed) return
    this.#timer ??= clock.after(waitMs + clock.random() * spreadMs, () => {
      this.#timer = null
      pollSignal.give()
    })
  }
}
