// The content of a replica, as far as the replica must know it: items with a name, each as the store gives it and as readers
// use it. Flags are one such content (flag-content.ts). Only that file in the replica knows what a flag is.

/** One item as it is stored. */
export interface Keyed {
  readonly key: string
}

/** One item as readers use it. */
export interface Entry<Item extends Keyed> {
  readonly name: string
  /** Null if nothing is stored under the name. */
  readonly stored: Item | null
}

/** The facts that a replica needs about its content. */
export interface Content<Item extends Keyed, Held extends Entry<Item>> {
  /** The names that have an entry even if nothing is stored under them; read again at each snapshot. */
  readonly named: () => Names
  /**
   * The entry of that name; null for none. `last` is the entry before; the same object is returned if nothing has changed.
   * Throws for an item that cannot be used.
   */
  readonly entry: (name: string, stored: Item | null, last: Held | undefined) => Held | null
  /** Whether two items have the same content. */
  readonly isSame: (a: Item, b: Item) => boolean
  /** The digest that the store computes of the same items. */
  readonly digestOf: (items: Iterable<Item>) => Promise<string>
  /** The number of rows that the item has in the store. */
  readonly rowsOf: (item: Item) => number
}

/** The methods that a set and a map of names share. */
export interface Names {
  readonly size: number
  has(name: string): boolean
  keys(): Iterable<string>
}

/** `isSame` for items that may not be stored. */
export function sameStored<Item extends Keyed>(
  { isSame }: Pick<Content<Item, Entry<Item>>, 'isSame'>,
  a: Item | null,
  b: Item | null,
): boolean {
  return a === b || (a !== null && b !== null && isSame(a, b))
}
