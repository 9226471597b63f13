// The looks of a process that has missed something: into the cache, and then in any case, in its turn, into the store, because
// only the store is the truth. Many reasons at once cause one look.
import type { Cache, CachedState } from '../../cache/cache.js'
import { isAhead } from '../../state/state.js'
import type { Clock, Timer } from '../../time/clock.js'
import type { Entry, Keyed } from '../content.js'
import type { FleetSize } from '../fleet-size.js'
import type { PollSignal } from '../poll-signal.js'
import type { TwoSnapshots } from '../two-snapshots.js'
import type { PassedPositions } from './passed-positions.js'
import type { WaitRequests } from './wait-requests.js'

export interface LooksOptions<Item extends Keyed, Held extends Entry<Item>> {
  readonly cache: Cache<Item>
  readonly clock: Clock
  readonly fleet: FleetSize
  readonly snapshots: TwoSnapshots<Item, Held>
  readonly passed: PassedPositions
  readonly waiting: WaitRequests
  readonly pollSignal: PollSignal
  /** Whether the cache is not used. */
  readonly storeOnly: boolean
}

/** Hints reach all processes at once; those that cannot apply one spread their questions over at least this time. */
const leastSpreadMs = 200
/** A caller waits for all processes: they then ask within this time, whatever that costs the store. */
const waitedForMs = 2_000

export class Looks<Item extends Keyed, Held extends Entry<Item>> {
  readonly #options: LooksOptions<Item, Held>
  #identity: string | null = null
  #soon: Timer | null = null
  #inTurn: Timer | null = null
  #closed = false

  constructor(options: LooksOptions<Item, Held>) {
    this.#options = options
  }

  /** Names the database whose state is looked for from now on. */
  serve(identity: string): void {
    this.#identity = identity
  }

  /** Looks within that time, once for many calls. */
  soon(withinMs = leastSpreadMs): void {
    if (this.#closed || this.#soon !== null) return
    const { clock } = this.#options
    this.#soon = clock.after(clock.random() * withinMs, () => {
      this.#soon = null
      void this.intoCache().then(() => this.#intoStore())
    })
  }

  /** Takes the newest blob if it is ahead. Never rejects. */
  async intoCache(): Promise<void> {
    const { cache, snapshots, passed } = this.#options
    const identity = this.#identity
    const pointer = identity === null ? null : await cache.readPointer(identity)
    const mine = snapshots.current.position
    const isAheadOfMine = pointer !== null && (mine === null || isAhead(pointer.position, mine))
    if (identity === null || pointer === null || !isAheadOfMine || passed.has(pointer.position)) return
    const state = await cache.readBlob(identity, pointer)
    if (state !== null && !this.#closed && identity === this.#identity) this.#take(state)
  }

  close(): void {
    this.#closed = true
    this.#soon?.cancel()
    this.#inTurn?.cancel()
  }

  /** Content from Redis must not end a process, even if a subscriber to the snapshot or a logger throws because of it. */
  #take(state: CachedState<Item>): void {
    const { snapshots, storeOnly } = this.#options
    try {
      if (!storeOnly) snapshots.hearBlob(state)
    } catch {
      // An application's logger, for example. The store has the same content.
      this.soon()
    }
  }

  #intoStore(): void {
    if (this.#closed) return
    const { clock, fleet, waiting, pollSignal } = this.#options
    const spreadMs = waiting.isEmpty ? fleet.spreadMs : Math.min(waitedForMs, fleet.spreadMs)
    this.#inTurn?.cancel()
    this.#inTurn = clock.after(clock.random() * spreadMs, () => {
      this.#inTurn = null
      pollSignal.give()
    })
  }
}
