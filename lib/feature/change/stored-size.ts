// How large what is stored is, roughly: the limit is there to catch runaway writers, not to count to the byte.
import type { FlagSnapshot } from '../../replica/flag-content.js'
import { type Gates, MemoryWriter } from '../../store/memory/rows.js'
import { rowsOf } from '../../store/storable.js'
import type { StoredFeature } from '../../state/state.js'
import type { Step } from '../../store/store.js'

export class StoredSize {
  /** A snapshot shares with the one before it what did not change. */
  readonly #counted = new WeakMap<StoredFeature, number>()
  #snapshot: FlagSnapshot | null = null
  #bytes = 0

  /** The characters of all keys and values; counted once a snapshot. */
  of(snapshot: FlagSnapshot): number {
    if (snapshot !== this.#snapshot) {
      this.#bytes = this.#count(snapshot)
      this.#snapshot = snapshot
    }
    return this.#bytes
  }

  #count(snapshot: FlagSnapshot): number {
    let bytes = 0
    for (const { stored } of snapshot.entries.values()) {
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

/**
 * How much larger the steps make what is stored. Where they cannot make it larger than `harmless`, more than it really is: what is
 * stored is looked at only where it matters.
 */
export function growthOf(steps: readonly Step[], snapshot: FlagSnapshot, harmless: number): number {
  const most = steps.reduce((sum, step) => sum + mostAdded(step), 0)
  if (most <= harmless) return most
  const before = new Map<string, Gates>()
  for (const { feature } of steps) {
    const stored = snapshot.entries.get(feature)?.stored
    if (stored) before.set(feature, new Map([...stored.gates].map(([gate, values]) => [gate, new Set(values)])))
  }
  const writer = new MemoryWriter(before)
  for (const { feature, operation } of steps) writer.apply({ feature, operation })
  return sizeOfAll(writer.features) - sizeOfAll(before)
}

function mostAdded({ feature, operation }: Step): number {
  return rowsOf(operation).reduce((sum, [gate, value]) => sum + gate.length + value.length, feature.length)
}

function sizeOfAll(features: ReadonlyMap<string, Gates>): number {
  let bytes = 0
  for (const [key, gates] of features) bytes += sizeOf({ key, gates })
  return bytes
}

interface Sized {
  readonly key: string
  readonly gates: ReadonlyMap<string, Iterable<string>>
}

function sizeOf(stored: Sized): number {
  let bytes = stored.key.length
  for (const [gate, values] of stored.gates) {
    bytes += gate.length
    for (const value of values) bytes += value.length
  }
  return bytes
}
