// How well the store can be read: what refreshes met, counted and told.
import { errorText } from '../errors.js'
import type { Logger } from '../log.js'
import type { Position } from '../store/store.js'
import type { Clock } from './clock.js'
import type { Refreshed, RefreshKind } from './refresh.js'

const standby = 'the database is a standby: it may lag, and it takes no writes'
const unmigrated =
  'our own tables are missing (bin/feature-flag migrate makes them): the whole content is compared once a minute'

export class Health {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #refreshes: Record<RefreshKind | 'failed', number> = { none: 0, delta: 0, whole: 0, failed: 0 }
  #verifiedAtMs: number | null = null
  #failures = 0
  #failure: string | null = null
  #inRecovery = false
  #positioned = true

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock
    this.#logger = logger
  }

  /** Refreshes failed in a row. */
  get failures(): number {
    return this.#failures
  }

  /** Whether the store has ever confirmed the snapshot. */
  get verified(): boolean {
    return this.#verifiedAtMs !== null
  }

  /** False where our own tables are missing. */
  get positioned(): boolean {
    return this.#positioned
  }

  /** Milliseconds since the store last confirmed the snapshot; null while it never has. */
  get ageMs(): number | null {
    return this.#verifiedAtMs === null ? null : Math.max(0, Math.round(this.#clock.now() - this.#verifiedAtMs))
  }

  succeeded(result: Refreshed, before: Position | null): void {
    if (this.#failures > 0) this.#logger.info({ failures: this.#failures }, 'feature flags: the store answers again')
    if (result.wentBack) {
      const fields = { before, after: result.snapshot.position }
      this.#logger.warn(
        fields,
        'feature flags: the database went back (a restore or a failover); its state is taken over',
      )
    }
    this.#refreshes[result.kind] += 1
    this.#failures = 0
    this.#failure = null
    if (result.inRecovery && !this.#inRecovery) this.#logger.warn({}, `feature flags: ${standby}`)
    if (this.#inRecovery && !result.inRecovery) this.#logger.info({}, 'feature flags: the database is a primary again')
    this.#inRecovery = result.inRecovery
    if (this.#positioned && !result.positioned) this.#logger.warn({}, `feature flags: ${unmigrated}`)
    this.#positioned = result.positioned
    this.#verifiedAtMs = this.#clock.now()
  }

  /** Logs the first failure of a row only. */
  failed(error: unknown, position: Position | null): void {
    this.#failures += 1
    this.#refreshes.failed += 1
    this.#failure = `the store cannot be read: ${errorText(error)}`
    if (this.#failures > 1) return
    const meanwhile =
      position === null
        ? 'answers come from the copy on disk, else from the defaults, until it can'
        : 'the last good snapshot stays'
    const fields = { error: errorText(error), position }
    this.#logger.warn(fields, `feature flags: the store cannot be read; ${meanwhile}`)
  }

  counts(): Readonly<Record<RefreshKind | 'failed', number>> {
    return { ...this.#refreshes }
  }

  warnings(): readonly (string | null)[] {
    return [this.#failure, this.#inRecovery ? standby : null, this.#positioned ? null : unmigrated]
  }
}
