// Changes of many rows, kept after they were read once: a change of 90,000 rows takes a tenth of a second to count, and a page of the history that shows it is asked
// for again and again. What a change wrote never changes; that it is still there is seen in the statement that would read it.
import type { ChangesQuestion, RecordedChange } from '../../history/changes.js'

/** A change as a question was answered. */
export interface LargeChange {
  readonly change: RecordedChange
  /** The id of its oldest row, or of the oldest one of the flag that was asked for. */
  readonly first: string
  /** Its rows, of all flags. */
  readonly amount: number
}

/** A smaller change is read as soon as it is found. */
const leastRows = 1_000
const mostChanges = 50
/** Rows that are told of all of them, at some 300 bytes each. */
const mostTold = 10_000

type Shape = Pick<ChangesQuestion, 'feature' | 'features' | 'rows'>

interface Kept {
  readonly shape: string
  readonly one: LargeChange
  readonly told: number
}

export class LargeChanges {
  /** The one that was used longest ago comes first. */
  readonly #kept = new Map<string, Kept>()

  /** Those that were kept of questions with the same flag and the same limits. */
  of(question: Shape): readonly LargeChange[] {
    const shape = shapeOf(question)
    return [...this.#kept.values()].filter((kept) => kept.shape === shape).map(({ one }) => one)
  }

  /** Keeps those of an answer that are worth it, and lets go of those that have been in none for longest. */
  keep(question: Shape, answered: readonly LargeChange[]): void {
    const shape = shapeOf(question)
    for (const one of answered) {
      if (one.amount < leastRows) continue
      const key = JSON.stringify([one.change.position.version, shape])
      this.#kept.delete(key)
      this.#kept.set(key, { shape, one, told: toldRows(one.change) })
    }
    let told = 0
    const newestFirst = [...this.#kept].reverse()
    for (const [index, [key, kept]] of newestFirst.entries()) {
      told += kept.told
      if (index >= mostChanges || told > mostTold) this.#kept.delete(key)
    }
  }
}

/** What an answer depends on, beside the change. */
function shapeOf({ feature, features, rows }: Shape): string {
  return JSON.stringify([feature ?? null, features, rows])
}

function toldRows({ features }: RecordedChange): number {
  return (features ?? []).reduce((sum, { rows }) => sum + rows.length, 0)
}
