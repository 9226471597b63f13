// When a process that has booted from the cache asks the store whether that was right. Processes that boot together ask in
// turn, and none of them while more and more do: the database is busy enough while a fleet boots.
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
  /** Makes the whole content due to be compared: with the next question, or in turn, counted from a time of the clock. */
  readonly comparison: {
    now(): void
    soon(sinceMs: number): void
  }
  /** Asks the store. Never rejects. */
  readonly polling: {
    refreshQuietly(): Promise<void>
  }
}

/** A fleet that has grown by more than this meanwhile is still booting. */
const growing = 1.1

/** How long a start waits for the store to confirm what the cache held. */
const confirmMs = 250

export class BootConfirmation {
  readonly #options: BootConfirmationOptions
  /** Of its own: polls may come meanwhile, for other reasons, and each sets the timer of the next one. */
  #turn: Timer | null = null
  #closed = false

  constructor(options: BootConfirmationOptions) {
    this.#options = options
  }

  /**
   * Refreshes when it is this process's turn: within milliseconds where it is alone, after two poll intervals at the latest.
   * Resolves when that is done, and sooner where it takes more than a moment: no process may have kept the cache up to date
   * meanwhile, and a job that starts, asks and ends would have old answers; a large fleet always has. Never rejects.
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
