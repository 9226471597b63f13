// Keeps the newest state in the cache: for boots, and for processes that have missed a hint.
//
// A blob is never made from memory. Who holds the claim reads everything and its digest from the primary and writes that, so
// that every blob is a whole comparison for its writer, and what was only heard gets into none.
import type { BlobClaim, Cache, CachedState, Pointer } from '../../cache/cache.js'
import type { Logger } from '../../log.js'
import type { Position, StoredWhole } from '../../state/state.js'
import type { Clock, Timer } from '../../time/clock.js'
import { smallFleet } from '../fleet-shares.js'

export interface BlobHost {
  readonly clock: Clock
  readonly logger: Logger
  /** Asks the store for its position, soon. */
  check(): void
  /** Everything, with its digest, from the store; what is read is taken over here too. Throws what the store throws. */
  readWhole(): Promise<StoredWhole>
  /** Whether a position is in the store's history. Throws what the store throws. */
  isKnown(position: Position): Promise<boolean>
  /** How many processes are alive, as far as is known. */
  fleet(): number
}

/** The processes of a fleet write no faster than this, so none needs to try. */
const spacingMs = 5_000
const spreadMs = 200
/** A pointer that comes back so often to where this database never was is another database's, which has the same identity. */
const mostReturns = 3
const returnsMs = 10 * 60_000
/** Asking the store about a pointer is a question more; those of a large fleet would be as many as its polls. */
const askEveryMs = 60_000
const twins =
  'another database with the same identity writes to this Redis: a copy of the files of this one (a restored snapshot, a clone, ' +
  'a branch). Give each its own namespace, or run once in the copy: update feature_state set database_id = gen_random_uuid()'

export class BlobUpkeep {
  readonly #cache: Cache
  readonly #host: BlobHost
  #timer: Timer | null = null
  #writing: Promise<unknown> | null = null
  #triedAtMs = Number.NEGATIVE_INFINITY
  #askedAtMs = Number.NEGATIVE_INFINITY
  #returns: number[] = []
  #twins = false
  #closed = false

  constructor(cache: Cache, host: BlobHost) {
    this.#cache = cache
    this.#host = host
  }

  /** There is something to write, by a refresh that looks at the pointer first. */
  offerLater(): void {
    this.#later(Math.max(this.#triedAtMs + spacingMs - this.#host.clock.now(), 0))
  }

  /**
   * Writes a blob of what the store holds now, or later, if now would be too often. `pointer` was read before the store was
   * asked, and did not name what the store holds. Throws what the store throws; never waits for the cache to take the blob.
   */
  async renew(identity: string, pointer: Pointer | null): Promise<void> {
    const { clock } = this.#host
    if (this.#writing !== null || this.#triedAtMs + spacingMs > clock.now()) {
      this.offerLater()
      return
    }
    this.#triedAtMs = clock.now()
    if (pointer !== null && (await this.#isTwins(pointer))) return
    const claim = await this.#cache.claimBlob(identity, pointer)
    if (claim === null || this.#closed) return
    const state = await this.#host.readWhole()
    const { position, digest } = state
    if (state.inRecovery || position === null || digest === null || state.identity !== identity) return
    this.#write(claim, { ...state, position, digest, identity })
  }

  /** What `status()` says; null while all is well. */
  warning(): string | null {
    return this.#twins ? twins : null
  }

  /** Waits for a blob being written; safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true
    this.#timer?.cancel()
    await this.#writing
  }

  #write(claim: BlobClaim, state: CachedState): void {
    this.#writing = claim.write(state).then(() => {
      this.#writing = null
    })
  }

  /** One restore leaves one such pointer behind; two databases that take turns leave one after each change of either. */
  async #isTwins({ position }: Pointer): Promise<boolean> {
    const { clock, logger, isKnown, fleet } = this.#host
    const since = clock.now() - returnsMs
    this.#returns = this.#returns.filter((atMs) => atMs >= since)
    if (fleet() > smallFleet && clock.now() - this.#askedAtMs < askEveryMs) return this.#twins
    this.#askedAtMs = clock.now()
    if (!(await isKnown(position))) this.#returns.push(clock.now())
    const isTwins = this.#returns.length >= mostReturns
    if (isTwins && !this.#twins) logger.warn({ position }, `feature flags: ${twins}`)
    this.#twins = isTwins
    return isTwins
  }

  /**
   * The last of many changes must get into a blob too. It takes a refresh: the pointer may only be moved against the value it
   * had before the store was read.
   */
  #later(waitMs: number): void {
    const { clock } = this.#host
    if (this.#closed) return
    this.#timer ??= clock.after(waitMs + clock.random() * spreadMs, () => {
      this.#timer = null
      this.#host.check()
    })
  }
}
