// What a change does to the rows of one feature. Rows end up as Flipper's ActiveRecord adapter would leave them.

export type Operation =
  /** Global enable: clears every other gate (Flipper: `enable` of the boolean gate). */
  | { readonly kind: 'enable' }
  /** Global disable: clears every gate, the feature stays (Flipper: `disable` of the boolean gate). */
  | { readonly kind: 'disable' }
  | { readonly kind: 'add'; readonly gate: 'actors' | 'groups'; readonly values: readonly string[] }
  | { readonly kind: 'drop'; readonly gate: 'actors' | 'groups'; readonly values: readonly string[] }
  /** A percentage, as the text Flipper stores; 0 leaves a row with text `0`. */
  | { readonly kind: 'set'; readonly gate: 'percentage_of_actors' | 'percentage_of_time'; readonly value: string }
  /** Makes the gates exactly these (import). */
  | { readonly kind: 'replace'; readonly gates: ReadonlyMap<string, readonly string[]> }
  /** Deletes the feature and its gates; does nothing if it is not stored. */
  | { readonly kind: 'remove' }

/** The rows that an operation wants to exist (or, for `drop`, not to exist), as gate and value. */
export function rowsOf(operation: Operation): readonly (readonly [gate: string, value: string])[] {
  switch (operation.kind) {
    case 'enable':
      return [['boolean', 'true']]
    case 'set':
      return [[operation.gate, operation.value]]
    case 'add':
    case 'drop':
      return [...new Set(operation.values)].map((value) => [operation.gate, value])
    case 'replace':
      return [...operation.gates].flatMap(([gate, values]) =>
        [...new Set(values)].map((value) => [gate, value] as const),
      )
    case 'disable':
    case 'remove':
      return []
  }
}
