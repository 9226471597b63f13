// What one process of a fleet may ask of the store, so that all together never ask too much.
import type { Snapshot } from './snapshot.js'

/** Up to this many processes all compare before they are started; larger ones do in turn. */
export const smallFleet = 20

/** What large fleets ask of the store for one reason is spread so that a hundred processes a second ask. */
export const spreadMsPerProcess = 10
/** Comparing costs the store about that much for each stored row. */
const compareMsPerRow = 0.00125
/** Reading a row and sending it costs about that much. */
const readMsPerRow = 0.0012
/** Asking what is wrong with the triggers costs as much as a poll, and most fleets have sound ones. */
const triggerLookMsPerProcess = 600
/** The share of one processor of the store that a fleet may take for one reason. */
const share = 0.15
/** However large fleet and content are: each process compares as often as that. */
const longestTurnMs = 30 * 60_000
/** An answer may always hold so many rows. */
const leastRows = 1_000

/** The time over which the comparisons of the whole fleet are spread. */
export function turnMs(fleet: number, { flags }: Snapshot): number {
  let rows = 0
  for (const { stored } of flags.values()) {
    if (stored === null) continue
    rows += 1
    for (const values of stored.gates.values()) rows += values.length
  }
  const costMs = rows * compareMsPerRow
  return Math.min(longestTurnMs, Math.max(fleet * spreadMsPerProcess, (fleet * costMs) / share))
}

/**
 * The time over which a fleet that boots spreads its first looks at the triggers: a process that does not know yet compares
 * its content all the same, and hears of what others find.
 */
export function triggerLookMs(fleet: number): number {
  return fleet <= smallFleet ? 0 : Math.min(longestTurnMs, fleet * triggerLookMsPerProcess)
}

/** The most stored rows that the answer to one poll may hold, where every process of the fleet polls. */
export function mostRows(fleet: number, pollIntervalMs: number): number {
  return Math.max(leastRows, Math.round((share * pollIntervalMs) / (fleet * readMsPerRow)))
}
