// Asks flags all the time, times each single check, and notes whatever a fault must never cause.
import type { FeatureFlags } from '../../../lib/feature/feature.js'
import type { Expected } from './messages.js'

/** One process of a few; where many instances share it, there are many processes too, and few cores. */
const [everyMs, everyMsOfMany] = [10, 500]
/** As in a loop: so many that the first ones, which find cold caches, are below one in a hundred. */
const checksPerTurn = 500
/** So many that V8 has compiled a check: else, where a process stands still for most of a test, its first ones would count. */
const warmingChecks = 20_000
/** Buckets of 10 ns, up to a millisecond. */
const bucketNs = 10
const buckets = 100_000

export class CheckLoop {
  checks = 0
  threw = 0
  wrong = 0
  readonly unhandled: string[] = []
  readonly #checkNs = new Uint32Array(buckets)
  readonly #clockNs = clockCostNs()
  readonly #lateMs = new Uint32Array(60_000)
  #timer: NodeJS.Timeout | null = null

  constructor() {
    process.on('unhandledRejection', (error) => this.unhandled.push(String(error)))
    process.on('uncaughtException', (error) => this.unhandled.push(String(error)))
  }

  /** Begins to ask; the instances take turns. */
  start(features: readonly FeatureFlags[], expected: readonly Expected[]): void {
    const questions = expected.map(({ flag, actor, answer }) => ({
      flag,
      actor: actor === null ? undefined : { flipperId: actor },
      answer,
    }))
    const [first] = features
    for (let n = 0; first !== undefined && n < warmingChecks; n++) {
      const question = questions[n % questions.length]
      if (question !== undefined) this.#ask(first, question)
    }
    this.measure()
    const pauseMs = features.length > 1 ? everyMsOfMany : everyMs
    let due = performance.now() + pauseMs
    let turn = 0
    this.#timer = setInterval(() => {
      const now = performance.now()
      const late = Math.min(this.#lateMs.length - 1, Math.max(0, Math.round(now - due)))
      this.#lateMs[late] = (this.#lateMs[late] ?? 0) + 1
      due = now + pauseMs
      const feature = features[turn++ % features.length]
      if (feature === undefined) return
      for (let n = 0; n < checksPerTurn; n++) {
        const question = questions[n % questions.length]
        if (question !== undefined) this.#ask(feature, question)
      }
    }, pauseMs)
  }

  /** Begins to measure anew. */
  measure(): void {
    this.#checkNs.fill(0)
    this.#lateMs.fill(0)
  }

  /** The 99th percentiles so far. */
  percentiles(): { checkP99Ns: number; loopDelayP99Ms: number } {
    return { checkP99Ns: percentile99(this.#checkNs) * bucketNs, loopDelayP99Ms: percentile99(this.#lateMs) }
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
  }

  #ask(feature: FeatureFlags, { flag, actor, answer }: { flag: string; actor: object | undefined; answer: boolean }) {
    try {
      const before = performance.now()
      const said = actor === undefined ? feature.enabled(flag) : feature.enabled(flag, actor as { flipperId: string })
      const ns = (performance.now() - before) * 1_000_000 - this.#clockNs
      const bucket = Math.min(buckets - 1, Math.max(0, Math.floor(ns / bucketNs)))
      this.#checkNs[bucket] = (this.#checkNs[bucket] ?? 0) + 1
      this.checks += 1
      if (said !== answer) this.wrong += 1
    } catch (error) {
      this.threw += 1
      this.unhandled.push(`check: ${String(error)}`)
    }
  }
}

/** What looking at the clock costs by itself: the median of many times nothing. */
function clockCostNs(): number {
  const times = Array.from({ length: 10_001 }, () => {
    const before = performance.now()
    return (performance.now() - before) * 1_000_000
  })
  return times.sort((a, b) => a - b)[5_000] ?? 0
}

/** Without callbacks and iterators, which take five times as long: tests look at a process many times a second. */
function percentile99(counts: Uint32Array): number {
  let total = 0
  for (let index = 0; index < counts.length; index += 1) total += counts[index] ?? 0
  let seen = 0
  for (let index = 0; index < counts.length; index += 1) {
    seen += counts[index] ?? 0
    if (seen >= total * 0.99) return index
  }
  return counts.length
}
