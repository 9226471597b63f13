// Writes one actor after the other, as fast as told, and keeps account of how each write ended.
import type { FeatureFlags } from '../../../lib/feature/feature.js'
import { FeatureError } from '../../../lib/errors.js'
import type { Loaded, Refusal } from './messages.js'

export class WriteLoad {
  readonly #feature: FeatureFlags
  readonly #onAcknowledged: (number: number) => void
  readonly #acknowledged: number[] = []
  readonly #refused: Refusal[] = []
  #slowestRefusalMs = 0
  #next: number
  #ending = false
  #running: Promise<void> = Promise.resolve()

  constructor(feature: FeatureFlags, from: number, onAcknowledged: (number: number) => void) {
    this.#feature = feature
    this.#next = from
    this.#onAcknowledged = onAcknowledged
  }

  start(flags: readonly string[], spacingMs: number): void {
    this.#running = this.#run(flags, spacingMs)
  }

  async end(): Promise<Loaded> {
    this.#ending = true
    await this.#running
    return {
      acknowledged: this.#acknowledged,
      refused: this.#refused,
      slowestRefusalMs: this.#slowestRefusalMs,
      nextNumber: this.#next,
    }
  }

  async #run(flags: readonly string[], spacingMs: number): Promise<void> {
    while (!this.#ending) {
      const number = this.#next++
      const before = performance.now()
      try {
        await this.#feature.enable(flags[number % flags.length] ?? '', { flipperId: `User:${number}` })
        this.#onAcknowledged(number)
        this.#acknowledged.push(number)
      } catch (error) {
        this.#slowestRefusalMs = Math.max(this.#slowestRefusalMs, performance.now() - before)
        this.#refused.push({ number, code: error instanceof FeatureError ? error.code : `untyped: ${String(error)}` })
      }
      await new Promise((resume) => setTimeout(resume, spacingMs))
    }
  }
}
