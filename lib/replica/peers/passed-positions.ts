// The positions that led to the snapshot now in place: this process has what they stood for. By name alone: a higher number proves
// nothing, as a restored database counts again.
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

  /** Whether one of the snapshots before the current one, or the current one, had that position. */
  has({ nonce }: Position): boolean {
    return this.#nonces.has(nonce)
  }

  /** The same, also where the current position was not passed on the way: at a start from the cache, say. */
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
