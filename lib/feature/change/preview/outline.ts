// A flag before and after planned steps: the rows that a store would leave, because both use rowsAfter (state/rows-after.ts).
import type { Definition } from '../../../definition/definition.js'
import { type CompiledGates, compileGates } from '../../../gates/compile.js'
import { gateState, gateValues } from '../../../gates/flag-state.js'
import type { Side } from '../../../gates/narrows.js'
import type { FeatureNow } from '../../../state/revision.js'
import { type Gates, gatesOf, rowsAfter } from '../../../state/rows-after.js'
import type { StoredFeature } from '../../../state/state.js'
import { currentOf } from '../../../store/current.js'
import { summarize, summarizeDefault } from '../../flag-summary.js'
import type { ChangeGuard } from '../change-guard.js'
import { Misses } from '../misses.js'
import type { FlagOperation } from '../operations.js'
import type { PlannedStep } from '../plan.js'
import { NothingStored } from '../refusals.js'
import { type GateChange, gateChanges } from './gate-changes.js'

/** A flag before or after a change. */
export interface PreviewedFlag {
  readonly state: 'on' | 'off' | 'conditional'
  /** Whether anything is stored of it; otherwise its default counts. */
  readonly stored: boolean
  /** In words, such as `on for 25 % of actors; off for everybody else`. */
  readonly summary: string
}

/** What a change would do to the rows of one flag. */
export interface FlagOutline {
  readonly name: string
  /** Whether any row would change. */
  readonly changed: boolean
  readonly before: PreviewedFlag
  readonly after: PreviewedFlag
  /** The gates that differ. */
  readonly gates: readonly GateChange[]
}

export interface Previewed {
  readonly name: string
  readonly operations: readonly FlagOperation[]
  readonly planned: readonly PlannedStep[]
  readonly force: boolean
  readonly now: Pick<FeatureNow, 'stored' | 'newest'>
  /** The class of the actors that are counted; by default the usual one of the flag. */
  readonly actorClass?: string | undefined
}

export interface Sides {
  readonly outline: FlagOutline
  readonly before: Side
  readonly after: Side
  /** What was to be taken off a list and is not on it. */
  readonly unmatched: readonly string[]
  /** Whether it would be refused for the default-on trap. */
  readonly isTrap: boolean
}

/** The flag before and after. Throws what the change would be refused with, but not for the default-on trap. */
export function sidesOf(previewed: Previewed, definition: Definition | null, guard: ChangeGuard): Sides {
  const { name, now } = previewed
  const rows = rowsOf(now.stored)
  const { gates, unmatched, isTrap } = tried(previewed, rows, guard)
  const [before, after] = [sideOf(name, rows, definition), sideOf(name, gates, definition)]
  const outline = {
    name,
    changed: isTrap || !sameGates(rows, gates),
    before: described(before, definition),
    after: described(after, definition),
    gates: gateChanges(before.gates, after.gates),
  }
  return { outline, before, after, unmatched, isTrap }
}

/** One flag as it was stored at two moments. */
export function outlineBetween(
  name: string,
  [from, to]: readonly [from: StoredFeature | null, to: StoredFeature | null],
  definition: Definition | null,
): FlagOutline {
  const [old, now] = [rowsOf(from), rowsOf(to)]
  const [before, after] = [sideOf(name, old, definition), sideOf(name, now, definition)]
  return {
    name,
    changed: !sameGates(old, now),
    before: described(before, definition),
    after: described(after, definition),
    gates: gateChanges(before.gates, after.gates),
  }
}

function rowsOf(stored: StoredFeature | null): Gates | null {
  return stored === null ? null : gatesOf(stored)
}

function sideOf(name: string, rows: Gates | null, definition: Definition | null): Side {
  return { gates: compiled(name, rows), isOnByDefault: definition?.defaultEnabled === true }
}

function described({ gates }: Side, definition: Definition | null): PreviewedFlag {
  if (gates === null) return { state: 'off', stored: false, summary: summarizeDefault(definition) }
  return { state: gateState(gates), stored: true, summary: summarize(gateValues(gates)) }
}

interface Tried {
  readonly gates: Gates | null
  readonly unmatched: readonly string[]
  /** Whether it would be refused for the default-on trap. */
  readonly isTrap: boolean
}

/** The steps with their checks, as a store runs them. */
function tried({ name, planned, force, now }: Previewed, rows: Gates | null, guard: ChangeGuard): Tried {
  const misses = new Misses(planned, () => now.stored?.gates.get('groups') ?? [])
  let gates = rows
  let isTrap = false
  for (const [index, step] of guard.guarded(planned, { force, trap: false }, misses).entries()) {
    const current = currentOf(step, gates)
    const refusal = step.check?.(current) ?? null
    if (refusal instanceof NothingStored) return { gates: rows, unmatched: [], isTrap: false }
    if (refusal !== null) throw refusal
    const one = planned[index]
    if (one !== undefined && !force && guard.isTrap(one, current)) isTrap = true
    gates = rowsAfter(gates, [step.operation])
  }
  const unmatched = misses.found().flatMap(({ feature, things }) => (feature === name ? things : []))
  return { gates, unmatched, isTrap }
}

function compiled(name: string, gates: Gates | null): CompiledGates | null {
  return gates === null ? null : compileGates(name, new Map([...gates].map(([gate, values]) => [gate, [...values]])))
}

function sameGates(a: Gates | null, b: Gates | null): boolean {
  if (a === null || b === null) return a === b
  return a.size === b.size && [...a].every(([gate, values]) => sameValues(values, b.get(gate)))
}

function sameValues(a: ReadonlySet<string>, b: ReadonlySet<string> | undefined): boolean {
  if (a === b) return true
  return a.size === b?.size && [...a].every((value) => b.has(value))
}
