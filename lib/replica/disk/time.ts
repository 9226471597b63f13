// Time limits for a file system. A question without an answer in time is given up, not ended, because it cannot be ended. Until
// the file system answers it after all, it gets no other question, because each question holds one of Node's few threads.
import type { Clock } from '../../time/clock.js'

const limitSeconds = 5
/** The file system has this long. */
export const diskLimitMs = limitSeconds * 1_000

/** The file system has not answered, which does not prove anything about the file. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  override readonly message = `the file system did not answer within ${limitSeconds} s`
}

export class DiskTime {
  readonly #clock: Clock
  /** Whether the file system still owes the answer to a question that was given up. */
  #owed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The file system's answer; throws NoAnswer if it does not answer in time, or still owes an earlier answer. */
  ask<T>(question: () => Promise<T>): Promise<T> {
    if (this.#owed) return Promise.reject(new NoAnswer())
    return new Promise((resolve, reject) => {
      const answer = question()
      const late = this.#clock.deadline(diskLimitMs, () => {
        this.#owed = true
        reject(new NoAnswer())
      })
      answer.then(resolve, reject).finally(() => {
        late.cancel()
        this.#owed = false
      })
    })
  }
}
