// The rows of the store in memory, and how one change alters them.
import { type Gates, type RowChange, rowsAfter, rowsBetween } from '../../state/rows-after.js'
import { currentOf } from '../current.js'
import type { Step } from '../store.js'

/** A row that a change adds or removes. */
export interface ChangedRow extends RowChange {
  readonly feature: string
}

/** Works on a copy, so that a refused change leaves nothing behind. */
export class MemoryWriter {
  readonly features: Map<string, Gates>
  /** What was stored of each feature with a step; null: nothing. */
  readonly #before = new Map<string, Gates | null>()

  constructor(features: ReadonlyMap<string, Gates>) {
    this.features = new Map(features)
  }

  /** The rows that differ: one that a step adds and another one takes away again is not among them. */
  get rows(): readonly ChangedRow[] {
    return [...this.#before].flatMap(([feature, before]) =>
      rowsBetween(before, this.features.get(feature) ?? null).map((row) => ({ feature, ...row })),
    )
  }

  /** Throws the error of the step's check. */
  apply(step: Step): void {
    const { feature, operation } = step
    const now = this.features.get(feature) ?? null
    if (!this.#before.has(feature)) this.#before.set(feature, now)
    const refusal = step.check?.(currentOf(step, now)) ?? null
    if (refusal !== null) throw refusal
    const gates = rowsAfter(now, [operation])
    if (rowsBetween(now, gates).length === 0) return
    if (gates === null) this.features.delete(feature)
    else this.features.set(feature, gates)
  }
}
