// Every fault comes in two sizes: small in `npm test`, where only outcomes count, and full in `npm run test:faults`,
// where figures are compared with their goals too.

export const isFull = process.env['SLUICE_FAULTS'] === 'full'

/** The small size in `npm test`, the full one in `npm run test:faults`. */
export function size<T>(small: T, full: T): T {
  return isFull ? full : small
}

/** When a test counts as hanging; never a goal. */
export const hangMs = size(120_000, 1_800_000)
