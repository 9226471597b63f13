// The snapshot that readers have now. Only this file replaces it. The parts that must hear of a new one subscribe: the side of
// the other processes (peers/), the public events, and the shortest way of a check.
import type { Position } from '../state/state.js'
import type { EntryChange, Snapshot } from './snapshot.js'

/** A new current snapshot, and the changes that led to it. */
export interface Swap<Held extends { readonly name: string }> {
  readonly snapshot: Snapshot<Held>
  readonly changes: readonly EntryChange<Held>[]
  /** The positions passed on the way, as far as they are known. */
  readonly via: readonly Position[]
}

export type SwapListener<Held extends { readonly name: string }> = (swap: Swap<Held>) => void

/** The part of it that is enough to follow its positions. */
export interface FollowedPositions {
  readonly value: { readonly position: Position | null }
  subscribe(listener: (swap: { readonly via: readonly Position[] }) => void): () => void
}

export class CurrentSnapshot<Held extends { readonly name: string }> {
  readonly #listeners = new Set<SwapListener<Held>>()
  #value: Snapshot<Held>

  constructor(first: Snapshot<Held>) {
    this.#value = first
  }

  get value(): Snapshot<Held> {
    return this.#value
  }

  /**
   * Puts the snapshot in place, then calls the subscribers in the order of their subscription. Throws a subscriber's first error
   * after all were called: a check that did not hear of a snapshot would go on answering from the last one.
   */
  swap(next: Swap<Held>): void {
    this.#value = next.snapshot
    const errors: unknown[] = []
    for (const listener of this.#listeners) {
      try {
        listener(next)
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }

  /** Calls the listener after each swap; returns a function that ends the subscription. */
  subscribe(listener: SwapListener<Held>): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }
}
