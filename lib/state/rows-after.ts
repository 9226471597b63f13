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

/** The rows after these operations, in their order. `before` stays as it is; null, also of the result: nothing is stored. */
export function rowsAfter(before: Gates | null, operations: readonly Operation[]): Gates | null {
  const rows = new Rows(before)
  for (const operation of operations) rows.apply(operation)
  return rows.gates
}

/** The rows that differ, those that are gone first; a feature's own row is the first that is made and the last that goes. */
export function rowsBetween(before: Gates | null, after: Gates | null): readonly RowChange[] {
  const own = { gate: null, value: null }
  return [
    ...(before === null && after !== null ? [{ ...own, operation: 'added' } as const] : []),
    ...rowsOnlyIn(before, after).map((row) => ({ ...row, operation: 'removed' }) as const),
    ...rowsOnlyIn(after, before).map((row) => ({ ...row, operation: 'added' }) as const),
    ...(before !== null && after === null ? [{ ...own, operation: 'removed' } as const] : []),
  ]
}

function rowsOnlyIn(some: Gates | null, others: Gates | null): readonly Omit<RowChange, 'operation'>[] {
  return [...(some ?? [])].flatMap(([gate, values]) => {
    const known = others?.get(gate)
    // A gate that no operation touched is the same set on both sides.
    if (known === values) return []
    return [...values].flatMap((value) => (known?.has(value) === true ? [] : [{ gate, value }]))
  })
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
class Rows {
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
      this.#gates = null
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
    this.#gates ??= new Map()
    return this.#gates
  }

  #add(gates: Map<string, ReadonlySet<string>>, gate: string, value: string): void {
    if (gates.get(gate)?.has(value)) return
    this.#ownCopy(gates, gate).add(value)
  }

  #remove(gates: Map<string, ReadonlySet<string>>, gate: string, value: string): void {
    if (!gates.get(gate)?.has(value)) return
    const values = this.#ownCopy(gates, gate)
    values.delete(value)
    if (values.size === 0) gates.delete(gate)
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
