// The actors of paths that a person pastes, as the application finds them (`actors.X.findByPath` of the configuration). A path
// that it does not answer for is one that is not found.
import type { ActorClasses } from '../../actors/classes.js'
import { isRounded } from '../../actors/rounded.js'
import { foundActor } from '../../actors/targets.js'
import type { Config } from '../../config/config.js'
import type { Logger } from '../../log.js'
import type { Clock } from '../../time/clock.js'
import { ApplicationCalls } from './application-calls.js'

export interface ActorPathsOptions {
  readonly actors: Config['actors']
  readonly classes: ActorClasses
  readonly clock: Clock
  readonly logger: Logger
}

/** The most paths that are looked up at once. */
export const mostPaths = 200
/** Of one request: the application may ask its database for each. */
const atOnce = 10
const mostRunning = 40

export class ActorPaths {
  readonly #options: ActorPathsOptions
  readonly #calls: ApplicationCalls

  constructor(options: ActorPathsOptions) {
    const { clock, logger } = options
    this.#options = options
    this.#calls = new ApplicationCalls({
      name: 'findByPath',
      otherwise: 'paths are not found',
      mostRunning,
      clock,
      logger,
    })
  }

  /** The ids by path, without those that are not found; null where the class has no `findByPath`. Never rejects, and takes 2 seconds at most. */
  async of(className: string, paths: readonly string[]): Promise<ReadonlyMap<string, string> | null> {
    const { actors, classes } = this.#options
    const find = actors?.get(className)?.findByPath
    if (find === undefined) return null
    const left = [...new Set(paths)]
    const found = new Map<string, string>()
    const deadlineMs = this.#calls.deadline()
    const lookUp = async () => {
      for (let path = left.pop(); path !== undefined; path = left.pop()) {
        const asked = path
        const id = await this.#calls.ask(
          className,
          deadlineMs,
          () => find(asked),
          (answer) => idOf(answer, className, classes),
        )
        if (id !== null) found.set(asked, id)
      }
    }
    await Promise.all(Array.from({ length: Math.min(atOnce, left.length) }, lookUp))
    return found
  }
}

/** Null: there is no such actor. Throws an Error for what cannot be used. */
function idOf(answer: unknown, className: string, classes: ActorClasses): string | null {
  if (isRounded(answer)) throw new Error('it gave a number beyond 2^53−1, which is rounded: give a text or a bigint')
  return foundActor(className, answer, classes)?.flipperId ?? null
}
