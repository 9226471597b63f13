// What this process hears from the others, and what it makes of it.
//
// A hint is applied only where this process's position is named in it; one that leads to a position already passed is old;
// anything else is a reason to look: into the cache first, then into the store.
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
  /** Led to a position that this process had passed. */
  readonly ignored: number
  /** Did not name this process's position, or did not rise: something was missed, and the cache or the store was asked. */
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
  /** Whether hints are no more than a reason to ask the store. */
  readonly storeOnly: boolean
}

/** After an outage of the cache every process has questions, and all of them at once would be the next outage. */
const reconnectSpreadMs = 1_000

export class Heard<Item extends Keyed, Held extends Entry<Item>> {
  readonly #options: HeardOptions<Item, Held>
  readonly #counts = { heard: 0, applied: 0, ignored: 0, missed: 0 }
  /** Hints of one piece of the network, until they are applied together. */
  readonly #hints: Hint<Item>[] = []
  #isConnected = false
  #closed = false

  constructor(options: HeardOptions<Item, Held>) {
    this.#options = options
  }

  /** What comes in one piece of the network is applied as one: a process that is late catches up by that. */
  hint(hint: Hint<Item>): void {
    this.#counts.heard += 1
    if (this.#hints.push(hint) === 1) queueMicrotask(() => this.#orLook(() => this.#apply()))
  }

  /** Another process found that these names differ from what the history tells; null: more names than could be told. */
  difference(names: readonly string[] | null): void {
    const { triggers, comparison, refresher } = this.#options
    this.#orLook(() => {
      triggers.hurry()
      if (names === null) comparison.soon()
      else refresher.addDue(names)
    })
  }

  /**
   * Something may have been missed. The first time it only means that hints are heard now: a fleet that starts must not ask the
   * store at once.
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

  /** Nothing that was heard is applied any more. */
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

  /** What came from Redis must not end a process, whatever subscribes to the snapshot or logs of it. */
  #orLook(apply: () => void): void {
    try {
      apply()
    } catch {
      // An application's logger, say. The store has what this was about.
      this.#options.looks.soon()
    }
  }
}
