// A process's copy of the truth, and what keeps it current.
//
// States: new → (start) → running → (close) → closed. While running, polling.ts asks the store, exchange.ts hears and tells the
// other processes, and both hand what they learn to two-snapshots.ts. What checks read is only ever replaced, in #swap.

import type { Cache, CachedState, Found } from '../cache/cache.js'
import { errorText } from '../errors.js'
import type { Logger } from '../log.js'
import type { Position, StoredWhole } from '../state/state.js'
import type { Store, TriggerReport } from '../store/store.js'
import { findState } from './boot-state.js'
import { confirmInTurn } from './boot-turn.js'
import { atMost, type Clock, type Timer } from '../time/clock.js'
import { Comparison } from './comparison.js'
import type { DiskCopy } from './disk/copy.js'
import { Exchange, type ExchangeHost, type HintCounts } from './peers/exchange.js'
import { mostRows, turnMs } from './fleet-shares.js'
import { Health } from './health.js'
import { type Listener, listenForHints } from './listen.js'
import { Polling } from './polling.js'
import type { RefreshKind } from './refresh.js'
import { Refresher } from './refresher.js'
import type { Definitions, FeatureFault, Snapshot, SnapshotSource } from './snapshot.js'
import { TriggerWatch } from './trigger-watch.js'
import { type FlagChange, type Swap, TwoSnapshots } from './two-snapshots.js'

export interface ReplicaOptions {
  readonly store: Store
  readonly definitions: () => Definitions
  readonly clock: Clock
  readonly logger: Logger
  readonly pollIntervalMs: number
  /** Whether to hear the store's hints. */
  readonly listen: boolean
  /** Null: nothing is kept on disk. */
  readonly disk: DiskCopy | null
  /** What is shared with other processes; null: nothing. */
  readonly cache: Cache | null
  /** Whether nothing but the store is answered from, as on the command line: not the cache, its hints, or the disk. Default: false. */
  readonly storeOnly?: boolean
  /** How long the boot waits for the cache before it asks the store. */
  readonly cacheDeadlineMs?: number
  /** How long the boot waits for the store before it takes the disk's copy. */
  readonly bootDeadlineMs?: number
  /** How often the whole content is compared; default 30 min. */
  readonly compareIntervalMs?: number
  /** How often the content is compared after a difference, and where there is no position; default 60 s. */
  readonly contentIntervalMs?: number
  /** Called after each swap. */
  readonly onSwap: (snapshot: Snapshot, changes: readonly FlagChange[], via: readonly Position[]) => void
}

export interface ReplicaStatus {
  readonly position: Position | null
  readonly source: SnapshotSource
  /** Since the store last answered; null while it never has. */
  readonly ageMs: number | null
  /** True while the store cannot be reached, or has never answered. */
  readonly degraded: boolean
  /** Whether the triggers that keep the history are whole; null while the store was not asked, or has none. */
  readonly triggers: TriggerReport | null
  readonly warnings: readonly string[]
}

export interface ReplicaCounts {
  readonly refreshes: Readonly<Record<RefreshKind | 'failed', number>>
  /** Hints of the store (LISTEN): each is a reason to look. */
  readonly hints: number
  /** Hints of other processes through the cache. */
  readonly shared: HintCounts
}

/** A change that this process has written. */
export interface OwnWrite {
  /** The position that it made; null where the triggers made none. */
  readonly position: Position | null
  readonly names: Iterable<string>
}

const stopped = 'stopped: nothing is read any more, and answers come from the last snapshot'

export class Replica {
  readonly #options: ReplicaOptions
  readonly #snapshots: TwoSnapshots
  readonly #comparison: Comparison
  readonly #triggers: TriggerWatch
  readonly #refresher: Refresher
  readonly #polling: Polling
  readonly #exchange: Exchange | null
  readonly #health: Health
  #listener: Listener | null = null
  /** Until this process asks the store whether the cache was right. */
  #turn: Timer | null = null
  #closed = false

  readonly #warnFault: FeatureFault = (flag, error) => {
    const fields = { flag, error: errorText(error) }
    this.#options.logger.warn(fields, 'feature flags: a stored flag could not be used; its last good value stays')
  }

  constructor(options: ReplicaOptions) {
    const { store, clock, logger, definitions, cache } = options
    this.#options = options
    this.#snapshots = new TwoSnapshots({ now: () => clock.now(), definitions, onFault: this.#warnFault })
    this.#health = new Health(clock, logger)
    this.#triggers = new TriggerWatch(store, logger, clock)
    const snapshots = this.#snapshots
    const comparison = new Comparison({ ...options, turnMs: () => turnMs(this.#fleet, snapshots.ground) })
    this.#comparison = comparison
    const swap = (next: Swap) => this.#swap(next)
    const rows = () => mostRows(this.#fleet, options.pollIntervalMs)
    this.#refresher = new Refresher({ store, clock, snapshots, comparison, swap, mostRows: rows })
    this.#exchange = cache === null ? null : new Exchange(cache, this.#exchangeHost())
    this.#polling = new Polling({
      ...options,
      snapshots,
      refresher: this.#refresher,
      comparison,
      triggers: this.#triggers,
      health: this.#health,
      exchange: this.#exchange,
    })
  }

  get snapshot(): Snapshot {
    return this.#snapshots.current
  }

  /**
   * Resolves when there is a first snapshot: the cache's, which the store has compared where the fleet is small, otherwise the
   * store's, otherwise the disk's, otherwise the definitions' defaults. Never rejects.
   */
  async start(): Promise<void> {
    const { store, clock, listen } = this.#options
    const { disk, cacheDeadlineMs, bootDeadlineMs, storeOnly } = this.#options
    const exchange = storeOnly ? null : this.#exchange
    const late = (found: Found) => this.#takeLate(found)
    const question = { store, disk, clock, late, cacheDeadlineMs, bootDeadlineMs }
    const state = exchange === null ? null : await findState({ exchange, ...question })
    if (exchange === null || state === null) await this.#bootFromStore()
    else await this.#bootFromCache(exchange, state)
    if (!this.#closed && listen)
      this.#listener = listenForHints(store, clock, () => this.#polling.refreshInBackground())
  }

  /**
   * Refreshes from the store, starting after this call, and resolves when the result is in place. `own` is what a change of
   * this process has written: one question reads it back by content then, and the others are told at once.
   * Rejects with StoreUnavailable when the store cannot be read; the snapshot stays as it was then.
   */
  refreshNow(own: OwnWrite | null = null): Promise<void> {
    if (own !== null && !this.#closed) this.#noteOwn(own)
    return this.#polling.refreshNow()
  }

  /** Takes over reloaded definitions. */
  redefine(): void {
    this.#swap(this.#snapshots.redefine())
  }

  status(): ReplicaStatus {
    const health = this.#health
    const { position, source } = this.snapshot
    const triggers = this.#triggers.report
    if (this.#closed) return { position, source, ageMs: health.ageMs, degraded: true, triggers, warnings: [stopped] }
    const shared = [this.#options.disk?.warning() ?? null, ...(this.#exchange?.warnings() ?? [])]
    const news = [this.#triggers.warning(), this.#comparison.warning(), this.#listener?.warning() ?? null]
    return {
      position,
      source,
      ageMs: health.ageMs,
      degraded: health.failures > 0 || (!health.verified && source !== 'redis'),
      triggers,
      warnings: [...health.warnings(), ...news, ...shared].filter((warning) => warning !== null),
    }
  }

  counts(): ReplicaCounts {
    const shared = this.#exchange?.counts() ?? { heard: 0, applied: 0, ignored: 0, missed: 0 }
    return { refreshes: this.#health.counts(), hints: this.#listener?.count() ?? 0, shared }
  }

  /** Ends timers and hints, waits for a refresh under way and writes the disk copy; safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true
    this.#turn?.cancel()
    this.#polling.stop()
    await this.#listener?.close()
    await this.#exchange?.close()
    await this.#polling.ended()
    await this.#options.disk?.close()
  }

  get #fleet(): number {
    return this.#exchange?.fleet ?? 1
  }

  /** What the cache said after the boot had given up on it. */
  #takeLate({ state }: Found): void {
    if (state === null || this.#closed) return
    if (this.#snapshots.ground.identity !== null) this.#exchangeHost().hearBlob(state)
    else if (!this.#health.verified) {
      this.#begin(state, 'redis')
      this.#comparison.soon()
    }
  }

  async #bootFromStore(): Promise<void> {
    const { clock, storeOnly = false, bootDeadlineMs = 1_000 } = this.#options
    const first = this.#polling.refreshQuietly()
    await atMost(clock, bootDeadlineMs, first)
    if (!this.#health.verified && !storeOnly) await this.#loadDisk()
  }

  async #bootFromCache(exchange: Exchange, state: CachedState): Promise<void> {
    const { clock, pollIntervalMs } = this.#options
    this.#begin(state, 'redis')
    this.#refresher.knowDigest(state.position, state.digest)
    const bootedAtMs = clock.now()
    await confirmInTurn({
      clock,
      fleet: exchange,
      pollIntervalMs,
      // By a timer of its own: polls may come meanwhile, for other reasons, and each sets the timer of the next one.
      wait: (ms, call) => {
        if (!this.#closed) this.#turn = clock.after(ms, call)
      },
      refresh: (isSmall) => {
        if (isSmall) this.#comparison.now()
        else this.#comparison.soon(bootedAtMs)
        return this.#polling.refreshQuietly()
      },
    })
  }

  #begin(state: Parameters<TwoSnapshots['begin']>[0], source: 'redis' | 'disk'): void {
    this.#swap(this.#snapshots.begin(state, source))
    if (state.identity !== null) void this.#exchange?.identify(state.identity, false)
  }

  #exchangeHost(): ExchangeHost {
    const { clock, logger, pollIntervalMs, store, storeOnly = false } = this.#options
    const swap = (next: Swap | null) => {
      if (next !== null) this.#swap(next)
    }
    return {
      clock,
      logger,
      pollIntervalMs,
      current: () => this.snapshot,
      hear: (hints, chain) =>
        storeOnly ? this.#polling.refreshInBackground() : swap(this.#snapshots.hear(hints, chain)),
      hearBlob: (state) => (storeOnly ? undefined : swap(this.#snapshots.hearBlob(state))),
      differs: (names) => {
        this.#triggers.hurry()
        if (names === null) this.#comparison.soon()
        else this.#refresher.addDue(names)
      },
      check: () => this.#polling.refreshInBackground(),
      readWhole: (): Promise<StoredWhole> => this.#refresher.readWhole(),
      isKnown: async (position) => (await store.head(position, { guard: false })).known,
    }
  }

  /** What was written is read back by content: the triggers may have been off. */
  #noteOwn({ position, names }: OwnWrite): void {
    const written = [...names]
    this.#polling.expectChange()
    this.#refresher.addDue(written)
    if (position !== null) this.#exchange?.wrote(position)
    else {
      this.#triggers.hurry()
      this.#exchange?.tellDifference(written)
      this.#comparison.soon()
    }
  }

  #swap({ snapshot, changes, via }: Swap): void {
    this.#exchange?.moved(via)
    this.#options.onSwap(snapshot, changes, via)
  }

  async #loadDisk(): Promise<void> {
    const state = await this.#options.disk?.load(null)
    if (!state || this.#health.verified || this.#closed) return
    this.#begin(state, 'disk')
    this.#comparison.now()
  }
}
