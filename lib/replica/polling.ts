// Decides when the store is asked: one timer waits for the next poll, and at most one refresh runs at a time. A caller that
// asks for a refresh during another one gets the next, which starts after the call. From here the news in an answer is
// published to the other processes, kept on disk, and written into the cache.
import { errorText, StoreUnavailable } from '../errors.js'
import type { Logger } from '../log.js'
import type { Clock, Timer } from '../time/clock.js'
import type { Content, Entry, Keyed } from './content.js'
import type { FleetSize } from './fleet-size.js'
import { PointerLook } from './peers/pointer-look.js'
import type { Peers, SeenPointer } from './peers/peers.js'
import { pollPauseMs, retryPauseMs } from './poll-interval.js'
import type { PollSignal } from './poll-signal.js'
import type { Comparison } from './refresh/comparison.js'
import type { Outcome, Refresher } from './refresh/refresher.js'
import type { StoreHealth } from './refresh/store-health.js'
import { logUnwatched, type TriggerWatch } from './refresh/trigger-watch.js'
import type { Snapshot, SnapshotCopy } from './snapshot.js'
import type { TwoSnapshots } from './two-snapshots.js'

export interface PollingOptions<Item extends Keyed, Held extends Entry<Item>> {
  readonly clock: Clock
  readonly logger: Logger
  readonly pollIntervalMs: number
  readonly content: Content<Item, Held>
  readonly snapshots: TwoSnapshots<Item, Held>
  readonly refresher: Refresher<Item, Held>
  readonly comparison: Comparison<Item, Held>
  readonly triggers: TriggerWatch
  readonly health: StoreHealth
  readonly fleet: FleetSize
  /** Subscribed to: each signal causes a refresh. */
  readonly pollSignal: PollSignal
  readonly disk: SnapshotCopy<Item, Held> | null
  readonly peers: Peers<Item, Held> | null
  /** Called with the names whose content differed although no position showed it. It never throws. */
  readonly onDifference?: (names: readonly string[]) => void
}

export class Polling<Item extends Keyed, Held extends Entry<Item>> {
  readonly #options: PollingOptions<Item, Held>
  readonly #pointers: PointerLook<Item, Held>
  /** Ends when all work begun so far has ended. */
  #tail: Promise<void> = Promise.resolve()
  /** A refresh that has been asked for and has not started. */
  #queued: Promise<void> | null = null
  #expectsChange = false
  #timer: Timer | null = null
  #savedGround: Snapshot<Held> | null = null
  #closed = false

  constructor(options: PollingOptions<Item, Held>) {
    this.#options = options
    this.#pointers = new PointerLook(options)
    options.pollSignal.subscribe(() => this.#refreshInBackground())
  }

  /** Notes that a change of this process waits to be read back: the next question asks for changes. */
  expectChange(): void {
    this.#expectsChange = true
  }

  /** Refreshes, starting after this call. Rejects with StoreUnavailable if the store cannot be read. */
  refreshNow(): Promise<void> {
    if (this.#closed)
      return Promise.reject(
        new StoreUnavailable('not_started', { problem: 'feature flags are stopped', remedy: 'call start() first' }),
      )
    this.#queued ??= this.#oneAtATime(() => {
      const expected = this.#expectsChange
      this.#expectsChange = false
      this.#queued = null
      return this.#attempt(expected)
    })
    return this.#queued
  }

  refreshQuietly(): Promise<void> {
    return this.refreshNow().catch(() => {
      // #attempt counts it, logs it and schedules the next try; checks need no store.
    })
  }

  /** From now on, the store is not asked. */
  stop(): void {
    this.#closed = true
    this.#timer?.cancel()
  }

  /** Resolves when the work under way has ended. */
  async ended(): Promise<void> {
    await this.#tail
  }

  #refreshInBackground(): void {
    if (!this.#closed) void this.refreshQuietly()
  }

  async #attempt(expectsChange: boolean): Promise<void> {
    if (this.#closed) return
    const { clock, snapshots, refresher, health, comparison, peers, triggers, fleet } = this.#options
    const before = snapshots.current.position
    try {
      const seen = (await peers?.lookAtPointer(expectsChange)) ?? null
      const question = peers?.ask() ?? 0
      const outcome = await refresher.refresh(expectsChange, !expectsChange && triggers.isDue)
      const { kind, standing, wentBack } = outcome
      health.succeeded({ kind, standing, wentBack, before, after: snapshots.current.position })
      if (!standing.inRecovery) peers?.answered(question)
      if (kind === 'none') snapshots.current.entries.compact()
      await this.#tell(outcome)
      if (!expectsChange) await this.#lookAtTriggers(outcome)
      this.#keep()
      this.#keepBlob(outcome, seen)
      this.#schedule(pollPauseMs(this.#options, fleet.isSmall ? comparison.dueInMs : null))
    } catch (error) {
      health.failed(error, before)
      this.#expectsChange ||= expectsChange
      // A writer that cannot read back its own change is one process, not a fleet.
      const fleetMs = expectsChange ? 0 : fleet.spreadMs
      this.#schedule(retryPauseMs(clock, health.failures, fleetMs))
      throw error
    }
  }

  async #tell({ standing, learned, news, differing }: Outcome<Item>): Promise<void> {
    const { peers, onDifference } = this.#options
    if (differing.length > 0) onDifference?.(differing)
    if (peers === null || !learned || standing.identity === null) return
    await peers.identify(standing.identity, true)
    if (news !== null) peers.announce(news)
    if (differing.length > 0) peers.tellDifference(differing)
  }

  /** The state of the triggers shows whether positions reveal all changes; if this fails, the next poll asks again. */
  async #lookAtTriggers({ standing, differing }: Outcome<Item>): Promise<void> {
    const { triggers, comparison, logger } = this.#options
    if (differing.length > 0) triggers.hurry()
    try {
      if (standing.guard !== undefined) await triggers.look(standing.guard)
    } catch (error) {
      logUnwatched(logger, error)
    }
    comparison.setBlind(standing.position === null || triggers.isBroken)
  }

  /** Only content that the store has confirmed goes to the disk. */
  #keep(): void {
    const { disk, snapshots } = this.#options
    const { ground, confirmed, stale } = snapshots
    if (disk === null || !confirmed || stale.size > 0) return
    if (ground === this.#savedGround) disk.keep(ground)
    else disk.save(ground)
    this.#savedGround = ground
  }

  /** In a task of its own: the caller of the refresh need not wait for a whole read. */
  #keepBlob({ standing, learned }: Outcome<Item>, seen: SeenPointer | null): void {
    const { peers, snapshots, logger } = this.#options
    // A standby's content may be old, so the cache is never filled from it.
    const isFit = learned && !standing.inRecovery && standing.position !== null && snapshots.confirmed
    if (peers === null || !isFit) return
    void this.#oneAtATime(async () => {
      if (this.#closed || (seen !== null && (await this.#pointers.judge(seen)) !== 'another')) return
      await peers.renewBlob(seen)
    }).catch((error: unknown) => {
      logger.debug({ error: errorText(error) }, 'feature flags: no blob was written')
    })
  }

  #schedule(delayMs: number): void {
    this.#timer?.cancel()
    if (!this.#closed) this.#timer = this.#options.clock.after(delayMs, () => this.#refreshInBackground())
  }

  #oneAtATime(task: () => Promise<void>): Promise<void> {
    const done = this.#tail.then(task)
    this.#tail = done.catch(() => {
      // The caller that asked for the task gets the error; the next task starts all the same.
    })
    return done
  }
}
