// Hints that came together, joined into one change: each is applied only where the position reached so far is named in it.
import type { Hint } from '../cache/cache.js'
import { type Position, type StoredDelta, type StoredFeature, samePosition } from '../store/store.js'
import type { Snapshot } from './snapshot.js'

/** `ignored`: it leads to a position already passed, or comes from another database. `missed`: something before it was. */
export type HintFate = 'applied' | 'ignored' | 'missed'

export class HintChain {
  readonly #databaseId: string | null
  readonly #isPassed: (position: Position) => boolean
  readonly #via: Position[] = []
  readonly #changed = new Map<string, StoredFeature | null>()
  #position: Position | null

  /** Begins at the snapshot's position. */
  constructor({ position, databaseId }: Snapshot, isPassed: (position: Position) => boolean) {
    this.#position = position
    this.#databaseId = databaseId
    this.#isPassed = isPassed
  }

  add({ from, via, to, changed }: Hint, databaseId: string): HintFate {
    const mine = this.#position
    const isForeign = this.#databaseId !== null && this.#databaseId !== databaseId
    if (isForeign || samePosition(to, mine) || this.#isPassed(to) || this.#via.some((one) => samePosition(one, to)))
      return 'ignored'
    const at = mine === null ? -1 : [from, ...via].findIndex((position) => samePosition(position, mine))
    if (at < 0 || changed === null) return 'missed'
    this.#via.push(...via.slice(at), to)
    for (const [key, feature] of changed) this.#changed.set(key, feature)
    this.#position = to
    return 'applied'
  }

  /** All that was applied; null for nothing. */
  get delta(): StoredDelta | null {
    const position = this.#via.at(-1)
    return position === undefined ? null : { position, via: this.#via, changed: this.#changed }
  }
}
