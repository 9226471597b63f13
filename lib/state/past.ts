// What was stored at a point in the past, from what is stored now and from what the history has of each row.
//
// The history can be wrong about a row: a program that writes past the triggers leaves nothing in it. That shows where two things that must
// agree do not: what an operation has left (a row is there after it was added) and what the next one has found (a row is there before it is
// removed), or, after the last one, what is stored now. In between the row is uncertain.
import type { Revision } from './revision.js'
import { type Gates, gatesOf, storedFeature } from './rows-after.js'
import type { StoredFeature } from './state.js'
import { compareTexts } from './text-order.js'

/** A point in the past, as a caller names it. */
export type PastPoint =
  /** The state that the change of this version has left. */
  | { readonly kind: 'version'; readonly version: string }
  /** The state in which one flag had this revision. */
  | { readonly kind: 'revision'; readonly revision: Revision }
  /** The state that a change has found, or that it has left. */
  | { readonly kind: 'change'; readonly changeId: string; readonly side: 'before' | 'after' }
  /** The state at this moment, by the clock of the store. */
  | { readonly kind: 'time'; readonly at: Date }
  /** The state so many milliseconds ago, by the clock of the store. */
  | { readonly kind: 'ago'; readonly ms: number }

/** The source of the history's rows about what was found to be written past the triggers. */
export const untrackedSource = 'untracked'

/** What the history has of a row, next to the point. */
export interface RowOperation {
  readonly operation: 'added' | 'removed'
  readonly version: string
  /** Whether it only tells what was found to be written past the triggers. */
  readonly isUntracked: boolean
}

/**
 * A row, and the operations next to the point. Without operations it is one of which the history has nothing, though it was written since the
 * history began. Rows that are as they were, and about which nothing disagrees, need not be among them.
 */
export interface RowTrail {
  readonly feature: string
  /** Null for the feature's own row. */
  readonly gate: string | null
  readonly value: string | null
  /** Whether it is stored now. */
  readonly isStored: boolean
  /** The last operation up to the point. */
  readonly before: RowOperation | null
  /** The first operation after the point. */
  readonly after: RowOperation | null
}

/** A row of which it is not known whether it was stored at the point. */
export interface UncertainRow {
  readonly feature: string
  readonly gate: string | null
  readonly value: string | null
  /** Whether `Past.features` has it. */
  readonly isStored: boolean
  /** The version that has last told of it; null: none, since the history began. */
  readonly since: string | null
  /** The version that has told of it next; null: none, up to now. */
  readonly until: string | null
}

export interface RowsAt {
  /** By key, in the order of everything stored; a feature of which nothing was stored is not in it. */
  readonly features: ReadonlyMap<string, StoredFeature>
  readonly uncertain: readonly UncertainRow[]
}

export interface Stored {
  readonly features: readonly StoredFeature[]
  /** The keys of features that have gates and no row of their own, as other programs write them. */
  readonly unowned: ReadonlySet<string>
}

/**
 * The rows at a version. `isExact`: right after the change that made the version; otherwise at any moment before the next one, when a row may have been
 * written past the triggers already.
 */
export function rowsAt(
  now: Stored,
  trails: Iterable<RowTrail>,
  { version, isExact }: { readonly version: string; readonly isExact: boolean },
): RowsAt {
  const features = new Map(now.features.map((feature) => [feature.key, feature]))
  const touched = new Map<string, { hasOwn: boolean; readonly gates: Map<string, Set<string>> }>()
  const uncertain: UncertainRow[] = []
  for (const trail of trails) {
    const { feature, gate, value } = trail
    const stored = features.get(feature) ?? null
    const rows = touched.get(feature) ?? {
      hasOwn: stored !== null && !now.unowned.has(feature),
      gates: stored === null ? new Map() : copied(gatesOf(stored)),
    }
    touched.set(feature, rows)
    const { isThere, isCertain } = rowAt(trail, isExact ? version : null)
    if (gate === null) rows.hasOwn = isThere
    else if (isThere) rows.gates.set(gate, (rows.gates.get(gate) ?? new Set()).add(value ?? ''))
    else rows.gates.get(gate)?.delete(value ?? '')
    if (isCertain) continue
    const since = trail.before?.version ?? null
    uncertain.push({ feature, gate, value, isStored: isThere, since, until: trail.after?.version ?? null })
  }
  for (const [key, { hasOwn, gates }] of touched) {
    const left = new Map([...gates].filter(([, values]) => values.size > 0))
    if (hasOwn || left.size > 0) features.set(key, storedFeature(key, left))
    else features.delete(key)
  }
  return { features, uncertain: uncertain.sort(compareRows) }
}

/** A store gives its trails in any order. */
function compareRows(a: UncertainRow, b: UncertainRow): number {
  return (
    compareTexts(a.feature, b.feature) ||
    compareTexts(a.gate ?? '', b.gate ?? '') ||
    compareTexts(a.value ?? '', b.value ?? '')
  )
}

function copied(gates: Gates): Map<string, Set<string>> {
  return new Map([...gates].map(([gate, values]) => [gate, new Set(values)]))
}

/** `exact`: the version at whose very moment the row is asked for; null: at any moment before the next version. */
function rowAt(
  { isStored, before, after }: RowTrail,
  exact: string | null,
): { readonly isThere: boolean; readonly isCertain: boolean } {
  const left = before === null ? null : before.operation === 'added'
  const found = after === null ? isStored : after.operation === 'removed'
  const isKnownBefore = left === null ? after !== null : left === found
  if (isKnownBefore && after?.isUntracked !== true) return { isThere: found, isCertain: true }
  if (left !== null && before?.version === exact) return { isThere: left, isCertain: true }
  return { isThere: found, isCertain: false }
}
