// The requests of other processes that wait for this one to have a position. A request is answered when the position was passed
// by name; otherwise when the primary has answered a question that was asked after the request came. A higher number proves
// nothing: a restored database repeats numbers.
import type { Cache, WaitRequest } from '../../cache/cache.js'
import type { FollowedPositions } from '../current-snapshot.js'
import type { PassedPositions } from './passed-positions.js'

interface Waiting {
  readonly request: WaitRequest
  /** The number of questions that the store had been asked when the request came. */
  readonly asked: number
}

const most = 256

export interface WaitRequestsOptions {
  readonly cache: Pick<Cache<unknown>, 'acknowledge'>
  readonly current: FollowedPositions
  /** Must already follow the current snapshot, so that it knows new positions first. */
  readonly passed: PassedPositions
}

export class WaitRequests {
  readonly #cache: WaitRequestsOptions['cache']
  readonly #passed: PassedPositions
  #identity: string | null = null
  #waiting: Waiting[] = []
  #asked = 0

  constructor({ cache, current, passed }: WaitRequestsOptions) {
    this.#cache = cache
    this.#passed = passed
    current.subscribe(() => this.#answer(({ request }) => passed.isReached(request.position)))
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  /** Names the database of the requests from now on; requests about another one are forgotten. */
  serve(identity: string): void {
    this.#identity = identity
    this.#waiting = []
  }

  /** Answers the request now, or keeps it; false if it must wait for new content. */
  add(request: WaitRequest): boolean {
    if (this.#passed.isReached(request.position)) {
      this.#acknowledge(request)
      return true
    }
    if (this.#waiting.some((waiting) => waiting.request.id === request.id)) return true
    this.#waiting = [...this.#waiting.slice(1 - most), { request, asked: this.#asked }]
    return false
  }

  /** Notes that the store is asked now; pass the returned number to `answered`. */
  ask(): number {
    this.#asked += 1
    return this.#asked
  }

  /** Notes that the primary has answered. */
  answered(question: number): void {
    this.#answer(({ asked }) => asked < question)
  }

  #answer(isDone: (waiting: Waiting) => boolean): void {
    if (this.isEmpty) return
    const done = this.#waiting.filter(isDone)
    this.#waiting = this.#waiting.filter((waiting) => !done.includes(waiting))
    for (const { request } of done) this.#acknowledge(request)
  }

  #acknowledge(request: WaitRequest): void {
    if (this.#identity !== null) void this.#cache.acknowledge(this.#identity, request)
  }
}
