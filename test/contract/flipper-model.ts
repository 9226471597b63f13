// A small model of Flipper's ActiveRecord adapter: what rows each operation leaves. Written after the adapter's Ruby
// code, and simple enough to be compared with it line by line.
import type { StoredFeature } from '../../lib/state/state.js'
import type { Operation } from '../../lib/state/operations.js'

interface GateRow {
  readonly feature: string
  readonly key: string
  readonly value: string
}

export class FlipperModel {
  readonly #features = new Set<string>()
  #gates: GateRow[] = []

  apply(feature: string, operation: Operation): void {
    if (operation.kind === 'remove') {
      this.#features.delete(feature)
      this.#clear(feature)
      return
    }
    // `Flipper::Feature#enable` and `#disable` both add the feature first.
    this.#features.add(feature)
    switch (operation.kind) {
      case 'enable':
        this.#clear(feature)
        this.#create(feature, 'boolean', ['true'])
        break
      case 'disable':
        this.#clear(feature)
        break
      case 'set':
        this.#destroy((row) => row.feature === feature && row.key === operation.gate)
        this.#create(feature, operation.gate, [operation.value])
        break
      case 'add':
        this.#create(feature, operation.gate, operation.values)
        break
      case 'drop':
        for (const value of operation.values) {
          this.#destroy((row) => row.feature === feature && row.key === operation.gate && row.value === value)
        }
        break
      case 'replace':
        this.#clear(feature)
        for (const [gate, values] of operation.gates) this.#create(feature, gate, values)
    }
  }

  /** Every row as text, sorted. */
  rows(): string[] {
    const gates = this.#gates.map((row) => JSON.stringify([row.feature, row.key, row.value]))
    return [...[...this.#features].map((feature) => JSON.stringify([feature])), ...gates].sort()
  }

  #clear(feature: string): void {
    this.#destroy((row) => row.feature === feature)
  }

  #destroy(matches: (row: GateRow) => boolean): void {
    this.#gates = this.#gates.filter((row) => !matches(row))
  }

  /** The unique index refuses a second row; the adapter ignores that. */
  #create(feature: string, key: string, values: readonly string[]): void {
    for (const value of values) {
      const isThere = this.#gates.some((row) => row.feature === feature && row.key === key && row.value === value)
      if (!isThere) this.#gates.push({ feature, key, value })
    }
  }
}

/** What a store holds, in the form of `FlipperModel.rows`. */
export function rowsOfStored(features: readonly StoredFeature[]): string[] {
  return features
    .flatMap(({ key, gates }) => [
      JSON.stringify([key]),
      ...[...gates].flatMap(([gate, values]) => values.map((value) => JSON.stringify([key, gate, value]))),
    ])
    .sort()
}
