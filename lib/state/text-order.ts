// The order in which content is read, hashed and compared, everywhere: the order of the bytes of UTF-8, which is the order of
// the code points. JavaScript's own order is different: it puts U+1F600 (two surrogates) before U+FFFD.

const firstSurrogate = 0xd800
const afterSurrogates = 0xe000

/** Negative if `a` comes first, positive if `b` comes first, 0 if both are the same text. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const unitA = a.charCodeAt(index)
    const unitB = b.charCodeAt(index)
    if (unitA === unitB) continue
    if (unitA < firstSurrogate || unitB < firstSurrogate) return unitA - unitB
    // A surrogate is part of a code point above U+FFFF, so it comes after U+E000 to U+FFFF.
    return rank(unitA) - rank(unitB)
  }
  return a.length - b.length
}

function rank(unit: number): number {
  return unit < afterSurrogates ? unit + 0x10000 : unit
}
