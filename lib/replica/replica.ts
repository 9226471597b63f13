// A process's copy of the truth, and what keeps it current.
//
// States: new → (start) → running → (close) → closed. While running, one timer waits for the next poll, and at most
// one refresh or comparison runs at a time; whoever asks for one meanwhile gets the next, which starts after they asked.
// The snapshot is only ever replaced, in #swap, by one assignment.

import type { Cache } from '../cache/cache.js'
import { errorText, StoreUnavailable } from '../errors.js'
import type { Logger } from '../log.js'
import type { Position, Store, StoredState } from '../store/store.js'
import { confirmInTurn } from './boot-turn.js'
import { atMost, type Clock, type Timer } from './clock.js'
import { Comparison } from './comparison.js'
import type { DiskCopy } from './disk-copy.js'
import { Exchange, type ExchangeHost, type HintCounts } from './exchange.js'
import { Health } from './health.js'
import { type Listener, listenForHints } from './listen.js'
import { pollPauseMs, retryPauseMs } from './pauses.js'
import { type FlagChange, listChanges, type RefreshKind, refresh } from './refresh.js'
import {
  type Definitions,
  definitionsSnapshot,
  type FeatureFault,
  redefinedSnapshot,
  type Snapshot,
  type SnapshotSource,
  wholeSnapshot,
} from './snapshot.js'

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
  /** How long the boot waits for the cache before it asks the store. */
  readonly cacheDeadlineMs?: number
  /** How long the boot waits for the store before it takes the disk's copy. */
  readonly bootDeadlineMs?: number
  /** How often the whole content is compared; default 30 min. */
  readonly compareIntervalMs?: number
  /** How often the content is compared where there is no position; default 60 s. */
  readonly contentIntervalMs?: number
  /** Called after each swap. */
  readonly onSwap: (snapshot: Snapshot, changes: readonly FlagChange[], via: readonly Position[]) => void
}

export interface ReplicaStatus {
  readonly position: Position | null
  readonly source: SnapshotSource
  /** Since the store last confirmed the snapshot; null while it never has. */
  readonly ageMs: number | null
  /** True while the store cannot be reached, or has never confirmed the snapshot. */
  readonly degraded: boolean
  readonly warnings: readonly string[]
}

export interface ReplicaCounts {
  readonly refreshes: Readonly<Record<RefreshKind | 'failed', number>>
  /** Hints of the store (LISTEN): each is a reason to look. */
  readonly hints: number
  /** Hints of other processes through the cache. */
  readonly shared: HintCounts
}

const stopped = 'stopped: nothing is read any more, and answers come from the last snapshot'

export class Replica {
  readonly #options: ReplicaOptions
  readonly #comparison: Comparison
  readonly #exchange: Exchange | null
  readonly #health: Health
  #snapshot: Snapshot
  /** Ends when all work begun so far has ended. */
  #tail: Promise<void> = Promise.resolve()
  /** A refresh that has been asked for and has not started. */
  #queued: Promise<void> | null = null
  #expectsChange = false
  #timer: Timer | null = null
  #listener: Listener | null = null
  /** The store's hash of the content after the last refresh, where there is no position. */
  #digest: string | null = null
  #closed = false

  readonly #warnFault: FeatureFault = (flag, error) => {
    const fields = { flag, error: errorText(error) }
    this.#options.logger.warn(fields, 'feature flags: a stored flag could not be used; its last good value stays')
  }

  constructor(options: ReplicaOptions) {
    this.#options = options
    this.#snapshot = definitionsSnapshot(options.definitions())
    this.#health = new Health(options.clock, options.logger)
    this.#comparison = this.#makeComparison(options)
    this.#exchange = options.cache === null ? null : new Exchange(options.cache, this.#exchangeHost())
  }

  get snapshot(): Snapshot {
    return this.#snapshot
  }

  /**
   * Resolves when there is a first snapshot: the cache's, which the store has confirmed where the fleet is small, else the
   * store's, else the disk's, else the definitions' defaults. Never rejects.
   */
  async start(): Promise<void> {
    const { store, clock, listen, cacheDeadlineMs = 250 } = this.#options
    this.#exchange?.subscribe()
    const exchange = this.#exchange
    const shared = exchange === null ? null : await exchange.boot(cacheDeadlineMs)
    if (exchange === null || shared === null) await this.#bootFromStore()
    else await this.#bootFromCache(exchange, shared)
    if (this.#closed) return
    this.#listener = listen ? listenForHints(store, clock, () => this.#refreshInBackground()) : null
    this.#comparison.start()
  }

  /**
   * Refreshes from the store, starting after this call, and resolves when the result is in place. `committed` is the position
   * that a change of this process has made: one question does then, and the others are told at once.
   * Rejects with StoreUnavailable when the store cannot be read; the snapshot stays as it was then.
   */
  refreshNow(committed: Position | null = null): Promise<void> {
    if (this.#closed)
      return Promise.reject(new StoreUnavailable('not_started', 'feature flags are stopped: call start() first'))
    if (committed !== null) this.#exchange?.wrote(committed)
    this.#expectsChange ||= committed !== null
    this.#queued ??= this.#oneAtATime(() => {
      const expected = this.#expectsChange
      this.#expectsChange = false
      this.#queued = null
      return this.#attempt(expected)
    })
    return this.#queued
  }

  /** Takes over reloaded definitions. */
  redefine(): void {
    this.#swap(redefinedSnapshot(this.#snapshot, this.#options.definitions()), [], [])
  }

  status(): ReplicaStatus {
    const health = this.#health
    const { position, source } = this.#snapshot
    if (this.#closed) return { position, source, ageMs: health.ageMs, degraded: true, warnings: [stopped] }
    const shared = [this.#options.disk?.warning() ?? null, this.#exchange?.warning() ?? null]
    const news = [this.#comparison.warning(), this.#listener?.warning() ?? null]
    return {
      position,
      source,
      ageMs: health.ageMs,
      degraded: health.failures > 0 || (!health.verified && source !== 'redis'),
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
    this.#timer?.cancel()
    this.#comparison.close()
    await this.#listener?.close()
    await this.#exchange?.close()
    await this.#tail
    await this.#options.disk?.close()
  }

  async #bootFromStore(): Promise<void> {
    const { clock, bootDeadlineMs = 1_000 } = this.#options
    const first = this.#refreshQuietly()
    await atMost(clock, bootDeadlineMs, first)
    if (!this.#health.verified) await this.#loadDisk()
  }

  async #bootFromCache(exchange: Exchange, state: StoredState): Promise<void> {
    const { clock, pollIntervalMs } = this.#options
    this.#takeWhole(state, 'redis')
    await confirmInTurn({
      clock,
      fleet: exchange,
      pollIntervalMs,
      wait: (ms, call) => this.#schedule(ms, call),
      refresh: () => this.#refreshQuietly(),
    })
  }

  #takeWhole(state: StoredState, source: SnapshotSource): void {
    const before = this.#snapshot
    const snapshot = wholeSnapshot(before, state, this.#options.definitions(), source, this.#warnFault)
    const names = new Set([...before.flags.keys(), ...snapshot.flags.keys()])
    this.#swap(snapshot, listChanges(before, snapshot, names), state.position === null ? [] : [state.position])
  }

  #makeComparison({ store, clock, logger, compareIntervalMs = 30 * 60_000 }: ReplicaOptions): Comparison {
    const alone = (work: () => Promise<void>) => this.#oneAtATime(work)
    const reread = async () => {
      this.#takeWhole(await store.readAll(), 'postgres')
      this.#options.disk?.save(this.#snapshot)
    }
    return new Comparison({
      store,
      clock,
      logger,
      intervalMs: compareIntervalMs,
      snapshot: () => this.#snapshot,
      alone,
      reread,
    })
  }

  #exchangeHost(): ExchangeHost {
    return {
      clock: this.#options.clock,
      pollIntervalMs: this.#options.pollIntervalMs,
      snapshot: () => this.#snapshot,
      definitions: () => this.#options.definitions(),
      onFault: this.#warnFault,
      take: (snapshot, changes, via) => {
        this.#swap(snapshot, changes, via)
        this.#options.disk?.save(snapshot)
      },
      check: () => this.#refreshInBackground(),
    }
  }

  #oneAtATime(task: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(task)
    this.#tail = done.catch(() => {
      // Whoever asked for the task hears of it; the next one starts all the same.
    })
    return done
  }

  async #attempt(expectsChange: boolean): Promise<void> {
    if (this.#closed) return
    const { store, definitions, clock, disk } = this.#options
    const before = this.#snapshot.position
    try {
      const seen = (await this.#exchange?.lookAtPointer(expectsChange)) ?? null
      const current = () => this.#snapshot
      const onFault = this.#warnFault
      const nextTurn = () => clock.nextTurn()
      const input = { store, current, digest: this.#digest, definitions, onFault, nextTurn, expectsChange }
      const result = await refresh(input)
      this.#digest = result.digest
      this.#health.succeeded(result, before)
      if (result.snapshot !== this.#snapshot) this.#swap(result.snapshot, result.changes, result.via)
      if (result.kind === 'none') this.#snapshot.flags.settle()
      else disk?.save(this.#snapshot)
      this.#exchange?.refreshed(result, seen)
      this.#schedule(pollPauseMs(this.#options, this.#health.positioned))
    } catch (error) {
      this.#health.failed(error, before)
      this.#expectsChange ||= expectsChange
      // A writer that cannot read back what it wrote is one, not a fleet.
      const fleetMs = expectsChange ? 0 : (this.#exchange?.fleetSpreadMs ?? 0)
      this.#schedule(retryPauseMs(clock, this.#health.failures, fleetMs))
      throw error
    }
  }

  #swap(snapshot: Snapshot, changes: readonly FlagChange[], via: readonly Position[]): void {
    this.#snapshot = snapshot
    this.#exchange?.moved(via)
    this.#options.onSwap(snapshot, changes, via)
  }

  async #loadDisk(): Promise<void> {
    const state = await this.#options.disk?.load()
    if (!state || this.#health.verified || this.#closed) return
    this.#takeWhole(state, 'disk')
  }

  #refreshInBackground(): void {
    if (!this.#closed) void this.#refreshQuietly()
  }

  #refreshQuietly(): Promise<void> {
    return this.refreshNow().catch(() => {
      // Counted, logged and scheduled again by #attempt; checks need no store.
    })
  }

  #schedule(delayMs: number, call = () => this.#refreshInBackground()): void {
    this.#timer?.cancel()
    if (!this.#closed) this.#timer = this.#options.clock.after(delayMs, call)
  }
}
