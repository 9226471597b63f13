// How large what is stored is, roughly: the limit is there to catch runaway writers, not to count to the byte.
import type { Snapshot } from '../replica/snapshot.js'
import type { StoredFeature } from '../store/store.js'

export class StoredSize {
  /** A snapshot shares with the one before it what did not change. */
  readonly #counted = new WeakMap<StoredFeature, number>()
  #snapshot: Snapshot | null = null
  #bytes = 0

  /** The characters of all keys and values; counted once a snapshot. */
  of(snapshot: Snapshot): number {
    if (snapshot !== this.#snapshot) {
      this.#bytes = this.#count(snapshot)
      this.#snapshot = snapshot
    }
    return this.#bytes
  }

  #count(snapshot: Snapshot): number {
    let bytes = 0
    for (const { stored } of snapshot.flags.values()) {
      if (stored !== null) bytes += this.#counted.get(stored) ?? this.#countOne(stored)
    }
    return bytes
  }

  #countOne(stored: StoredFeature): number {
    const bytes = sizeOf(stored)
    this.#counted.set(stored, bytes)
    return bytes
  }
}

function sizeOf(stored: StoredFeature): number {
  let bytes = stored.key.length
  for (const [gate, values] of stored.gates) {
    bytes += gate.length
    for (const value of values) bytes += value.length
  }
  return bytes
}
