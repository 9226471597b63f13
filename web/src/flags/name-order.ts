// The order of names, as a person sorts them: numbers by their value, so that `v2` stands before `v10`. That of the collator for English; but
// to make a collator takes a browser longer than to sort thousands of names, and nearly all names are plain.
let collator: Intl.Collator | null = null

/** Negative, zero or positive. */
export function compareNames(one: string, other: string): number {
  return compare({ name: one, key: keyOf(one) }, { name: other, key: keyOf(other) })
}

/** The same for many names that are compared again and again, as where they are sorted. */
export function nameComparison(): (one: string, other: string) => number {
  const known = new Map<string, Named>()
  const named = (name: string): Named => {
    const before = known.get(name)
    if (before !== undefined) return before
    const made = { name, key: keyOf(name) }
    known.set(name, made)
    return made
  }
  return (one, other) => compare(named(one), named(other))
}

interface Named {
  readonly name: string
  /** In the order of these texts, names stand as they should; null for a name that is not plain. */
  readonly key: string | null
}

function compare(one: Named, other: Named): number {
  if (one.key === null || other.key === null) {
    collator ??= new Intl.Collator('en', { numeric: true })
    return collator.compare(one.name, other.name)
  }
  return one.key === other.key ? 0 : one.key < other.key ? -1 : 1
}

/** Small letters, digits and underscores, and no number of more than forty digits. */
const plain = /^(?!.*\d{41})[a-z0-9_]*$/
const firstLength = '0'.charCodeAt(0)

/** Underscores before digits, those before letters, and each number behind a sign for how long it is. */
function keyOf(name: string): string | null {
  if (!plain.test(name)) return null
  return name.replaceAll('_', ' ').replace(/\d+/g, (digits) => {
    const number = digits.replace(/^0+/, '')
    return String.fromCharCode(firstLength + number.length) + number
  })
}
