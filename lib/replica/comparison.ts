// Compares the whole content by one hash, rarely: it finds writes that passed the triggers by, which no position tells of.
import { errorText } from '../errors.js'
import type { Logger } from '../log.js'
import { digestOf } from '../store/digest.js'
import { type Store, samePosition } from '../store/store.js'
import type { Clock, Timer } from './clock.js'
import { type Snapshot, storedFeatures } from './snapshot.js'

export interface ComparisonOptions {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly intervalMs: number
  readonly snapshot: () => Snapshot
  /** Runs the work while no refresh runs. */
  readonly alone: (work: () => Promise<void>) => Promise<void>
  /** Reads everything again. */
  readonly reread: () => Promise<void>
}

const found = 'flags were written with the triggers off or missing; they were found by comparing the content'

export class Comparison {
  readonly #options: ComparisonOptions
  #timer: Timer | null = null
  #warning: string | null = null
  #closed = false

  constructor(options: ComparisonOptions) {
    this.#options = options
  }

  /** Compares every interval, jittered by a fifth, until `close`. */
  start(): void {
    if (this.#closed) return
    const { clock, intervalMs, alone, logger } = this.#options
    this.#timer = clock.after(intervalMs * (0.8 + 0.4 * clock.random()), () => {
      alone(() => this.#compare())
        .catch((error: unknown) => {
          logger.warn({ error: errorText(error) }, 'feature flags: the content could not be compared')
        })
        .finally(() => this.start())
    })
  }

  /** What `status()` says after a difference was found; null once contents are equal again. */
  warning(): string | null {
    return this.#warning
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
  }

  async #compare(): Promise<void> {
    const mine = this.#options.snapshot()
    if (this.#closed || mine.position === null) return
    const theirs = await this.#options.store.digest()
    if (theirs.inRecovery || !samePosition(theirs.position, mine.position)) return
    const equal = theirs.text === (await digestOf(storedFeatures(mine)))
    if (equal) this.#warning = null
    if (equal || this.#closed) return
    this.#warning = found
    this.#options.logger.warn({ position: mine.position }, `feature flags: ${found}`)
    await this.#options.reread()
  }
}
