// How large what is stored is, roughly: the limit is there to catch runaway writers, not to count to the byte.
import type { Snapshot } from '../replica/snapshot.js'

export class StoredSize {
  #snapshot: Snapshot | null = null
  #bytes = 0

  /** The characters of all keys and values; counted once a snapshot. */
  of(snapshot: Snapshot): number {
    if (snapshot !== this.#snapshot) {
      this.#bytes = count(snapshot)
      this.#snapshot = snapshot
    }
    return this.#bytes
  }
}

function count(snapshot: Snapshot): number {
  let bytes = 0
  for (const { stored } of snapshot.flags.values()) {
    if (stored === null) continue
    bytes += stored.key.length
    for (const [gate, values] of stored.gates) {
      bytes += gate.length
      for (const value of values) bytes += value.length
    }
  }
  return bytes
}
