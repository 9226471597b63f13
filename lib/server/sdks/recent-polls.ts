// Polls of SDKs that were noted moments ago: the same SDK asks again and again, and to note each poll would take longer than to
// answer it. It is told apart by a hash of what its headers say; where two have one hash, the poll of one is noted some seconds later.
import type { PollHeaders } from './poll-headers.js'

const forgetEveryMs = 10_000
const most = 100_000

export class RecentPolls {
  readonly #elapsed: () => number
  readonly #noted = new Set<number>()
  #sinceMs = Number.NEGATIVE_INFINITY

  /** `elapsed` gives milliseconds of a clock that is never set. */
  constructor(elapsed: () => number) {
    this.#elapsed = elapsed
  }

  /** Whether the poll is to be noted: none of its SDK was within the last seconds. */
  isNew(instanceId: number, headers: PollHeaders): boolean {
    const nowMs = this.#elapsed()
    if (nowMs - this.#sinceMs >= forgetEveryMs || this.#noted.size >= most) {
      this.#noted.clear()
      this.#sinceMs = nowMs
    }
    let hash = instanceId | 0
    for (const name of ['unleash-appname', 'unleash-sdk', 'unleash-connection-id']) hash = mixed(hash, headers[name])
    if (this.#noted.has(hash)) return false
    this.#noted.add(hash)
    return true
  }
}

function mixed(hash: number, text: string | string[] | undefined): number {
  if (typeof text !== 'string') return Math.imul(hash ^ 0x9e37, 0x01000193)
  let next = hash
  for (let at = 0; at < text.length; at++) next = Math.imul(next ^ text.charCodeAt(at), 0x01000193)
  return Math.imul(next ^ text.length, 0x01000193)
}
