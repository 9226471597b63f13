// How well the store can be read: the results of refreshes, counted and reported.
import { errorText } from '../../errors.js'
import type { Logger } from '../../log.js'
import type { Position } from '../../state/state.js'
import type { Standing } from '../../store/store.js'
import type { Clock } from '../../time/clock.js'
import type { RefreshKind } from './question.js'
import { programName } from '../../text/program-name.js'

const standby = 'the database is a standby: it may lag, and it takes no writes'
const unmigrated = () =>
  `our own tables are missing, or may not be read (${programName()} migrate makes them, its --grant gives the rights): the whole content is compared once a minute`

const moved =
  'the address of the database leads to another database now (an upgrade, a restored copy): everything was read from it'
const alternating =
  'two databases answer in turn at the address of the database, and the answers change with them: let the address lead to one of them'
const alternatingMs = 10 * 60_000
const mostMoves = 3

/** The result of a refresh. */
export interface Refreshed {
  readonly kind: RefreshKind
  readonly standing: Standing
  /** The primary is behind the position that this process had seen: a restore, or a failover that lost the last changes. */
  readonly wentBack: boolean
  readonly before: Position | null
  readonly after: Position | null
}

export class StoreHealth {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #isCommand: boolean
  readonly #refreshes: Record<RefreshKind | 'failed', number> = { none: 0, delta: 0, whole: 0, failed: 0 }
  #verifiedAtMs: number | null = null
  #failures = 0
  #failure: string | null = null
  #inRecovery = false
  #positioned = true
  #identity: string | null = null
  /** The recent times at which the address led to another database. */
  #movedAtMs: readonly number[] = []

  constructor(clock: Clock, logger: Logger, { isCommand = false }: { readonly isCommand?: boolean } = {}) {
    this.#clock = clock
    this.#logger = logger
    this.#isCommand = isCommand
  }

  /** The number of refreshes that failed in a row. */
  get failures(): number {
    return this.#failures
  }

  /** Whether the store has ever answered. */
  get verified(): boolean {
    return this.#verifiedAtMs !== null
  }

  /** False if our own tables are missing. */
  get positioned(): boolean {
    return this.#positioned
  }

  /** Milliseconds since the store last answered; null if it never has. */
  get ageMs(): number | null {
    return this.#verifiedAtMs === null ? null : Math.max(0, Math.round(this.#clock.now() - this.#verifiedAtMs))
  }

  succeeded({ kind, standing, wentBack, before, after }: Refreshed): void {
    const { inRecovery } = standing
    const positioned = standing.position !== null
    if (this.#failures > 0) this.#logger.info({ failures: this.#failures }, 'feature flags: the store answers again')
    if (wentBack) {
      const message =
        'feature flags: the database is at an older state than before (a restore or a failover); this state is used now'
      this.#logger.warn({ before, after }, message)
    }
    this.#refreshes[kind] += 1
    this.#failures = 0
    this.#failure = null
    if (inRecovery && !this.#inRecovery) this.#logger.warn({}, `feature flags: ${standby}`)
    if (this.#inRecovery && !inRecovery) this.#logger.info({}, 'feature flags: the database is a primary again')
    this.#inRecovery = inRecovery
    if (this.#positioned && !positioned) this.#logger.warn({}, `feature flags: ${unmigrated()}`)
    this.#positioned = positioned
    this.#noteIdentity(standing.identity)
    this.#verifiedAtMs = this.#clock.now()
  }

  #noteIdentity(identity: string | null): void {
    if (identity === null || identity === this.#identity) return
    const isFirst = this.#identity === null
    this.#identity = identity
    if (isFirst) return
    const wasAlternating = this.#alternates
    this.#movedAtMs = [...this.#movedAtMs.slice(1 - mostMoves), this.#clock.now()]
    if (!this.#alternates) this.#logger.warn({}, `feature flags: ${moved}`)
    else if (!wasAlternating) this.#logger.warn({}, `feature flags: ${alternating}`)
  }

  get #alternates(): boolean {
    const [first] = this.#movedAtMs
    return this.#movedAtMs.length === mostMoves && first !== undefined && this.#clock.now() - first < alternatingMs
  }

  /** Logs the first failure of a row only, and none before the first answer where a command reports it as its error. */
  failed(error: unknown, position: Position | null): void {
    this.#failures += 1
    this.#refreshes.failed += 1
    this.#failure = `the store cannot be read: ${errorText(error)}`
    if (this.#failures > 1 || (this.#isCommand && this.#verifiedAtMs === null)) return
    const meanwhile =
      position === null
        ? 'until it can be read, answers come from the copy on disk, otherwise from the defaults'
        : 'the last good snapshot stays'
    const fields = { error: errorText(error), position }
    this.#logger.warn(fields, `feature flags: the store cannot be read; ${meanwhile}`)
  }

  counts(): Readonly<Record<RefreshKind | 'failed', number>> {
    return { ...this.#refreshes }
  }

  warnings(): readonly (string | null)[] {
    return [
      this.#failure,
      this.#inRecovery ? standby : null,
      this.#positioned ? null : unmigrated(),
      this.#alternates ? alternating : null,
    ]
  }
}
