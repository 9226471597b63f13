// Counts of checks as bars, from the bottom: on, and off above it. In a box of one by one, which the drawing stretches.

export interface Bar {
  readonly at: number
  readonly on: number
  readonly off: number
  readonly left: number
  readonly width: number
  /** Heights as a share of the highest bar. */
  readonly onHeight: number
  readonly offHeight: number
}

export interface Chart {
  readonly bars: readonly Bar[]
  readonly on: number
  readonly off: number
  /** Checks of the highest bar. */
  readonly most: number
  /** Milliseconds: where the first bar begins, and where the last one ends. */
  readonly from: number
  readonly to: number
}

/** A bar for each step; a step that one of the lists lacks counts as none. */
export function chartOf(counts: {
  readonly step_s: number
  readonly from: string
  readonly on: readonly number[]
  readonly off: readonly number[]
}): Chart {
  const steps = Math.max(counts.on.length, counts.off.length)
  const from = Date.parse(counts.from)
  const stepMs = counts.step_s * 1_000
  const pairs = Array.from({ length: steps }, (_, index) => [counts.on[index] ?? 0, counts.off[index] ?? 0] as const)
  const most = pairs.reduce((highest, [on, off]) => Math.max(highest, on + off), 0)
  const height = (value: number) => (most === 0 ? 0 : value / most)
  return {
    bars: pairs.map(([on, off], index) => ({
      at: from + index * stepMs,
      on,
      off,
      left: index / steps,
      width: 0.8 / steps,
      onHeight: height(on),
      offHeight: height(off),
    })),
    on: pairs.reduce((sum, [on]) => sum + on, 0),
    off: pairs.reduce((sum, [, off]) => sum + off, 0),
    most,
    from,
    to: from + steps * stepMs,
  }
}
