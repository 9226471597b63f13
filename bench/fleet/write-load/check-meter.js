// What a replica asks of the database, by its own counters, and what it hears of others.
import { now } from '../../support/shared-clock.js'

/** @typedef {import('../../../lib/index.js').FeatureFlags} FeatureFlags */
/** @typedef {Readonly<Record<string, number>>} Counts */
/** @typedef {{ readonly at: number, readonly checks: number, readonly refreshes: Counts, readonly hints: Counts }} Look */

/**
 * Of one replica: checks in all, a second, and in the second that had the most; refreshes by kind, hints.
 * @typedef {{ seconds: number, checks: number, perSecond: number, busiest: number, refreshes: Counts, hints: Counts }} Checks
 */

const sampleEveryMs = 1_000

/** Counts from `begin()` to `end()`; each refresh asks the database for its position. */
export class CheckMeter {
  #feature
  /** @type {Look | null} */
  #before = null
  /** @type {Look | null} */
  #last = null
  #busiest = 0
  /** @type {NodeJS.Timeout | undefined} */
  #timer

  /** @param {FeatureFlags} feature */
  constructor(feature) {
    this.#feature = feature
  }

  begin() {
    this.#before = this.#look()
    this.#last = this.#before
    this.#busiest = 0
    this.#timer = setInterval(() => this.#sample(), sampleEveryMs)
  }

  /** @returns {Checks} */
  end() {
    clearInterval(this.#timer)
    const after = this.#look()
    const before = this.#before ?? after
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
    const last = this.#last ?? look
    this.#busiest = Math.max(this.#busiest, ((look.checks - last.checks) * 1_000) / (look.at - last.at))
    this.#last = look
  }

  /** @returns {Look} */
  #look() {
    const { refreshes, shared } = this.#feature.counts()
    const checks = refreshes.none + refreshes.delta + refreshes.whole + refreshes.failed
    return { at: now(), checks, refreshes: { ...refreshes }, hints: { ...shared } }
  }
}

/**
 * By how much each count has grown.
 * @param {Counts} before
 * @param {Counts} after
 */
function since(before, after) {
  return Object.fromEntries(Object.entries(after).map(([kind, count]) => [kind, count - before[kind]]))
}
