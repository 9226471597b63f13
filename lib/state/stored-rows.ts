// The rows of one item: what all contents that are kept as rows have in common (state.ts).
import type { StoredFeature } from './state.js'

/** Whether two items hold the same rows. Values are in the order of their bytes, from every source. */
export function sameRows(a: StoredFeature, b: StoredFeature): boolean {
  if (a === b) return true
  if (a.gates.size !== b.gates.size) return false
  for (const [gate, values] of a.gates) {
    const others = b.gates.get(gate)
    if (others === undefined || !sameValues(values, others)) return false
  }
  return true
}

function sameValues(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index])
}

/** One row for the item itself, and one for each value of a gate. */
export function rowCount({ gates }: StoredFeature): number {
  let rows = 1
  for (const values of gates.values()) rows += values.length
  return rows
}
