// Several steps of one feature that may touch the same row. They are worked out on the rows that are stored and written as their difference: a
// row that one step adds and another one takes away again leaves nothing in the history, and a list that ends where it began is no change.
import { currentOf } from '../../current.js'
import type { Step } from '../../store.js'
import { type Operation, rowsOf } from '../../../state/operations.js'
import { type Gates, rowsAfter, rowsBetween } from '../../../state/rows-after.js'
import type { Rows } from './gate-rows.js'

/** The steps of one feature in turn; those that have to be worked out together stand in one list, all others alone. */
export function stepsInTurn(steps: readonly Step[]): readonly (readonly [Step, ...Step[]])[] {
  const ofFeature = new Map<string, [Step, ...Step[]]>()
  for (const step of steps) {
    const known = ofFeature.get(step.feature)
    if (known === undefined) ofFeature.set(step.feature, [step])
    else known.push(step)
  }
  return [...ofFeature.values()].flatMap((own): (readonly [Step, ...Step[]])[] =>
    mayMeet(own) ? [own] : own.map((step) => [step]),
  )
}

/** Whether two of them may touch the same row. */
function mayMeet(steps: readonly Step[]): boolean {
  if (steps.length === 1) return false
  const touched = new Set<string>()
  return steps.some(({ operation }) => {
    const rows = touchedBy(operation)
    const meets = rows === null || rows.some((row) => touched.has(row))
    for (const row of rows ?? []) touched.add(row)
    return meets
  })
}

/** Null: any. */
function touchedBy(operation: Operation): readonly string[] | null {
  switch (operation.kind) {
    case 'add':
    case 'drop':
      return rowsOf(operation).map((row) => JSON.stringify(row))
    case 'set':
      return [operation.gate]
    case 'enable':
    case 'disable':
    case 'replace':
    case 'remove':
      return null
  }
}

/** What the steps leave of a feature, and what has to be written for it. */
export interface Together {
  /** Null: nothing is left of it. */
  readonly after: Gates | null
  /** Whether a step clears the feature, so that what other writers add meanwhile goes, too. */
  readonly clears: boolean
  readonly gone: Rows
  readonly made: Rows
}

/** Runs their checks on the rows that each would meet. `before` null: nothing is stored. Throws the error of a check. */
export function workedOut(steps: readonly Step[], before: Gates | null): Together {
  let after = before
  for (const step of steps) {
    const refusal = step.check?.(currentOf(step, after)) ?? null
    if (refusal !== null) throw refusal
    after = rowsAfter(after, [step.operation])
  }
  const rows = rowsBetween(before, after)
  const which = (wanted: 'added' | 'removed') =>
    rows.flatMap(
      ({ gate, value, operation }): Rows => (gate === null || operation !== wanted ? [] : [[gate, value ?? '']]),
    )
  return {
    after,
    clears: steps.some(({ operation }) => touchedBy(operation) === null),
    gone: which('removed'),
    made: which('added'),
  }
}
