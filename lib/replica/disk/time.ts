// Time limits for a file system. What does not answer in time is given up, not ended: that cannot be done. Until it answers
// after all nothing else is asked of it, since each question holds one of Node's few threads.
import type { Clock } from '../../time/clock.js'

const limitSeconds = 5
/** The file system has this long. */
export const diskLimitMs = limitSeconds * 1_000

/** The file system has not answered: that says nothing of the file. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer'
  override readonly message = `the file system did not answer within ${limitSeconds} s`
}

export class DiskTime {
  readonly #clock: Clock
  /** Whether the file system owes an answer that was given up. */
  #owed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What the file system answers; throws NoAnswer where it does not do so in time, or still owes an earlier answer. */
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
