// The rows of the store in memory, and how one change alters them.
import { type Gates, type RowChange, rowsAfter } from '../../state/rows-after.js'
import { currentOf } from '../current.js'
import type { Step } from '../store.js'

/** A row that a change adds or removes. */
export interface ChangedRow extends RowChange {
  readonly feature: string
}

/** Works on a copy, so that a refused change leaves nothing behind. */
export class MemoryWriter {
  readonly features: Map<string, Gates>
  readonly rows: ChangedRow[] = []

  constructor(features: ReadonlyMap<string, Gates>) {
    this.features = new Map(features)
  }

  /** Throws the error of the step's check. */
  apply(step: Step): void {
    const { feature, operation } = step
    const before = this.features.get(feature) ?? null
    const refusal = step.check?.(currentOf(step, before)) ?? null
    if (refusal !== null) throw refusal
    const { gates, changes } = rowsAfter(before, [operation])
    if (changes.length === 0) return
    if (gates === null) this.features.delete(feature)
    else this.features.set(feature, gates)
    for (const change of changes) this.rows.push({ feature, ...change })
  }
}
