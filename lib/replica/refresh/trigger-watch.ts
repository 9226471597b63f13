// Watches the triggers that keep position and history. Answers of the store carry their fingerprint, and each new one is a
// reason to ask for their faults. While they are broken, no position shows changes. In a large fleet, not every poll asks for
// the fingerprint: one of its processes sees the loss at once, and publishes the differences that it finds.
import { errorText } from '../../errors.js'
import type { Logger } from '../../log.js'
import type { StoreReader, TriggerFault, TriggerReport } from '../../store/store.js'
import type { Clock } from '../../time/clock.js'
import type { FleetSize } from '../fleet-size.js'
import { programName } from '../../text/program-name.js'

/** More than these are counted, not named. */
const mostNamed = 5
/** Each process of a large fleet asks for the fingerprint once in this time. */
const largeFleetSeesMs = 60_000

export interface TriggerWatchOptions {
  readonly store: Pick<StoreReader<unknown>, 'inspectTriggers'>
  readonly logger: Logger
  readonly clock: Clock
  readonly fleet: FleetSize
}

export class TriggerWatch {
  readonly #store: TriggerWatchOptions['store']
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #fleet: FleetSize
  #fingerprint: string | null = null
  #report: TriggerReport | null = null
  #seenAtMs = Number.NEGATIVE_INFINITY
  /** The fingerprint that was seen first, and the time at which to ask about it. */
  #first: { readonly fingerprint: string; readonly dueAtMs: number } | null = null

  constructor({ store, logger, clock, fleet }: TriggerWatchOptions) {
    this.#store = store
    this.#logger = logger
    this.#clock = clock
    this.#fleet = fleet
  }

  /** The store's last report; null if it was not asked, or has no triggers to look at. */
  get report(): TriggerReport | null {
    return this.#report
  }

  get isBroken(): boolean {
    return this.#report?.state === 'broken'
  }

  /** Whether the next question to the store must ask for the fingerprint. */
  get isDue(): boolean {
    return this.#fleet.isSmall || this.isBroken || this.#clock.now() - this.#seenAtMs >= largeFleetSeesMs
  }

  /**
   * Asks the store about triggers that differ from those seen before. In a large fleet, asks about the first ones at some time
   * within minutes. Throws the store's errors.
   */
  async look(fingerprint: string | null): Promise<void> {
    this.#seenAtMs = this.#clock.now()
    if (fingerprint === this.#fingerprint || (fingerprint !== null && this.#waits(fingerprint))) return
    const before = this.#report
    this.#report = fingerprint === null ? null : await this.#store.inspectTriggers()
    this.#fingerprint = fingerprint
    this.#tell(before)
  }

  /** Does not wait, because a change is known to have passed the triggers by. */
  hurry(): void {
    this.#seenAtMs = Number.NEGATIVE_INFINITY
    if (this.#first !== null) this.#first = { ...this.#first, dueAtMs: this.#clock.now() }
  }

  /** The warning for `status()`; null while all is well. */
  warning(): string | null {
    return this.#report === null ? null : warningOf(this.#report)
  }

  #waits(fingerprint: string): boolean {
    if (this.#report !== null || this.#fingerprint !== null) return false
    this.#first ??= { fingerprint, dueAtMs: this.#clock.now() + this.#clock.random() * this.#fleet.triggerLookMs }
    return fingerprint === this.#first.fingerprint && this.#clock.now() < this.#first.dueAtMs
  }

  #tell(before: TriggerReport | null): void {
    const warning = this.warning()
    if (warning !== null && (before === null || warning !== warningOf(before))) {
      this.#logger.warn({}, `feature flags: ${warning}`)
    } else if (before !== null && warningOf(before) !== null && this.#report?.state === 'sound') {
      this.#logger.info({}, 'feature flags: the triggers that keep the history are whole again')
    }
  }
}

function warningOf({ state, faults }: TriggerReport): string | null {
  switch (state) {
    case 'sound':
      return null
    case 'newer':
      return 'the triggers that keep the history are those of a newer version: update this package'
    case 'older':
      return `the triggers that keep the history are those of an earlier version (${listed(faults)}): run ${programName()} migrate`
    case 'broken':
      return `changes leave no history, and other processes hear of them late. ${remedyOf(faults)}. ${listed(faults)}`
  }
}

/** The remedy comes before the list, which may be long. */
function remedyOf(faults: readonly TriggerFault[]): string {
  const reset =
    'Run alter role … (or alter database …) reset session_replication_role: it is replica there, and then no trigger runs'
  const migrate = `Run ${programName()} migrate as the owner of the tables`
  const isSet = faults.some(({ what }) => what === 'setting')
  const isLost = faults.some(({ what }) => what !== 'setting')
  return [...(isSet ? [reset] : []), ...(isLost ? [migrate] : [])].join('. ')
}

/** The faults in a few words: `trigger feature_history_record on public.features is missing`. */
function listed(faults: readonly TriggerFault[]): string {
  const texts = faults.slice(0, mostNamed).map(({ kind, what, name, table }) => {
    const where = table === null ? '' : ` on ${table}`
    return what === 'setting'
      ? `${name} is replica`
      : `${what} ${name}${where} is ${kind === 'older' ? 'of an earlier version' : kind}`
  })
  const more = faults.length - texts.length
  return more > 0 ? `${texts.join(', ')}, and ${more} more` : texts.join(', ')
}

/** Reports why the triggers could not be looked at; the next poll looks again. */
export function logUnwatched(logger: Logger, error: unknown): void {
  logger.debug({ error: errorText(error) }, 'feature flags: the triggers could not be looked at')
}
