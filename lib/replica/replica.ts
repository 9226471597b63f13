// A process's copy of the truth, and what keeps it current.
//
// States: new → (start) → running → (close) → closed. While running, one timer waits for the next poll, and at most
// one refresh or comparison runs at a time; whoever asks for a refresh during one gets the next, which starts after
// they asked.
// The snapshot is only ever replaced, in #swap, by one assignment.
import { errorText, StoreUnavailable } from '../errors.js'
import type { Logger } from '../log.js'
import { digestOf } from '../store/digest.js'
import { type Position, type Store, samePosition } from '../store/store.js'
import type { Clock, Timer } from './clock.js'
import type { DiskCopy } from './disk-copy.js'
import { type Listener, listenForHints } from './listen.js'
import { type FlagChange, type Refreshed, type RefreshKind, listChanges, refresh } from './refresh.js'
import {
  type Definitions,
  definitionsSnapshot,
  redefinedSnapshot,
  type Snapshot,
  type SnapshotSource,
  storedFeatures,
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
  readonly hints: number
}

const retryCapMs = 4_000
/** Hints reach every process at once; this spreads what they ask of the store. */
const hintSpreadMs = 40

export class Replica {
  readonly #options: ReplicaOptions
  readonly #refreshes: Record<RefreshKind | 'failed', number> = { none: 0, delta: 0, whole: 0, failed: 0 }
  #snapshot: Snapshot
  /** Ends when all work begun so far has ended. */
  #tail: Promise<void> = Promise.resolve()
  /** A refresh that has been asked for and has not started. */
  #queued: Promise<void> | null = null
  #timer: Timer | null = null
  #compareTimer: Timer | null = null
  #hintTimer: Timer | null = null
  #listener: Listener | null = null
  #last: Refreshed | null = null
  #verifiedAtMs: number | null = null
  #failures = 0
  #failure: string | null = null
  #tamper: string | null = null
  #hints = 0
  #closed = false

  constructor(options: ReplicaOptions) {
    this.#options = options
    this.#snapshot = definitionsSnapshot(options.definitions())
  }

  get snapshot(): Snapshot {
    return this.#snapshot
  }

  /** Resolves when there is a first snapshot: the store's, else the disk's, else the definitions' defaults. Never rejects. */
  async start(): Promise<void> {
    const { clock, bootDeadlineMs = 1_000 } = this.#options
    const first = this.refreshNow().catch(() => {
      // Counted, logged and scheduled again by #attempt; a boot needs no store.
    })
    let deadline: Timer | null = null
    const late = new Promise<void>((resolve) => {
      deadline = clock.after(bootDeadlineMs, resolve)
    })
    await Promise.race([first.finally(() => deadline?.cancel()), late])
    if (this.#verifiedAtMs === null) await this.#loadDisk()
    if (this.#closed) return
    this.#listener = this.#options.listen ? listenForHints(this.#options.store, () => this.#hint()) : null
    this.#scheduleCompare()
  }

  /**
   * Refreshes from the store, starting after this call, and resolves when the result is in place.
   * Rejects with StoreUnavailable when the store cannot be read; the snapshot stays as it was then.
   */
  refreshNow(): Promise<void> {
    if (this.#closed)
      return Promise.reject(new StoreUnavailable('not_started', 'feature flags are stopped: call start() first'))
    this.#queued ??= this.#oneAtATime(() => {
      this.#queued = null
      return this.#attempt()
    })
    return this.#queued
  }

  /** Takes over reloaded definitions. */
  redefine(): void {
    this.#swap(redefinedSnapshot(this.#snapshot, this.#options.definitions()), [], [])
  }

  status(): ReplicaStatus {
    const verified = this.#verifiedAtMs
    const listening = this.#listener?.warning() ?? null
    const warnings = [
      this.#failure,
      this.#storeWarning(),
      this.#tamper,
      listening,
      this.#options.disk?.warning() ?? null,
    ]
    return {
      position: this.#snapshot.position,
      source: this.#snapshot.source,
      ageMs: verified === null ? null : Math.max(0, Math.round(this.#options.clock.now() - verified)),
      degraded: verified === null || this.#failures > 0,
      warnings: warnings.filter((warning) => warning !== null),
    }
  }

  counts(): ReplicaCounts {
    return { refreshes: { ...this.#refreshes }, hints: this.#hints }
  }

  /** Ends timers and hints, waits for a refresh under way and writes the disk copy; safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true
    for (const timer of [this.#timer, this.#compareTimer, this.#hintTimer]) timer?.cancel()
    await this.#listener?.close()
    await this.#tail
    await this.#options.disk?.close()
  }

  #oneAtATime(task: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(task)
    this.#tail = done.catch(() => {
      // Whoever asked for the task hears of it; the next one starts all the same.
    })
    return done
  }

  async #attempt(): Promise<void> {
    if (this.#closed) return
    const { store, definitions, clock } = this.#options
    try {
      const onFault = (name: string, error: unknown) => this.#warnFault(name, error)
      const digest = this.#last?.digest ?? null
      this.#accept(await refresh({ store, current: () => this.#snapshot, digest, definitions, onFault }))
      this.#schedule(this.#pollDelay())
    } catch (error) {
      this.#fail(error)
      this.#schedule(clock.random() * Math.min(retryCapMs, 250 * 2 ** this.#failures))
      throw error
    }
  }

  #accept(result: Refreshed): void {
    const { clock, logger, disk } = this.#options
    if (this.#failures > 0) logger.info({ failures: this.#failures }, 'feature flags: the store answers again')
    if (result.wentBack) {
      const fields = { before: this.#snapshot.position, after: result.snapshot.position }
      logger.warn(fields, 'feature flags: the database went back (a restore or a failover); its state is taken over')
    }
    this.#refreshes[result.kind] += 1
    this.#failures = 0
    this.#failure = null
    this.#last = result
    this.#verifiedAtMs = clock.now()
    if (result.snapshot !== this.#snapshot) this.#swap(result.snapshot, result.changes, result.via)
    if (result.kind !== 'none') disk?.save(this.#snapshot)
  }

  #swap(snapshot: Snapshot, changes: readonly FlagChange[], via: readonly Position[]): void {
    this.#snapshot = snapshot
    this.#options.onSwap(snapshot, changes, via)
  }

  #fail(error: unknown): void {
    this.#failures += 1
    this.#refreshes.failed += 1
    this.#failure = `the store cannot be read: ${errorText(error)}`
    if (this.#failures > 1) return
    const fields = { error: errorText(error), position: this.#snapshot.position }
    this.#options.logger.warn(fields, 'feature flags: the store cannot be read; the last good snapshot stays')
  }

  async #loadDisk(): Promise<void> {
    const state = await this.#options.disk?.load()
    if (!state || this.#verifiedAtMs !== null || this.#closed) return
    const before = this.#snapshot
    const onFault = (name: string, error: unknown) => this.#warnFault(name, error)
    const snapshot = wholeSnapshot(before, state, this.#options.definitions(), 'disk', onFault)
    this.#swap(snapshot, listChanges(before, snapshot, snapshot.flags.keys()), [])
  }

  #warnFault(name: string, error: unknown): void {
    const fields = { flag: name, error: errorText(error) }
    this.#options.logger.warn(fields, 'feature flags: a stored flag could not be used; its last good value stays')
  }

  #hint(): void {
    this.#hints += 1
    if (this.#hintTimer !== null) return
    const { clock } = this.#options
    this.#hintTimer = clock.after(clock.random() * hintSpreadMs, () => {
      this.#hintTimer = null
      this.#refreshInBackground()
    })
  }

  #refreshInBackground(): void {
    if (this.#closed) return
    this.refreshNow().catch(() => {
      // Counted, logged and scheduled again by #attempt.
    })
  }

  #pollDelay(): number {
    const { clock, pollIntervalMs, contentIntervalMs = 60_000 } = this.#options
    const interval = this.#last?.positioned === false ? Math.max(pollIntervalMs, contentIntervalMs) : pollIntervalMs
    return interval * (0.8 + 0.4 * clock.random())
  }

  #schedule(delayMs: number): void {
    this.#timer?.cancel()
    if (!this.#closed) this.#timer = this.#options.clock.after(delayMs, () => this.#refreshInBackground())
  }

  #scheduleCompare(): void {
    const { clock, compareIntervalMs = 30 * 60_000 } = this.#options
    const delayMs = compareIntervalMs * (0.8 + 0.4 * clock.random())
    this.#compareTimer = clock.after(delayMs, () => {
      this.#oneAtATime(() => this.#compare())
        .catch((error: unknown) => {
          this.#options.logger.warn({ error: errorText(error) }, 'feature flags: the content could not be compared')
        })
        .finally(() => {
          if (!this.#closed) this.#scheduleCompare()
        })
    })
  }

  /** Finds writes that passed the triggers by: same position, other content. */
  async #compare(): Promise<void> {
    const mine = this.#snapshot
    if (this.#closed || mine.position === null || this.#last?.inRecovery) return
    const theirs = await this.#options.store.digest()
    if (!samePosition(theirs.position, mine.position)) return
    const equal = theirs.text === (await digestOf(storedFeatures(mine)))
    if (equal) this.#tamper = null
    if (equal || this.#closed) return
    this.#tamper = 'flags were written with the triggers off or missing; they were found by comparing the content'
    this.#options.logger.warn({ position: mine.position }, `feature flags: ${this.#tamper}`)
    const { store, definitions } = this.#options
    const state = await store.readAll()
    const before = this.#snapshot
    const snapshot = wholeSnapshot(before, state, definitions(), 'postgres', (name, error) =>
      this.#warnFault(name, error),
    )
    const names = new Set([...before.flags.keys(), ...snapshot.flags.keys()])
    this.#swap(snapshot, listChanges(before, snapshot, names), [])
    this.#options.disk?.save(snapshot)
  }

  #storeWarning(): string | null {
    if (this.#last?.inRecovery) return 'the database is a standby: it may lag, and it takes no writes'
    if (this.#last?.positioned !== false) return null
    return 'our own tables are missing (bin/feature-flag migrate makes them): the whole content is compared once a minute'
  }
}
