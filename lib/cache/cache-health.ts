// The faults of the cache at the moment, part by part. An outage begins with the first fault and ends when the last one is
// healed; it is logged once, and at most once a minute, however often it comes and goes.
import type { Logger } from '../log.js'
import type { Clock } from '../time/clock.js'

export type Part =
  | 'connection'
  | 'subscription'
  | 'reading'
  | 'writing'
  | 'sending hints'
  | 'the pointer'
  | 'the blob'
  | 'a new blob'
  | 'hints'
  | 'the directory'
  | 'members'

const quietMs = 60_000

export class Faults {
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #current = new Map<Part, string>()
  readonly #remarks = new Set<string>()
  #loggedAtMs = Number.NEGATIVE_INFINITY
  #told = false

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger
    this.#clock = clock
  }

  failed(part: Part, text: string): void {
    const begins = this.#current.size === 0
    this.#current.set(part, text)
    if (!begins || this.#clock.now() - this.#loggedAtMs < quietMs) return
    this.#loggedAtMs = this.#clock.now()
    this.#told = true
    this.#logger.warn({ fault: this.warning() }, 'feature flags: Redis does not serve as it should; Postgres is asked')
  }

  /** Warns of what keeps nothing from working, once for each text. */
  remark(text: string): void {
    if (this.#remarks.has(text)) return
    this.#remarks.add(text)
    this.#logger.warn({}, `feature flags: ${text}`)
  }

  healed(...parts: readonly Part[]): void {
    for (const part of parts) this.#current.delete(part)
    if (this.#current.size > 0 || !this.#told) return
    this.#told = false
    this.#logger.info({}, 'feature flags: Redis serves again')
  }

  has(part: Part): boolean {
    return this.#current.has(part)
  }

  /** One sentence about the fault that was seen first; null while all is well. */
  warning(): string | null {
    for (const [part, text] of this.#current) return `Redis (${part}): ${text}`
    return null
  }
}
