// Reads the contents of projects from the store: one question under way a project, four at once, a second for each. Where one gets no
// answer the store counts as away for a second: then one question at a time finds out whether it is back, and no other request waits.
//
//   reading → (a question fails, or takes a second) → away → (an answer) → reading
import { StoreUnavailable } from '../../errors.js'
import type { ProjectContent } from '../../project-flags/project.js'
import type { Clock } from '../../time/clock.js'

/** Null: there is no such project. */
export type ReadContent = (id: number) => Promise<ProjectContent | null>

const atOnce = 4
const answerMs = 1_000
const awayMs = 1_000

interface Waiting {
  readonly begin: () => void
  readonly giveUp: (error: unknown) => void
}

export class ContentReader {
  readonly #read: ReadContent
  readonly #clock: Clock
  readonly #underWay = new Map<number, Promise<ProjectContent | null>>()
  readonly #queue: Waiting[] = []
  #asking = 0
  #isAway = false
  #askAgainAtMs = Number.NEGATIVE_INFINITY

  constructor(read: ReadContent, clock: Clock) {
    this.#read = read
    this.#clock = clock
  }

  /** Whether the last question got no answer. */
  get isAway(): boolean {
    return this.#isAway
  }

  /** Notes that the store has answered another question: it is not away. */
  isBack(): void {
    this.#isAway = false
  }

  /** The content now, by a question that all callers share; null for no such project. Throws the store's errors. */
  read(id: number): Promise<ProjectContent | null> {
    const known = this.#underWay.get(id)
    if (known !== undefined) return known
    const asked = this.#ask(id).finally(() => this.#underWay.delete(id))
    this.#underWay.set(id, asked)
    return asked
  }

  async #ask(id: number): Promise<ProjectContent | null> {
    if (this.#isAway && (this.#asking > 0 || this.#clock.now() < this.#askAgainAtMs)) throw tooLate()
    if (this.#asking < atOnce) this.#asking += 1
    else await this.#turn()
    try {
      const content = await this.#inTime(this.#read(id))
      this.#isAway = false
      return content
    } catch (error) {
      // Rows that cannot be read are the fault of one project.
      if (error instanceof StoreUnavailable) this.#goAway(error)
      throw error
    } finally {
      // The next one takes over the place.
      const next = this.#queue.shift()
      if (next === undefined) this.#asking -= 1
      else next.begin()
    }
  }

  #goAway(error: unknown): void {
    this.#isAway = true
    this.#askAgainAtMs = this.#clock.now() + awayMs
    for (const { giveUp } of this.#queue.splice(0)) giveUp(error)
  }

  #turn(): Promise<void> {
    return new Promise((begin, giveUp) => {
      this.#queue.push({ begin, giveUp })
    })
  }

  #inTime<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = this.#clock.deadline(answerMs, () => reject(tooLate()))
      answer.then(resolve, reject).finally(() => late.cancel())
    })
  }
}

function tooLate(): StoreUnavailable {
  return new StoreUnavailable('store_unavailable', {
    problem: 'the flags of a project could not be read within a second',
    remedy: 'check the database',
  })
}
