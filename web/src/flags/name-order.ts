// The order of names, as a person sorts them: numbers by their value, so that `v2` stands before `v10`. That of the collator for English; but
// to make a collator takes a browser longer than to sort thousands of names, and nearly all names are plain.
let collator: Intl.Collator | null = null

/** Negative, zero or positive. */
export function compareNames(one: string, other: string): number {
  return nameComparison([one, other])(one, other)
}

/** The same, for names that are all among these. */
export function nameComparison(names: readonly string[]): (one: string, other: string) => number {
  const all = names.join('\n')
  // Small letters, digits, underscores and minus signs, and no number of more digits than a collator takes as one.
  if (/^[a-z0-9_\n-]*$/.test(all) && !/\d{41}/.test(all)) return comparePlain
  collator ??= new Intl.Collator('en', { numeric: true })
  return collator.compare
}

/** The order of the collator, of such names alone. */
function comparePlain(one: string, other: string): number {
  // Names that stand beside each other have most of their letters in common.
  let same = 0
  while (same < one.length && one.charCodeAt(same) === other.charCodeAt(same)) same += 1
  while (same > 0 && isDigit(one.charCodeAt(same - 1))) same -= 1
  return compareFrom(one, same, other, same)
}

/** Both texts from a place on where no number goes on. */
function compareFrom(one: string, here: number, other: string, there: number): number {
  if (here === one.length || there === other.length) return one.length - here - (other.length - there)
  const ours = one.charCodeAt(here)
  const theirs = other.charCodeAt(there)
  if (!isDigit(ours) || !isDigit(theirs)) {
    return ours === theirs ? compareFrom(one, here + 1, other, there + 1) : placeOf(ours) - placeOf(theirs)
  }
  const ourEnd = endOfNumber(one, here)
  const theirEnd = endOfNumber(other, there)
  return (
    compareNumbers(one.slice(here, ourEnd), other.slice(there, theirEnd)) || compareFrom(one, ourEnd, other, theirEnd)
  )
}

/** Underscores stand before minus signs, those before digits, and letters last. */
function placeOf(code: number): number {
  return code === 95 ? 0 : code
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function endOfNumber(text: string, from: number): number {
  let end = from + 1
  while (end < text.length && isDigit(text.charCodeAt(end))) end += 1
  return end
}

/** By value: in texts of one length, the order of the digits is that of the values. */
function compareNumbers(one: string, other: string): number {
  if (one === other) return 0
  const ours = one.replace(/^0+/, '')
  const theirs = other.replace(/^0+/, '')
  if (ours.length !== theirs.length) return ours.length - theirs.length
  return ours < theirs ? -1 : Number(ours > theirs)
}
