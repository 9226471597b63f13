// Judges the hints that this process hears from the others.
//
// A hint is applied only if it names this process's position. A hint that leads to a position already passed is old. Any other
// hint is a reason to look: into the cache first, then into the store.
import type { Hint } from '../../cache/cache.js'
import type { Entry, Keyed } from '../content.js'
import type { PollSignal } from '../poll-signal.js'
import type { Comparison } from '../refresh/comparison.js'
import type { Refresher } from '../refresh/refresher.js'
import type { TriggerWatch } from '../refresh/trigger-watch.js'
import type { TwoSnapshots } from '../two-snapshots.js'
import { HintChain } from './hint-chain.js'
import type { Looks } from './looks.js'
import type { PassedPositions } from './passed-positions.js'

export interface HintCounts {
  readonly heard: number
  readonly applied: number
  /** Hints that led to a position that this process had passed. */
  readonly ignored: number
  /**
   * Hints that did not name this process's position, or did not rise: something was missed, and the cache or the store was
   * asked.
   */
  readonly missed: number
}

export interface HeardOptions<Item extends Keyed, Held extends Entry<Item>> {
  readonly snapshots: TwoSnapshots<Item, Held>
  readonly comparison: Comparison<Item, Held>
  readonly triggers: TriggerWatch
  readonly refresher: Refresher<Item, Held>
  readonly passed: PassedPositions
  readonly looks: Looks<Item, Held>
  readonly pollSignal: PollSignal
  /** Whether hints are only a reason to ask the store. */
  readonly storeOnly: boolean
}

/** After an outage of the cache every process has questions; if all asked at once, the next outage would follow. */
const reconnectSpreadMs = 1_000

export class Heard<Item extends Keyed, Held extends Entry<Item>> {
  readonly #options: HeardOptions<Item, Held>
  readonly #counts = { heard: 0, applied: 0, ignored: 0, missed: 0 }
  /** Hints that arrived in one piece of the network, until they are applied together. */
  readonly #hints: Hint<Item>[] = []
  #isConnected = false
  #closed = false

  constructor(options: HeardOptions<Item, Held>) {
    this.#options = options
  }

  /** Hints that arrive in one piece of the network are applied as one: a process that is late catches up that way. */
  hint(hint: Hint<Item>): void {
    this.#counts.heard += 1
    if (this.#hints.push(hint) === 1) queueMicrotask(() => this.#orLook(() => this.#apply()))
  }

  /** Another process found that the content of these names differs from the history; null: more names than a message holds. */
  difference(names: readonly string[] | null): void {
    const { triggers, comparison, refresher } = this.#options
    this.#orLook(() => {
      triggers.hurry()
      if (names === null) comparison.soon()
      else refresher.addDue(names)
    })
  }

  /**
   * Something may have been missed. The first call only means that hints are heard from now on: a fleet that starts must not
   * ask the store at once.
   */
  unsure(): void {
    const { looks } = this.#options
    const isFirst = !this.#isConnected
    this.#isConnected = true
    if (isFirst) void looks.intoCache()
    else looks.soon(reconnectSpreadMs)
  }

  counts(): HintCounts {
    return { ...this.#counts }
  }

  /** From now on, no hint is applied. */
  close(): void {
    this.#closed = true
  }

  #apply(): void {
    const { snapshots, passed, looks, pollSignal, storeOnly } = this.#options
    const heard = this.#hints.splice(0)
    if (this.#closed) return
    const chain = new HintChain<Item>(snapshots.current.position, (position) => passed.has(position))
    const applied: Hint<Item>[] = []
    for (const hint of heard) {
      const fate = chain.add(hint)
      this.#counts[fate] += 1
      if (fate === 'applied') applied.push(hint)
      if (fate === 'missed') looks.soon()
    }
    if (applied.length === 0) return
    if (storeOnly) pollSignal.give()
    else snapshots.hear(applied, chain)
  }

  /** Content from Redis must not end a process, even if a subscriber to the snapshot or a logger throws because of it. */
  #orLook(apply: () => void): void {
    try {
      apply()
    } catch {
      // An application's logger, for example. The store has the same content.
      this.#options.looks.soon()
    }
  }
}
