// What a replica holds, as far as the replica has to know it: things of a name, each as the store gives it and as readers use it.
// Flags are one such content (flag-content.ts). Nothing in the replica but that file knows what a flag is.

/** One thing as it is stored. */
export interface Keyed {
  readonly key: string
}

/** One thing as readers use it. */
export interface Entry<Item extends Keyed> {
  readonly name: string
  /** Null where nothing is stored under the name. */
  readonly stored: Item | null
}

/** What a replica needs to know of its content. */
export interface Content<Item extends Keyed, Held extends Entry<Item>> {
  /** The names that have an entry also while nothing is stored under them; read again at each snapshot. */
  readonly named: () => Names
  /**
   * The entry of that name; null for none. `last` is what it was, to be given back where nothing has changed. Throws for an item
   * that cannot be used.
   */
  readonly entry: (name: string, stored: Item | null, last: Held | undefined) => Held | null
  /** Whether two items hold the same. */
  readonly isSame: (a: Item, b: Item) => boolean
  /** The digest that the store computes of the same items. */
  readonly digestOf: (items: Iterable<Item>) => Promise<string>
  /** How many rows the item has in the store. */
  readonly rowsOf: (item: Item) => number
}

/** What a set and a map of names have in common. */
export interface Names {
  readonly size: number
  has(name: string): boolean
  keys(): Iterable<string>
}

/** `isSame` for what may not be stored. */
export function sameStored<Item extends Keyed>(
  { isSame }: Pick<Content<Item, Entry<Item>>, 'isSame'>,
  a: Item | null,
  b: Item | null,
): boolean {
  return a === b || (a !== null && b !== null && isSame(a, b))
}
