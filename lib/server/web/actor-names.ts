// The names of actors, as the application gives them (`actors.X.describe` of the configuration). It is code of the application: it may
// throw, hang or answer anything, and a page shows an actor without a name by its id.
import type { ActorClasses } from '../../actors/classes.js'
import type { Config } from '../../config/config.js'
import type { ActorClass } from '../../config/options.js'
import { errorText } from '../../errors.js'
import { classOfId } from '../../feature/change/preview/read-sample.js'
import type { Logger } from '../../log.js'
import { grouped } from '../../store/grouped.js'
import { printable } from '../../text/printable.js'
import type { Clock } from '../../time/clock.js'

export interface ActorName {
  readonly label: string
  readonly url: string | null
}

export interface ActorNamesOptions {
  readonly actors: Config['actors']
  readonly classes: ActorClasses
  readonly clock: Clock
  readonly logger: Logger
}

/** The most ids that are named at once. */
export const mostNamed = 200
const waitMs = 2_000
/** A function that hangs must not be called again and again. */
const mostRunning = 4
const longestLabel = 200
const longestUrl = 2_000

export class ActorNames {
  readonly #options: ActorNamesOptions
  /** How many calls of each class have not been answered. */
  readonly #running = new Map<string, number>()
  /** The fault of each class that was logged, until it answers again. */
  readonly #logged = new Map<string, string>()

  constructor(options: ActorNamesOptions) {
    this.#options = options
  }

  /** By id; those without a name are left out. Never rejects, and takes 2 seconds at most. */
  async of(ids: readonly string[]): Promise<ReadonlyMap<string, ActorName>> {
    const { actors, classes } = this.#options
    const byClass = grouped(new Set(ids), (id) => classOfId(id, classes))
    const found = await Promise.all(
      [...byClass].map(([className, own]) => {
        const describe = className === null ? undefined : actors?.get(className)?.describe
        return describe === undefined || className === null ? [] : this.#describe(className, describe, own)
      }),
    )
    return new Map(found.flat())
  }

  /** Never rejects. */
  async #describe(
    className: string,
    describe: NonNullable<ActorClass['describe']>,
    ids: readonly string[],
  ): Promise<[string, ActorName][]> {
    try {
      const answer = await this.#ask(className, describe, ids)
      this.#logged.delete(className)
      return ids.flatMap((id): [string, ActorName][] => {
        const name = nameOf(partOf(answer, id))
        return name === null ? [] : [[id, name]]
      })
    } catch (error) {
      this.#log(className, errorText(error))
      return []
    }
  }

  #ask(className: string, describe: NonNullable<ActorClass['describe']>, ids: readonly string[]): Promise<unknown> {
    const running = this.#running.get(className) ?? 0
    if (running >= mostRunning) throw new Error(`${running} calls of it are not answered yet`)
    this.#running.set(className, running + 1)
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.after(waitMs, () => {
        reject(new Error(`it took longer than ${waitMs / 1_000} seconds`))
      })
      // In an async function: one that throws is like one that rejects.
      const describing = (async () => describe(ids))()
      describing.then(resolve, reject).finally(() => {
        timer.cancel()
        this.#running.set(className, (this.#running.get(className) ?? 1) - 1)
      })
    })
  }

  /** Once for each fault, until it answers again. */
  #log(className: string, fault: string): void {
    if (this.#logged.get(className) === fault) return
    this.#logged.set(className, fault)
    const message = `feature flags: actors.${className}.describe of the configuration failed, and actors are shown by their ids: ${fault}`
    this.#options.logger.warn({ actors: className }, message)
  }
}

function partOf(answer: unknown, id: string): unknown {
  if (answer instanceof Map) return answer.get(id)
  return typeof answer === 'object' && answer !== null && Object.hasOwn(answer, id)
    ? Reflect.get(answer, id)
    : undefined
}

/** Null for what is no name. */
function nameOf(value: unknown): ActorName | null {
  if (typeof value !== 'object' || value === null) return null
  const label: unknown = Reflect.get(value, 'label')
  if (typeof label !== 'string' || label.trim() === '') return null
  return { label: printable(label.toWellFormed().slice(0, longestLabel)), url: webAddress(Reflect.get(value, 'url')) }
}

/** A page makes a link of it, so that anything but an address of the web would be a way to run scripts in it. */
function webAddress(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > longestUrl || !URL.canParse(value)) return null
  const { protocol, href } = new URL(value)
  return protocol === 'https:' || protocol === 'http:' ? href : null
}
