// The positions that led to the current snapshot: this process has the changes behind them. They are compared by name alone: a
// higher number proves nothing, because a restored database repeats numbers.
import { type Position, samePosition } from '../../state/state.js'
import type { FollowedPositions } from '../current-snapshot.js'

const most = 256

export class PassedPositions {
  readonly #current: FollowedPositions
  readonly #nonces = new Set<string>()

  /** Follows the current snapshot from now on. */
  constructor(current: FollowedPositions) {
    this.#current = current
    current.subscribe(({ via }) => this.#note(via))
  }

  /** Whether the current snapshot, or one before it, had that position. */
  has({ nonce }: Position): boolean {
    return this.#nonces.has(nonce)
  }

  /** The same, also if the current position was not passed on the way: at a start from the cache, for example. */
  isReached(position: Position): boolean {
    return samePosition(this.#current.value.position, position) || this.has(position)
  }

  #note(via: readonly Position[]): void {
    for (const { nonce } of via) {
      this.#nonces.delete(nonce)
      this.#nonces.add(nonce)
    }
    for (const nonce of this.#nonces) {
      if (this.#nonces.size <= most) break
      this.#nonces.delete(nonce)
    }
  }
}
