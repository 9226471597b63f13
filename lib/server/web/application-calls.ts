// Calls of one function of the application's configuration (`actors.X.describe`, `actors.X.findByPath`). It is code of the application: it may
// throw, hang or answer anything, and a page goes on without it.
import { errorText } from '../../errors.js'
import type { Logger } from '../../log.js'
import type { Clock } from '../../time/clock.js'

export interface ApplicationCallsOptions {
  /** The name of the function in the configuration. */
  readonly name: 'describe' | 'findByPath'
  /** What a page does without it, for the log. */
  readonly otherwise: string
  /** So many calls of a class may be under way: one that hangs must not be called again and again. */
  readonly mostRunning: number
  readonly clock: Clock
  readonly logger: Logger
}

/** How long a request waits for all of its calls. */
const waitMs = 2_000

export class ApplicationCalls {
  readonly #options: ApplicationCallsOptions
  /** How many calls of each class have not been answered. */
  readonly #running = new Map<string, number>()
  /** The fault of each class that was logged, until it answers again. */
  readonly #logged = new Map<string, string>()

  constructor(options: ApplicationCallsOptions) {
    this.#options = options
  }

  /** When the calls of a request that comes now must be answered. */
  deadline(): number {
    return this.#options.clock.now() + waitMs
  }

  /**
   * What `read` makes of the answer. Null, with one line in the log for each fault, where the call throws, is not answered by the deadline, or
   * too many others are not, and where `read` throws. Never rejects.
   */
  async ask<T>(
    className: string,
    deadlineMs: number,
    call: () => unknown,
    read: (answer: unknown) => T,
  ): Promise<T | null> {
    try {
      const answered = read(await this.#answer(className, deadlineMs, call))
      this.#logged.delete(className)
      return answered
    } catch (error) {
      this.#log(className, errorText(error))
      return null
    }
  }

  #answer(className: string, deadlineMs: number, call: () => unknown): Promise<unknown> {
    const { clock, mostRunning } = this.#options
    const leftMs = deadlineMs - clock.now()
    if (leftMs <= 0) throw tooSlow()
    const running = this.#running.get(className) ?? 0
    if (running >= mostRunning) throw new Error(`${running} calls of it are not answered yet`)
    this.#running.set(className, running + 1)
    return new Promise((resolve, reject) => {
      const timer = clock.after(leftMs, () => reject(tooSlow()))
      // In an async function: one that throws is like one that rejects.
      const calling = (async () => call())()
      calling.then(resolve, reject).finally(() => {
        timer.cancel()
        this.#running.set(className, (this.#running.get(className) ?? 1) - 1)
      })
    })
  }

  #log(className: string, fault: string): void {
    if (this.#logged.get(className) === fault) return
    this.#logged.set(className, fault)
    const { logger, name, otherwise } = this.#options
    const message = `feature flags: actors.${className}.${name} of the configuration failed, and ${otherwise}: ${fault}`
    logger.warn({ actors: className }, message)
  }
}

function tooSlow(): Error {
  return new Error(`it took longer than ${waitMs / 1_000} seconds`)
}
