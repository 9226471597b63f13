// The names of actors, as the application gives them (`actors.X.describe` of the configuration). A page shows an actor without a name by its
// id.
import type { ActorClasses } from '../../actors/classes.js'
import type { Config } from '../../config/config.js'
import { classOfId } from '../../feature/change/preview/read-sample.js'
import type { Logger } from '../../log.js'
import { grouped } from '../../store/grouped.js'
import { printable } from '../../text/printable.js'
import type { Clock } from '../../time/clock.js'
import { ApplicationCalls } from './application-calls.js'

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
const mostRunning = 4
const longestLabel = 200
const longestUrl = 2_000

export class ActorNames {
  readonly #options: ActorNamesOptions
  readonly #calls: ApplicationCalls

  constructor(options: ActorNamesOptions) {
    const { clock, logger } = options
    this.#options = options
    const otherwise = 'actors are shown by their ids'
    this.#calls = new ApplicationCalls({ name: 'describe', otherwise, mostRunning, clock, logger })
  }

  /** By id; those without a name are left out. Never rejects, and takes 2 seconds at most. */
  async of(ids: readonly string[]): Promise<ReadonlyMap<string, ActorName>> {
    const { actors, classes } = this.#options
    const byClass = grouped(new Set(ids), (id) => classOfId(id, classes))
    const deadlineMs = this.#calls.deadline()
    const found = await Promise.all(
      [...byClass].map(async ([className, own]) => {
        const describe = className === null ? undefined : actors?.get(className)?.describe
        if (describe === undefined || className === null) return []
        return (
          (await this.#calls.ask(
            className,
            deadlineMs,
            () => describe(own),
            (answer) => namesIn(answer, own),
          )) ?? []
        )
      }),
    )
    return new Map(found.flat())
  }
}

function namesIn(answer: unknown, ids: readonly string[]): readonly (readonly [id: string, name: ActorName])[] {
  return ids.flatMap((id) => {
    const name = nameOf(partOf(answer, id))
    return name === null ? [] : [[id, name] as const]
  })
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
