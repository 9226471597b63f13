// Hints that came together, joined into one change: each is applied only if it names the position reached so far.
//
// A hint counts only if its versions rise. One whose versions do not rise is never applied, and never ignored either. With a
// chain that leads away and back to the real position, content could be forged without end. And a restored database leads to
// lower numbers, also to positions that were passed. Both are reasons to look at the store.
import type { Hint } from '../../cache/cache.js'
import { isAhead, type Position, type StoredDelta, samePosition } from '../../state/state.js'

/**
 * `ignored`: it leads to a position already passed. `missed`: a hint before it was missed, or it does not rise: the store must
 * be asked.
 */
export type HintFate = 'applied' | 'ignored' | 'missed'

export class HintChain<Item> {
  readonly #isPassed: (position: Position) => boolean
  readonly #via: Position[] = []
  readonly #changed = new Map<string, Item | null>()
  #position: Position | null

  /** Begins at that position. */
  constructor(position: Position | null, isPassed: (position: Position) => boolean) {
    this.#position = position
    this.#isPassed = isPassed
  }

  add({ from, via, to, changed }: Hint<Item>): HintFate {
    const mine = this.#position
    if (!isRising([from, ...via, to])) return 'missed'
    if (samePosition(to, mine) || this.#isPassed(to) || this.#via.some((one) => samePosition(one, to))) return 'ignored'
    const at = mine === null ? -1 : [from, ...via].findIndex((position) => samePosition(position, mine))
    if (at < 0 || changed === null) return 'missed'
    this.#via.push(...via.slice(at), to)
    for (const [key, feature] of changed) this.#changed.set(key, feature)
    this.#position = to
    return 'applied'
  }

  /** All hints that were applied, joined; null if there are none. */
  get delta(): StoredDelta<Item> | null {
    const position = this.#via.at(-1)
    return position === undefined ? null : { position, via: this.#via, changed: this.#changed }
  }
}

function isRising(positions: readonly Position[]): boolean {
  return positions.every((position, index) => {
    const before = positions[index - 1]
    return before === undefined || isAhead(position, before)
  })
}
