// Deletes sign-ins, one-time codes and keys that have ended. Each server does it once an hour, at its own minute; whichever comes first finds
// most of them, and a statement deletes a thousand at most.
import { errorText } from '../../errors.js'
import type { Logger } from '../../log.js'
import { mostPruned, type SignInStore } from '../../store/sign-ins.js'
import type { Clock, Timer } from '../../time/clock.js'

export interface PruningOptions {
  readonly store: Pick<SignInStore, 'prune'>
  readonly logger: Logger
  readonly clock: Clock
}

const everyMs = 3_600_000
/** Not at the start, when a server has other things to do. */
const earliestMs = 60_000
/** What is left after so many statements waits for the next hour. */
const mostStatements = 100

export class Pruning {
  readonly #options: PruningOptions
  #timer: Timer | null
  #working: Promise<void> = Promise.resolve()

  constructor(options: PruningOptions) {
    const { clock } = options
    this.#options = options
    this.#timer = clock.after(earliestMs + clock.random() * (everyMs - earliestMs), () => this.#begin())
  }

  /** Waits for the statement under way; none begins afterwards. */
  async close(): Promise<void> {
    this.#timer?.cancel()
    this.#timer = null
    await this.#working
  }

  #begin(): void {
    this.#timer = this.#options.clock.after(everyMs, () => this.#begin())
    this.#working = this.#prune()
  }

  async #prune(): Promise<void> {
    const { store, logger } = this.#options
    try {
      for (let count = 0; count < mostStatements && this.#timer !== null; count += 1) {
        if ((await store.prune()) < mostPruned) return
      }
    } catch (error) {
      // Without the tables or the rights signing in says so, and an outage is logged by those who read.
      logger.debug({ error: errorText(error) }, 'http: old sign-ins could not be deleted, and are next hour')
    }
  }
}
