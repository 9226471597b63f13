// What a replica asks of the database, by its own counters, and what it hears of others.
import { now } from './shared-clock.js'

const sampleEveryMs = 1_000

/** Counts from `begin()` to `end()`; each refresh asks the database for its position. */
export class CheckMeter {
  #feature
  #before = null
  #last = null
  #busiest = 0
  #timer = null

  constructor(feature) {
    this.#feature = feature
  }

  begin() {
    this.#before = this.#look()
    this.#last = this.#before
    this.#busiest = 0
    this.#timer = setInterval(() => this.#sample(), sampleEveryMs)
  }

  /** Checks in all, a second, and in the second that had the most; refreshes by kind, hints. */
  end() {
    clearInterval(this.#timer)
    const before = this.#before
    const after = this.#look()
    const seconds = (after.at - before.at) / 1_000
    const checks = after.checks - before.checks
    // A run may be shorter than a second.
    const busiest = Math.max(this.#busiest, seconds < 1 ? checks / seconds : 0)
    return {
      seconds,
      checks,
      perSecond: checks / seconds,
      busiest,
      refreshes: since(before.refreshes, after.refreshes),
      hints: since(before.hints, after.hints),
    }
  }

  #sample() {
    const look = this.#look()
    this.#busiest = Math.max(this.#busiest, ((look.checks - this.#last.checks) * 1_000) / (look.at - this.#last.at))
    this.#last = look
  }

  #look() {
    const { refreshes, shared } = this.#feature.counts()
    const checks = refreshes.none + refreshes.delta + refreshes.whole + refreshes.failed
    return { at: now(), checks, refreshes, hints: shared }
  }
}

/** By how much each count has grown. */
function since(before, after) {
  return Object.fromEntries(Object.entries(after).map(([kind, count]) => [kind, count - before[kind]]))
}
