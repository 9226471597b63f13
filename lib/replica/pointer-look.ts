// Judges the cache's pointer against what this process holds. Where it stands at this process's position with another digest,
// one of both is wrong, and only the store knows which: the content is compared, in turn, before a blob is written over it.
import type { Pointer } from '../cache/cache.js'
import { digestOf } from '../store/digest.js'
import { samePosition } from '../store/store.js'
import type { Clock } from './clock.js'
import type { Comparison } from './comparison.js'
import type { SeenPointer } from './exchange.js'
import type { Refresher } from './refresher.js'
import { storedFeatures } from './snapshot.js'
import type { TwoSnapshots } from './two-snapshots.js'

/** `same`: it names what is held here. `another`: it does not, so another blob is to be written. `doubtful`: not known yet. */
export type PointerVerdict = 'same' | 'another' | 'doubtful'

/** Hashing everything costs a large process a good part of a second. */
const hashEveryMs = 60_000

export interface PointerLookOptions {
  readonly clock: Clock
  readonly comparison: Comparison
  readonly refresher: Refresher
  readonly snapshots: TwoSnapshots
}

export class PointerLook {
  readonly #options: PointerLookOptions
  #hashedAtMs = Number.NEGATIVE_INFINITY
  /** The pointer that was doubted first, and when. */
  #doubted: { readonly text: string; readonly atMs: number } | null = null

  constructor(options: PointerLookOptions) {
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

  /** The digest of the ground, computed here, once a minute at most; null for not now. */
  async #hash(): Promise<string | null> {
    const { clock, snapshots, refresher } = this.#options
    const { ground, confirmed } = snapshots
    if (!confirmed || ground.position === null || clock.now() - this.#hashedAtMs < hashEveryMs) return null
    this.#hashedAtMs = clock.now()
    const text = await digestOf(storedFeatures(ground))
    refresher.knowDigest(ground.position, text)
    return text
  }

  /** Whether the store was asked since this pointer was first seen; otherwise it will be. */
  #wasCompared({ text }: Pointer, atMs: number): boolean {
    const { comparison } = this.#options
    if (this.#doubted?.text !== text) this.#doubted = { text, atMs }
    if (comparison.endedAtMs >= this.#doubted.atMs) return true
    comparison.soon()
    return false
  }
}
