// What many measured values come to.

/**
 * The middle one, the upper of two.
 * @param {readonly number[]} values
 */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/**
 * The value below which that share of the values lie.
 * @param {readonly number[]} values
 * @param {number} share
 */
export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/**
 * `19.0 ns`, `122 ns`, `1.22 µs`, `41 µs`.
 * @param {number} value
 */
export function nanoseconds(value) {
  if (value < 100) return `${value.toFixed(1)} ns`
  if (value < 1_000) return `${value.toFixed(0)} ns`
  return `${(value / 1_000).toFixed(value < 10_000 ? 2 : 0)} µs`
}
