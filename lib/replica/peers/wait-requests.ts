// Who waits for this process to have a position. A request is answered when the position was passed by name; otherwise when
// the primary has answered a question that was asked after the request came. A higher number proves nothing: a restored
// database counts again.
import type { WaitRequest } from '../../cache/cache.js'
import type { Position } from '../../state/state.js'

interface Waiting {
  readonly request: WaitRequest
  /** How many questions had been asked of the store when the request came. */
  readonly asked: number
}

const most = 256

export class WaitRequests {
  readonly #isReached: (position: Position) => boolean
  readonly #acknowledge: (request: WaitRequest) => void
  #waiting: Waiting[] = []
  #asked = 0

  constructor(isReached: (position: Position) => boolean, acknowledge: (request: WaitRequest) => void) {
    this.#isReached = isReached
    this.#acknowledge = acknowledge
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** Answers the request now, or keeps it; false where it has to wait for something new. */
  add(request: WaitRequest): boolean {
    if (this.#isReached(request.position)) {
      this.#acknowledge(request)
      return true
    }
    if (this.#waiting.some((waiting) => waiting.request.id === request.id)) return true
    this.#waiting = [...this.#waiting.slice(1 - most), { request, asked: this.#asked }]
    return false
  }

  /** Notes that the store is asked now; the number is given back with the answer. */
  ask(): number {
    this.#asked += 1
    return this.#asked
  }

  /** Notes that the primary has answered. */
  answered(question: number): void {
    this.#answer(({ asked }) => asked < question)
  }

  /** Notes that positions were passed. */
  moved(): void {
    this.#answer(({ request }) => this.#isReached(request.position))
  }

  /** Another database: what was asked was about the one before. */
  clear(): void {
    this.#waiting = []
  }

  #answer(isDone: (waiting: Waiting) => boolean): void {
    if (this.isEmpty) return
    const done = this.#waiting.filter(isDone)
    this.#waiting = this.#waiting.filter((waiting) => !done.includes(waiting))
    for (const { request } of done) this.#acknowledge(request)
  }
}
