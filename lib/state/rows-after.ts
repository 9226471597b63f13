// The rows of one feature after a change, from the rows before it. The store in memory writes with this function, and a preview
// shows its result; the contract of stores holds Postgres to the same rows.
import { type Operation, rowsOf } from './operations.js'
import type { StoredFeature } from './state.js'
import { compareTexts } from './text-order.js'

/** Gate key → values, of one feature. No gate has an empty set. */
export type Gates = ReadonlyMap<string, ReadonlySet<string>>

/** A row that is added or removed; the feature's own row has no gate. */
export interface RowChange {
  readonly gate: string | null
  readonly value: string | null
  readonly operation: 'added' | 'removed'
}

export interface RowsAfter {
  /** Null: nothing is stored of the feature. */
  readonly gates: Gates | null
  /** In the order in which a store writes them; a row that is removed and added again is in it twice. */
  readonly changes: readonly RowChange[]
}

/** The rows after these operations, in their order. `before` stays as it is; null: nothing is stored. */
export function rowsAfter(before: Gates | null, operations: readonly Operation[]): RowsAfter {
  const rows = new Rows(before)
  for (const operation of operations) rows.apply(operation)
  return rows
}

/** The gates of a stored feature. */
export function gatesOf(stored: Pick<StoredFeature, 'gates'>): Gates {
  return new Map([...stored.gates].map(([gate, values]) => [gate, new Set(values)]))
}

/** The feature with these gates, in the order of everything stored (state.ts). */
export function storedFeature(key: string, gates: Gates): StoredFeature {
  const inOrder = [...gates].sort(([a], [b]) => compareTexts(a, b))
  return { key, gates: new Map(inOrder.map(([gate, values]) => [gate, [...values].sort(compareTexts)])) }
}

/** Works on copies of the gates that it changes. */
class Rows implements RowsAfter {
  readonly changes: RowChange[] = []
  #gates: Map<string, ReadonlySet<string>> | null
  /** The copies, by gate: one that still stands among the gates may be changed. */
  readonly #own = new Map<string, Set<string>>()

  constructor(before: Gates | null) {
    this.#gates = before === null ? null : new Map(before)
  }

  get gates(): Gates | null {
    return this.#gates
  }

  apply(operation: Operation): void {
    if (operation.kind === 'remove') {
      this.#removeFeature()
      return
    }
    const gates = this.#made()
    const wanted = rowsOf(operation)
    if (operation.kind === 'drop') {
      for (const [gate, value] of wanted) this.#remove(gates, gate, value)
      return
    }
    if (operation.kind !== 'add') {
      const kept = new Set(wanted.map(([gate, value]) => JSON.stringify([gate, value])))
      for (const [gate, values] of [...gates]) {
        if (operation.kind === 'set' && gate !== operation.gate) continue
        for (const value of [...values]) {
          if (!kept.has(JSON.stringify([gate, value]))) this.#remove(gates, gate, value)
        }
      }
    }
    for (const [gate, value] of wanted) this.#add(gates, gate, value)
  }

  #made(): Map<string, ReadonlySet<string>> {
    if (this.#gates !== null) return this.#gates
    this.#gates = new Map()
    this.changes.push({ gate: null, value: null, operation: 'added' })
    return this.#gates
  }

  #removeFeature(): void {
    if (this.#gates === null) return
    for (const [gate, values] of this.#gates) {
      for (const value of values) this.changes.push({ gate, value, operation: 'removed' })
    }
    this.#gates = null
    this.changes.push({ gate: null, value: null, operation: 'removed' })
  }

  #add(gates: Map<string, ReadonlySet<string>>, gate: string, value: string): void {
    if (gates.get(gate)?.has(value)) return
    this.#ownCopy(gates, gate).add(value)
    this.changes.push({ gate, value, operation: 'added' })
  }

  #remove(gates: Map<string, ReadonlySet<string>>, gate: string, value: string): void {
    if (!gates.get(gate)?.has(value)) return
    const values = this.#ownCopy(gates, gate)
    values.delete(value)
    if (values.size === 0) gates.delete(gate)
    this.changes.push({ gate, value, operation: 'removed' })
  }

  #ownCopy(gates: Map<string, ReadonlySet<string>>, gate: string): Set<string> {
    const now = gates.get(gate)
    const own = this.#own.get(gate)
    if (own !== undefined && own === now) return own
    const copy = new Set(now)
    this.#own.set(gate, copy)
    gates.set(gate, copy)
    return copy
  }
}
