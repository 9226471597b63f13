// Lists of items that share a key.
import { compareTexts } from '../state/text-order.js'

/** The items by their keys, in the order in which keys and items come. */
export function grouped<Key, Item>(items: Iterable<Item>, keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

/** The same, by the order of the keys' bytes. */
export function groupedByText<Item>(items: Iterable<Item>, keyOf: (item: Item) => string): [string, Item[]][] {
  return [...grouped(items, keyOf)].sort(([a], [b]) => compareTexts(a, b))
}
