// How large what is stored is, roughly: the limit is there to catch runaway writers, not to count to the byte.
import type { FlagSnapshot } from '../../replica/flag-content.js'
import { type Operation, rowsOf } from '../../state/operations.js'
import { type Gates, gatesOf, rowsAfter } from '../../state/rows-after.js'
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
  const operations = new Map<string, Operation[]>()
  for (const { feature, operation } of steps) {
    operations.set(feature, [...(operations.get(feature) ?? []), operation])
  }
  let growth = 0
  for (const [key, ofFeature] of operations) {
    const stored = snapshot.entries.get(key)?.stored
    const before = stored ? gatesOf(stored) : null
    growth += sizeOfGates(key, rowsAfter(before, ofFeature)) - sizeOfGates(key, before)
  }
  return growth
}

function mostAdded({ feature, operation }: Step): number {
  return rowsOf(operation).reduce((sum, [gate, value]) => sum + gate.length + value.length, feature.length)
}

function sizeOfGates(key: string, gates: Gates | null): number {
  return gates === null ? 0 : sizeOf({ key, gates })
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
