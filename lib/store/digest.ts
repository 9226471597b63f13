// One hash over everything stored, equal for equal contents in any order: SHA-256 of each row, the first 64 bits summed.
// lib/store/postgres-reads.ts computes the same in SQL: both must change together, and processes of both versions then
// see a difference once, which costs them one full read.
import { hash } from 'node:crypto'
import { breathing } from './breathing.js'
import type { StoredFeature } from './store.js'

/** NUL between the parts: Postgres' text never contains it, so no two rows read the same. */
const separator = '\0'
const rowsBetweenLooks = 256

/** The digest of these features, computed in slices that let the event loop breathe. */
export async function digestOf(features: Iterable<StoredFeature>): Promise<string> {
  let [featureCount, gateCount, high, low] = [0, 0, 0, 0]
  let total = 0n
  const breathe = breathing()
  for (const row of rowsOf(features)) {
    const hex = hash('sha256', row.text)
    high += Number.parseInt(hex.slice(0, 8), 16)
    low += Number.parseInt(hex.slice(8, 16), 16)
    if (row.isFeature) featureCount += 1
    else gateCount += 1
    if ((featureCount + gateCount) % rowsBetweenLooks !== 0) continue
    // Sums of 256 numbers of 32 bits are exact in a double; the total needs more.
    total += (BigInt(high) << 32n) + BigInt(low)
    high = low = 0
    await breathe()
  }
  total += (BigInt(high) << 32n) + BigInt(low)
  return digestText(featureCount, gateCount, total)
}

/** The text of a digest, from the numbers of rows and the sum of their hashes (any multiple of 2^64 more or less). */
export function digestText(featureCount: number, gateCount: number, sum: bigint): string {
  return `${featureCount}:${gateCount}:${BigInt.asUintN(64, sum).toString(16).padStart(16, '0')}`
}

function* rowsOf(features: Iterable<StoredFeature>): Generator<{ text: string; isFeature: boolean }> {
  for (const { key, gates } of features) {
    yield { text: key, isFeature: true }
    for (const [gate, values] of gates) {
      const start = `${key}${separator}${gate}${separator}`
      for (const value of values) yield { text: start + value, isFeature: false }
    }
  }
}
