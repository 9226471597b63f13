// Looks whether flags were written past the triggers, and adds to the history what it finds, so that revisions move and later looks into the past agree.
import { errorText, FeatureError } from '../../errors.js'
import type { Logger } from '../../log.js'
import type { Ledger } from '../../store/history/history.js'

export interface UntrackedWritesOptions {
  readonly store: Ledger
  readonly logger: Pick<Logger, 'warn'>
}

/** Flags of one look whose rows are added to the history at most: what is left is found by the next look. */
const mostFlags = 1_000

export class UntrackedWrites {
  readonly #options: UntrackedWritesOptions
  #looking: Promise<void> = Promise.resolve()
  #closed = false
  /** What was said last, because each look would say the same. */
  #said: string | null = null

  constructor(options: UntrackedWritesOptions) {
    this.#options = options
  }

  /**
   * Compares one flag, or all of them. Resolves with the flags whose history has grown. Where the login of this process may not write, they are only
   * marked wherever they matter. Never rejects: a look at a flag must not fail because of it.
   */
  async look(name?: string): Promise<readonly string[]> {
    const { store } = this.#options
    try {
      const found = await store.untracked(name)
      this.#said = null
      const recorded: string[] = []
      for (const flag of found.slice(0, mostFlags)) if (await this.record(flag)) recorded.push(flag)
      return recorded
    } catch (error) {
      if (!isWithoutHistory(error)) this.#sayOnce(errorText(error))
      return []
    }
  }

  #sayOnce(error: string): void {
    if (this.#said === error) return
    this.#said = error
    this.#options.logger.warn({ error }, 'feature flags: the history could not be compared with what is stored')
  }

  /** Looks at these flags in the background. */
  lookLater(names: readonly string[]): void {
    const look = async () => {
      for (const name of names.slice(0, mostFlags)) if (!this.#closed) await this.record(name)
    }
    this.#looking = this.#looking.then(look)
  }

  /** Ends the looks in the background. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#looking
  }

  /** Adds to the history what was written to a flag past the triggers; whether there was anything, and this process may. Never rejects. */
  async record(name: string): Promise<boolean> {
    const { store, logger } = this.#options
    try {
      const rows = await store.recordUntracked(name)
      if (rows === null || rows === 0) return false
      const message =
        'feature flags: rows of a flag were written past the triggers; the history has them now, as untracked'
      logger.warn({ flag: name, rows }, message)
      return true
    } catch (error) {
      const message =
        'feature flags: rows of a flag were written past the triggers, and could not be added to the history'
      logger.warn({ flag: name, error: errorText(error) }, message)
      return false
    }
  }
}

/** Two tables of another application have no history to compare. */
function isWithoutHistory(error: unknown): boolean {
  return error instanceof FeatureError && error.code === 'not_migrated'
}
