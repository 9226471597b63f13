// The actors of paths that a person pastes, as the application finds them (`actors.X.findByPath` of the configuration). It is code of the
// application: it may throw, hang or answer anything, and a path that it does not answer for is one that is not found.
import type { ActorClasses } from '../../actors/classes.js'
import { isRounded } from '../../actors/rounded.js'
import { foundActor } from '../../actors/targets.js'
import type { Config } from '../../config/config.js'
import type { ActorClass } from '../../config/options.js'
import { errorText } from '../../errors.js'
import type { Logger } from '../../log.js'
import type { Clock } from '../../time/clock.js'

export interface ActorPathsOptions {
  readonly actors: Config['actors']
  readonly classes: ActorClasses
  readonly clock: Clock
  readonly logger: Logger
}

/** The most paths that are looked up at once. */
export const mostPaths = 200
const waitMs = 2_000
/** Of one request: the application may ask its database for each. */
const atOnce = 10
/** A function that hangs must not be called again and again. */
const mostRunning = 40

export class ActorPaths {
  readonly #options: ActorPathsOptions
  /** How many calls of each class have not been answered. */
  readonly #running = new Map<string, number>()
  /** The fault of each class that was logged, until it answers again. */
  readonly #logged = new Map<string, string>()

  constructor(options: ActorPathsOptions) {
    this.#options = options
  }

  /** The ids by path, without those that are not found; null where the class has no `findByPath`. Never rejects, and takes 2 seconds at most. */
  async of(className: string, paths: readonly string[]): Promise<ReadonlyMap<string, string> | null> {
    const { actors, clock } = this.#options
    const find = actors?.get(className)?.findByPath
    if (find === undefined) return null
    const left = [...new Set(paths)]
    const found = new Map<string, string>()
    let isLate = false
    const lookUp = async () => {
      for (let path = left.pop(); path !== undefined && !isLate; path = left.pop()) {
        const id = await this.#idOf(className, find, path)
        if (id !== null && !isLate) found.set(path, id)
      }
    }
    await new Promise<void>((resolve) => {
      const timer = clock.after(waitMs, resolve)
      const all = Array.from({ length: Math.min(atOnce, left.length) }, lookUp)
      void Promise.all(all).then(() => {
        timer.cancel()
        resolve()
      })
    })
    if (left.length > 0) this.#log(className, `it took longer than ${waitMs / 1_000} seconds`)
    isLate = true
    return found
  }

  /** Never rejects. */
  async #idOf(className: string, find: NonNullable<ActorClass['findByPath']>, path: string): Promise<string | null> {
    const running = this.#running.get(className) ?? 0
    try {
      if (running >= mostRunning) throw new Error(`${running} calls of it are not answered yet`)
      const answer = await this.#counted(className, async () => find(path))
      if (isRounded(answer))
        throw new Error('it gave a number beyond 2^53−1, which is rounded: give a text or a bigint')
      const id = foundActor(className, answer, this.#options.classes)?.flipperId ?? null
      this.#logged.delete(className)
      return id
    } catch (error) {
      this.#log(className, errorText(error))
      return null
    }
  }

  async #counted<T>(className: string, call: () => Promise<T>): Promise<T> {
    this.#running.set(className, (this.#running.get(className) ?? 0) + 1)
    try {
      return await call()
    } finally {
      this.#running.set(className, (this.#running.get(className) ?? 1) - 1)
    }
  }

  /** Once for each fault, until it answers again. */
  #log(className: string, fault: string): void {
    if (this.#logged.get(className) === fault) return
    this.#logged.set(className, fault)
    const message = `feature flags: actors.${className}.findByPath of the configuration failed, and paths are not found: ${fault}`
    this.#options.logger.warn({ actors: className }, message)
  }
}
