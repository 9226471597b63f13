// Decides when a process that has booted from the cache asks the store for confirmation. Processes that boot together ask in
// turn, and none of them asks while their number still grows: the database is already busy while a fleet boots.
//
// States: new → (confirm) → counting ⇄ waiting for the turn → asking → done; closed ends the wait.
import { atMost, type Clock, type Timer } from '../../time/clock.js'
import type { FleetSize } from '../fleet-size.js'

export interface BootConfirmationOptions {
  readonly clock: Clock
  readonly pollIntervalMs: number
  readonly fleet: FleetSize
  readonly peers: {
    countFleet(): Promise<void>
  }
  /** Makes the whole content due for comparison: with the next question, or in turn, counted from a time of the clock. */
  readonly comparison: {
    now(): void
    soon(sinceMs: number): void
  }
  /** Asks the store. Never rejects. */
  readonly polling: {
    refreshQuietly(): Promise<void>
  }
}

/** A fleet that has grown by more than this since the last count is still booting. */
const growing = 1.1

/** How long a start waits for the store to confirm the cache's content. */
const confirmMs = 250

export class BootConfirmation {
  readonly #options: BootConfirmationOptions
  /** A timer of its own: polls may come in between, for other reasons, and each sets the timer of the next poll. */
  #turn: Timer | null = null
  #closed = false

  constructor(options: BootConfirmationOptions) {
    this.#options = options
  }

  /**
   * Refreshes in this process's turn: within milliseconds if it is alone, after two poll intervals at the latest. Resolves when
   * that is done, or after a moment if it takes longer. It waits that moment because possibly no process has kept the cache up
   * to date, and a job that starts, asks and ends would have old answers; a large fleet has always kept it. Never rejects.
   */
  confirm(): Promise<void> {
    const { clock, pollIntervalMs } = this.#options
    const bootedAtMs = clock.now()
    const untilMs = bootedAtMs + 2 * pollIntervalMs
    const confirmed = new Promise<void>((resolve) => {
      void this.#ask({ bootedAtMs, untilMs, before: 0, done: resolve })
    })
    return atMost(clock, confirmMs, confirmed)
  }

  close(): void {
    this.#closed = true
    this.#turn?.cancel()
  }

  async #ask(boot: { bootedAtMs: number; untilMs: number; before: number; done: () => void }): Promise<void> {
    const { clock, fleet, peers } = this.#options
    await peers.countFleet()
    const leftMs = boot.untilMs - clock.now()
    if (fleet.count <= growing * boot.before || leftMs <= 0) {
      await this.#refresh(boot.bootedAtMs)
      boot.done()
      return
    }
    const turnMs = Math.min(leftMs, fleet.spreadMs * (0.2 + 0.8 * clock.random()))
    if (turnMs > confirmMs) boot.done()
    const next = { ...boot, before: fleet.count }
    if (!this.#closed) this.#turn = clock.after(turnMs, () => void this.#ask(next))
  }

  /** A small fleet compares the whole content. */
  #refresh(bootedAtMs: number): Promise<void> {
    const { fleet, comparison, polling } = this.#options
    if (fleet.isSmall) comparison.now()
    else comparison.soon(bootedAtMs)
    return polling.refreshQuietly()
  }
}
