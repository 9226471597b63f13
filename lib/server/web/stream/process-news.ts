// How many processes have what was told: asked after changes, and not more often than every five seconds, because it asks the whole fleet.
import type { Processes } from './stream-events.js'

const spacingMs = 5_000

export interface ProcessNewsOptions {
  /** Null where nothing is known of other processes. Never rejects. */
  readonly ask: () => Promise<Processes | null>
  /** Whether any stream wants to hear of it. */
  readonly isWanted: () => boolean
  /** Called with an answer that differs from the last one. */
  readonly tell: (processes: Processes) => void
}

export class ProcessNews {
  readonly #options: ProcessNewsOptions
  #last: Processes | null = null
  #timer: NodeJS.Timeout | null = null
  #askedAtMs = Number.NEGATIVE_INFINITY

  constructor(options: ProcessNewsOptions) {
    this.#options = options
  }

  /** The last answer; null for none. */
  get last(): Processes | null {
    return this.#last
  }

  /** Asks now, or as soon as it may. */
  look(): void {
    if (this.#timer !== null || !this.#options.isWanted()) return
    const waitMs = Math.max(0, this.#askedAtMs + spacingMs - performance.now())
    this.#timer = setTimeout(() => void this.#ask(), waitMs).unref()
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  async #ask(): Promise<void> {
    this.#askedAtMs = performance.now()
    const now = await this.#options.ask().catch(() => null)
    this.#timer = null
    const last = this.#last
    this.#last = now
    const isNew = now !== null && (last === null || last.live !== now.live || last.current !== now.current)
    if (isNew) this.#options.tell(now)
    // A process that lags has it soon.
    if (now !== null && now.current < now.live && this.#options.isWanted()) this.look()
  }
}
