// One request id and one pinned snapshot for all checks inside `withRequest`.
import { AsyncLocalStorage } from 'node:async_hooks'
import { randomUUID } from 'node:crypto'
import type { Clock } from '../time/clock.js'
import type { FlagSnapshot } from '../replica/flag-content.js'
import { begun } from './begun.js'

/**
 * Whether anything in this process ever ran inside a request or a test's scope: until then no check touches AsyncLocalStorage. One
 * object for all instances, because scopes are for all of them, and because a check reads it faster than a field of its instance.
 */
export const asyncContext = { used: false }

/** A request that runs longer sees the newest flags again. */
const pinMs = 60_000

interface Request {
  readonly id: string
  snapshot: FlagSnapshot | null
  /** The end of the pin by the clock, from the return of `fn` on: work that it has started may go on, and no timer waits then. */
  untilMs: number | null
}

export class Requests {
  readonly #clock: Clock
  #storage: AsyncLocalStorage<Request> | null = null

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Runs `fn` inside a request; inside another request it is part of that one. */
  run<T>(snapshot: FlagSnapshot, fn: () => T): T {
    this.#storage ??= new AsyncLocalStorage()
    if (this.#storage.getStore() !== undefined) return fn()
    asyncContext.used = true
    const request: Request = { id: randomUUID(), snapshot, untilMs: null }
    const untilMs = this.#clock.now() + pinMs
    const timer = this.#clock.after(pinMs, () => {
      request.snapshot = null
    })
    const ended = () => {
      timer.cancel()
      request.untilMs = untilMs
    }
    try {
      const result = this.#storage.run(request, () => begun(fn()))
      if (result instanceof Promise) result.then(ended, ended)
      else ended()
      return result
    } catch (error) {
      ended()
      throw error
    }
  }

  /** The snapshot pinned for the request under way, if any. */
  pinned(): FlagSnapshot | null {
    const request = this.#storage?.getStore()
    if (request === undefined) return null
    if (request.untilMs !== null && this.#clock.now() >= request.untilMs) request.snapshot = null
    return request.snapshot
  }

  /** Lets the request under way see a write of its own. */
  repin(snapshot: FlagSnapshot): void {
    const request = this.#storage?.getStore()
    if (request !== undefined && this.pinned() !== null) request.snapshot = snapshot
  }

  /** The request under way, as a key for what belongs to it; null outside of one. */
  underWay(): object | null {
    return this.#storage?.getStore() ?? null
  }

  /** The id of the request under way; a new one per call outside of a request (GitLab: `FlipperRequest`). */
  readonly id = (): string => this.#storage?.getStore()?.id ?? randomUUID()
}
