// A process's copy of the truth, and the parts that keep it current.
//
// States: new → (start) → running → (close) → closed. While running, polling.ts asks the store, and peers/ hears the other
// processes and publishes to them. Both hand their news to two-snapshots.ts, which replaces the current snapshot
// (current-snapshot.ts). The parts below are in an order in which each knows only those before it.
import type { Cache, CachedState, Found } from '../cache/cache.js'
import { errorText } from '../errors.js'
import type { Logger } from '../log.js'
import type { Position } from '../state/state.js'
import type { StoreReader, TriggerReport } from '../store/store.js'
import { atMost, type Clock, type Timer } from '../time/clock.js'
import type { Content, Entry, Keyed } from './content.js'
import { CurrentSnapshot } from './current-snapshot.js'
import { FleetSize } from './fleet-size.js'
import { BootConfirmation } from './peers/boot-confirmation.js'
import { findState } from './peers/boot-state.js'
import type { HintCounts } from './peers/heard.js'
import { Peers } from './peers/peers.js'
import { PollSignal } from './poll-signal.js'
import { Polling } from './polling.js'
import { Comparison } from './refresh/comparison.js'
import type { RefreshKind } from './refresh/question.js'
import { Refresher } from './refresh/refresher.js'
import { StoreHealth } from './refresh/store-health.js'
import { TriggerWatch } from './refresh/trigger-watch.js'
import { firstSnapshot, type Snapshot, type SnapshotCopy, type SnapshotSource } from './snapshot.js'
import { type Listener, listenForHints } from './store-hints.js'
import { TwoSnapshots } from './two-snapshots.js'

export interface ReplicaOptions<Item extends Keyed, Held extends Entry<Item>> {
  readonly content: Content<Item, Held>
  readonly store: StoreReader<Item>
  readonly clock: Clock
  readonly logger: Logger
  readonly pollIntervalMs: number
  /** Whether to hear the store's hints. */
  readonly listen: boolean
  /** Null: no copy is kept on disk. */
  readonly disk: SnapshotCopy<Item, Held> | null
  /** The cache that is shared with other processes; null: none. */
  readonly cache: Cache<Item> | null
  /** Whether only the store is answered from, as on the command line: not the cache, its hints, or the disk. Default: false. */
  readonly storeOnly?: boolean
  /** How long the boot waits for the cache before it asks the store; default 250 ms. */
  readonly cacheDeadlineMs?: number
  /** How long the boot waits for the store before it takes the disk's copy; default 1 s. */
  readonly bootDeadlineMs?: number
  /** How often the whole content is compared; default 30 min. */
  readonly compareIntervalMs?: number
  /** How often the content is compared after a difference, and where there is no position; default 60 s. */
  readonly contentIntervalMs?: number
  /** Called with the names whose content differed although no position showed it. It never throws. */
  readonly onDifference?: (names: readonly string[]) => void
}

export interface ReplicaStatus {
  readonly position: Position | null
  readonly source: SnapshotSource
  /** Milliseconds since the store last answered; null if it never has. */
  readonly ageMs: number | null
  /** True while the store cannot be reached, or has never answered. */
  readonly degraded: boolean
  /** Whether the triggers that keep the history are whole; null if the store was not asked, or has none. */
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
  /** The position that it made; null if the triggers made none, undefined if the writer does not know it. */
  readonly position: Position | null | undefined
  readonly names: Iterable<string>
}

const findAgainMs = 2_000
const stopped = 'stopped: nothing is read any more, and answers come from the last snapshot'

export class Replica<Item extends Keyed, Held extends Entry<Item>> {
  /** The snapshot that readers have now; the parts that must hear of a new one subscribe. */
  readonly current: CurrentSnapshot<Held>
  readonly #options: ReplicaOptions<Item, Held>
  readonly #snapshots: TwoSnapshots<Item, Held>
  readonly #comparison: Comparison<Item, Held>
  readonly #triggers: TriggerWatch
  readonly #refresher: Refresher<Item, Held>
  readonly #peers: Peers<Item, Held> | null
  readonly #health: StoreHealth
  readonly #polling: Polling<Item, Held>
  readonly #confirmation: BootConfirmation | null
  readonly #pollSignal = new PollSignal()
  #listener: Listener | null = null
  #finding: Timer | null = null
  #closed = false

  constructor(options: ReplicaOptions<Item, Held>) {
    const { content, clock, logger, pollIntervalMs, cache, storeOnly = false } = options
    const pollSignal = this.#pollSignal
    const fleet = new FleetSize(pollIntervalMs)
    const current = new CurrentSnapshot(firstSnapshot(content))
    const snapshots = new TwoSnapshots({ current, clock, content, onFault: (name, error) => this.#warn(name, error) })
    const comparison = new Comparison({ ...options, snapshots, fleet })
    const triggers = new TriggerWatch({ ...options, fleet })
    const refresher = new Refresher({ ...options, snapshots, comparison, fleet })
    const below = { ...options, current, snapshots, comparison, triggers, refresher, fleet, pollSignal }
    const peers = cache === null ? null : new Peers({ ...below, cache, storeOnly })
    const health = new StoreHealth(clock, logger, { isCommand: storeOnly })
    const polling = new Polling({ ...below, peers, health })
    this.current = current
    this.#options = options
    this.#snapshots = snapshots
    this.#comparison = comparison
    this.#triggers = triggers
    this.#refresher = refresher
    this.#peers = peers
    this.#health = health
    this.#polling = polling
    this.#confirmation =
      peers === null ? null : new BootConfirmation({ clock, pollIntervalMs, fleet, peers, comparison, polling })
  }

  get snapshot(): Snapshot<Held> {
    return this.current.value
  }

  /**
   * Resolves when there is a first snapshot: the cache's, which the store has compared if the fleet is small, otherwise the
   * store's, otherwise the disk's, otherwise one with nothing stored. Never rejects.
   */
  async start(): Promise<void> {
    const { store, clock, listen, storeOnly = false } = this.#options
    const peers = storeOnly ? null : this.#peers
    const state = peers === null ? null : await this.#findState(peers)
    if (state === null) await this.#bootFromStore()
    else await this.#bootFromCache(state)
    if (peers !== null) this.#findAgain(peers)
    if (!this.#closed && listen) this.#listener = listenForHints(store, clock, this.#pollSignal)
  }

  /**
   * Refreshes from the store, starting after this call, and resolves when the result is in place. `own` is a change that this
   * process has written: then one question reads it back by content, and its hint is published at once. Rejects with
   * StoreUnavailable if the store cannot be read; the snapshot stays as it was in that case.
   */
  refreshNow(own: OwnWrite | null = null): Promise<void> {
    if (own !== null && !this.#closed) this.#noteOwn(own)
    return this.#polling.refreshNow()
  }

  /**
   * Asks the store what it holds under these names, whatever the positions say. Starts after this call, and resolves when the answer
   * is in place. Rejects as `refreshNow`.
   */
  look(names: Iterable<string>): Promise<void> {
    this.#refresher.addDue(names)
    return this.#polling.refreshNow()
  }

  /** Takes over a change of the names that need nothing stored: reloaded definitions. */
  redefine(): void {
    this.#snapshots.redefine()
  }

  status(): ReplicaStatus {
    const health = this.#health
    const { position, source } = this.snapshot
    const triggers = this.#triggers.report
    if (this.#closed) return { position, source, ageMs: health.ageMs, degraded: true, triggers, warnings: [stopped] }
    const shared = [this.#options.disk?.warning() ?? null, ...(this.#peers?.warnings() ?? [])]
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
    const shared = this.#peers?.counts() ?? { heard: 0, applied: 0, ignored: 0, missed: 0 }
    return { refreshes: this.#health.counts(), hints: this.#listener?.count() ?? 0, shared }
  }

  /** Ends timers and hints, waits for a refresh under way and writes the disk copy; safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true
    this.#finding?.cancel()
    this.#confirmation?.close()
    this.#polling.stop()
    await this.#listener?.close()
    await this.#peers?.close()
    await this.#polling.ended()
    await this.#options.disk?.close()
  }

  async #findState(peers: Peers<Item, Held>): Promise<CachedState<Item> | null> {
    const { store, disk, clock, cacheDeadlineMs, bootDeadlineMs } = this.#options
    const question = { peers, store, disk, clock, cacheDeadlineMs, bootDeadlineMs }
    const { state, late } = await findState(question)
    void late?.then((found) => this.#takeLate(found))
    return state
  }

  /** The cache's answer after the boot has given up on it. */
  #takeLate({ state }: Pick<Found<Item>, 'state'>): void {
    if (state === null || this.#closed) return
    if (this.#snapshots.ground.identity !== null) this.#snapshots.hearBlob(state)
    else if (!this.#health.verified) {
      this.#begin(state, 'redis')
      this.#comparison.soon()
    }
  }

  /**
   * A cache that had no answer for the boot, because it was slow or away for a moment, is asked again until there is content from
   * anywhere: the store may be away for hours.
   */
  #findAgain(peers: Peers<Item, Held>): void {
    const isNeeded = () => !this.#closed && this.snapshot.source === 'definitions'
    if (!isNeeded()) return
    const { clock } = this.#options
    this.#finding = clock.after(findAgainMs * (0.5 + clock.random()), () => {
      void this.#findState(peers)
        .then((state) => this.#takeLate({ state }))
        .catch((error: unknown) => {
          this.#options.logger.debug({ error: errorText(error) }, 'feature flags: the copy in Redis was not taken')
        })
        .finally(() => this.#findAgain(peers))
    })
  }

  async #bootFromStore(): Promise<void> {
    const { clock, storeOnly = false, bootDeadlineMs = 1_000 } = this.#options
    const first = this.#polling.refreshQuietly()
    await atMost(clock, bootDeadlineMs, first)
    if (!this.#health.verified && !storeOnly) await this.#loadDisk()
  }

  async #bootFromCache(state: CachedState<Item>): Promise<void> {
    this.#begin(state, 'redis')
    this.#refresher.knowDigest(state.position, state.digest)
    await this.#confirmation?.confirm()
  }

  #begin(state: Parameters<TwoSnapshots<Item, Held>['begin']>[0], source: 'redis' | 'disk'): void {
    this.#snapshots.begin(state, source)
    if (state.identity !== null) void this.#peers?.identify(state.identity, false)
  }

  /** An own write is read back by content, because the triggers may have been off. */
  #noteOwn({ position, names }: OwnWrite): void {
    const written = [...names]
    this.#polling.expectChange()
    this.#refresher.addDue(written)
    if (position === undefined) this.#peers?.wroteNewest()
    else if (position !== null) this.#peers?.wrote(position)
    else {
      this.#triggers.hurry()
      this.#peers?.tellDifference(written)
      this.#comparison.soon()
    }
  }

  async #loadDisk(): Promise<void> {
    const state = await this.#options.disk?.load(null)
    if (!state || this.#health.verified || this.#closed) return
    this.#begin(state, 'disk')
    this.#comparison.now()
  }

  #warn(flag: string, error: unknown): void {
    const fields = { flag, error: errorText(error) }
    this.#options.logger.warn(fields, 'feature flags: a stored flag could not be used; its last good value stays')
  }
}
