// From a sample to the whole: how many of all, and how far that may be off.

/** The number for the whole, and the margin: 95 of 100 samples lead to a number that is no further from the true one. */
export interface Estimate {
  readonly count: number
  readonly margin: number
}

/** For 95 in 100. */
const z = 1.96
/** With fewer in the sample, or all but so few, the usual formula is too sure: it would call 0 of a sample 0 of all, for certain. */
const few = 10

/** `found` of a sample of `size`, drawn at random without repetition from `total`. */
export function estimate(found: number, size: number, total: number): Estimate {
  if (size === 0) return { count: 0, margin: 0 }
  if (size >= total) return { count: found, margin: 0 }
  const isRare = Math.min(found, size - found) < few
  // Agresti and Coull: two more on each side.
  const share = isRare ? (found + 2) / (size + 4) : found / size
  const spread = Math.sqrt((share * (1 - share)) / size)
  const ofFinite = Math.sqrt((total - size) / (total - 1))
  return { count: Math.round((found * total) / size), margin: Math.ceil(z * total * spread * ofFinite) }
}
