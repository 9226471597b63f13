// The newest changes, for streams that go on where they were cut: a thousand of them, and in a server that has just started as many as the
// history tells in one read.
import type { Position } from '../../../state/state.js'
import { positionText } from '../position-text.js'
import type { ToldChange } from './told-change.js'

const mostChanges = 1_000

export class ChangeRing {
  /** Oldest first, without a gap. */
  #changes: readonly ToldChange[] = []
  /** The position before the oldest. */
  #base: Position

  constructor(base: Position) {
    this.#base = base
  }

  /** The position before the oldest change. */
  get base(): Position {
    return this.#base
  }

  /** The position after the newest change. */
  get newest(): Position {
    return this.#changes.at(-1)?.position ?? this.#base
  }

  /** The changes since the position with this text; null if it is not known here. */
  since(text: string): readonly ToldChange[] | null {
    const index = this.#changes.findLastIndex(({ id }) => id === text)
    if (index >= 0) return this.#changes.slice(index + 1)
    return positionText(this.#base) === text ? this.#changes : null
  }

  /** The changes after the newest one, oldest first. */
  add(changes: readonly ToldChange[]): void {
    this.#take([...this.#changes, ...changes])
  }

  /** Older changes, oldest first, of which the last one leads to `base`; they begin after `base` of their own. */
  addOlder(base: Position, changes: readonly ToldChange[]): void {
    this.#base = base
    this.#take([...changes, ...this.#changes])
  }

  #take(changes: readonly ToldChange[]): void {
    const dropped = changes.length - mostChanges
    this.#changes = dropped > 0 ? changes.slice(dropped) : changes
    if (dropped > 0) this.#base = changes[dropped - 1]?.position ?? this.#base
  }
}
