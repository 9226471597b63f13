// Judges the cache's pointer against the content of this process. If it has this process's position but another digest, one of
// the two is wrong, and only the store knows which: the content is compared, in turn, before a blob is written over it.
import type { Pointer } from '../../cache/cache.js'
import { samePosition } from '../../state/state.js'
import type { Clock } from '../../time/clock.js'
import type { Content, Entry, Keyed } from '../content.js'
import type { FleetSize } from '../fleet-size.js'
import type { Comparison } from '../refresh/comparison.js'
import type { Refresher } from '../refresh/refresher.js'
import { storedItems } from '../snapshot.js'
import type { TwoSnapshots } from '../two-snapshots.js'
import type { SeenPointer } from './peers.js'

/**
 * `same`: it names this process's content. `another`: it does not, so another blob must be written. `doubtful`: not known yet.
 */
export type PointerVerdict = 'same' | 'another' | 'doubtful'

/** Hashing everything costs a large process a good part of a second. It is enough if one process of a fleet does it. */
const hashEveryMs = 60_000
const hashEveryMsPerProcess = 6_000
const longestHashPauseMs = 30 * 60_000

export interface PointerLookOptions<Item extends Keyed, Held extends Entry<Item>> {
  readonly clock: Clock
  readonly content: Content<Item, Held>
  readonly comparison: Comparison<Item, Held>
  readonly refresher: Refresher<Item, Held>
  readonly snapshots: TwoSnapshots<Item, Held>
  /** The fleet whose processes judge the pointer. */
  readonly fleet: FleetSize
}

export class PointerLook<Item extends Keyed, Held extends Entry<Item>> {
  readonly #options: PointerLookOptions<Item, Held>
  /** Null before the first look: the processes of a fleet look at different times. */
  #hashDueAtMs: number | null = null
  /** The pointer that is in doubt, and the time of the first doubt. */
  #doubted: { readonly text: string; readonly atMs: number } | null = null

  constructor(options: PointerLookOptions<Item, Held>) {
    this.#options = options
  }

  /** Judges a pointer that was read before the store confirmed the ground. */
  async judge({ pointer, atMs }: SeenPointer): Promise<PointerVerdict> {
    const { snapshots, refresher } = this.#options
    if (pointer === null || !samePosition(pointer.position, snapshots.ground.position)) return 'another'
    const digest = refresher.groundDigest ?? (await this.#hash())
    if (digest === null) return 'doubtful'
    if (digest === pointer.digest) return 'same'
    return this.#wasCompared(pointer, atMs) ? 'another' : 'doubtful'
  }

  /** The digest of the ground, computed here, once a minute at most, less often in a fleet; null if it is not due. */
  async #hash(): Promise<string | null> {
    const { clock, content, snapshots, refresher, fleet } = this.#options
    const { ground, confirmed } = snapshots
    const pauseMs = Math.min(longestHashPauseMs, Math.max(hashEveryMs, fleet.count * hashEveryMsPerProcess))
    if (!fleet.isSmall) this.#hashDueAtMs ??= clock.now() + clock.random() * pauseMs
    if (!confirmed || ground.position === null || clock.now() < (this.#hashDueAtMs ?? 0)) return null
    this.#hashDueAtMs = clock.now() + pauseMs
    const text = await content.digestOf(storedItems(ground))
    refresher.knowDigest(ground.position, text)
    return text
  }

  /** Whether the store has compared the content since this pointer was first seen; if not, makes the comparison due. */
  #wasCompared({ text }: Pointer, atMs: number): boolean {
    const { comparison } = this.#options
    if (this.#doubted?.text !== text) this.#doubted = { text, atMs }
    if (comparison.endedAtMs >= this.#doubted.atMs) return true
    comparison.soon()
    return false
  }
}
