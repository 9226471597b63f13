// The writes of one process, one after the other: several at once would only wait for each other's locks, and for a connection
// until their time is up. When the store turns out to be unreachable, all writes that wait at that moment fail at once, instead
// of each in its turn.
import { StoreUnavailable } from '../../../errors.js'

interface Batch {
  failed: StoreUnavailable | null
}

export class WriteQueue {
  #tail: Promise<unknown> = Promise.resolve()
  #batch: Batch = { failed: null }

  /** Runs the task in its turn. Throws the task's error, or the StoreUnavailable of a task that waited ahead of it. */
  run<T>(task: () => Promise<T>): Promise<T> {
    const batch = this.#batch
    const turn = this.#tail.then(async () => {
      if (batch.failed !== null) throw batch.failed
      try {
        return await task()
      } catch (error) {
        if (error instanceof StoreUnavailable && error.code === 'store_unavailable') {
          batch.failed = error
          this.#batch = { failed: null }
        }
        throw error
      }
    })
    this.#tail = turn.catch(() => {}) // The caller of run() gets the error; the queue only waits for the end.
    return turn
  }
}
