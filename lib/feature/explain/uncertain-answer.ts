// Whether an answer of the past depends on rows of which it is not known whether they were stored (state/past.ts): it is answered again with
// each of them there and not there.
import { optOutSuffix } from '../../actors/stored-id.js'
import type { UncertainRow } from '../../state/past.js'
import { gatesOf, storedFeature } from '../../state/rows-after.js'
import type { StoredFeature } from '../../state/state.js'
import type { Asked } from './answer.js'
import type { ExplainedAnswer } from './explanation.js'

interface UncertainFlag {
  readonly name: string
  /** As the past has it; null: nothing was stored. */
  readonly stored: StoredFeature | null
  readonly uncertain: readonly UncertainRow[]
  readonly asked: Asked
}

/** Beyond so many rows, which have 64 combinations, the answer is taken to depend on them. */
const mostRows = 6

/** `answer` is asked for rows that the flag may have had. */
export function dependsOnUncertain(
  { name, stored, uncertain, asked }: UncertainFlag,
  answer: (stored: StoredFeature | null) => ExplainedAnswer,
): boolean {
  const rows = uncertain.filter((row) => row.feature === name && concerns(row, asked))
  if (rows.length === 0) return false
  if (rows.length > mostRows) return true
  const given = answer(stored)
  for (let combination = 1; combination < 2 ** rows.length; combination++) {
    const toggled = rows.filter((_, index) => (combination & (1 << index)) !== 0)
    if (possible(name, stored, toggled).some((other) => differs(answer(other), given))) return true
  }
  return false
}

/** Of the list of actors, only rows of those that are asked for. */
function concerns({ gate, value }: UncertainRow, { ids }: Asked): boolean {
  if (gate !== 'actors') return true
  const stored = ids.map((id) => id.toWellFormed())
  return stored.some((id) => value === id || value === id + optOutSuffix)
}

/** Without gates it is not known whether the feature's own row was there. */
function possible(
  name: string,
  stored: StoredFeature | null,
  toggled: readonly UncertainRow[],
): readonly (StoredFeature | null)[] {
  const gates = new Map([...(stored === null ? [] : gatesOf(stored))].map(([gate, values]) => [gate, new Set(values)]))
  for (const { gate, value, isStored } of toggled) {
    if (gate === null) continue
    const values = gates.get(gate) ?? new Set<string>()
    if (isStored) values.delete(value ?? '')
    else values.add(value ?? '')
    gates.set(gate, values)
  }
  const left = storedFeature(name, new Map([...gates].filter(([, values]) => values.size > 0)))
  return left.gates.size > 0 ? [left] : [left, null]
}

function differs(a: ExplainedAnswer, b: ExplainedAnswer): boolean {
  return a.chance !== b.chance || a.reason !== b.reason
}
