// What a change does to each gate, from the rows before it and after it.
import { optOutSuffix } from '../../../actors/stored-id.js'
import type { CompiledGates } from '../../../gates/compile.js'

/** A gate that holds one value. */
export interface ValueChange {
  readonly gate: 'boolean' | 'percentage_of_actors' | 'percentage_of_time'
  readonly before: boolean | number
  readonly after: boolean | number
}

/** A list: how long it was and becomes, and at most 50 of what comes and goes. `never` holds those to whom the flag is denied. */
export interface ListChange {
  readonly gate: 'actors' | 'never' | 'groups'
  readonly before: number
  readonly after: number
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

export type GateChange = ValueChange | ListChange

/** The lists of a flag. */
export interface Lists {
  readonly actors: ReadonlySet<string>
  readonly never: ReadonlySet<string>
  readonly groups: ReadonlySet<string>
}

/** How many of each list a change for everybody clears. */
export interface Wiped {
  readonly actors: number
  readonly never: number
  readonly groups: number
}

const mostShown = 50

/** The gates that differ, in GitLab's order. */
export function gateChanges(before: CompiledGates | null, after: CompiledGates | null): readonly GateChange[] {
  return [
    ...valueChange('boolean', before?.boolean ?? false, after?.boolean ?? false),
    ...listChange('actors', listsOf(before), listsOf(after)),
    ...listChange('never', listsOf(before), listsOf(after)),
    ...valueChange('percentage_of_actors', before?.percentageOfActors ?? 0, after?.percentageOfActors ?? 0),
    ...valueChange('percentage_of_time', before?.percentageOfTime ?? 0, after?.percentageOfTime ?? 0),
    ...listChange('groups', listsOf(before), listsOf(after)),
  ]
}

/** Those of flags without rows. */
const noLists: Lists = { actors: new Set(), never: new Set(), groups: new Set() }
/** A preview looks at the lists of a flag from several sides, and they may be long. */
const made = new WeakMap<CompiledGates, Lists>()

export function listsOf(gates: CompiledGates | null): Lists {
  if (gates === null) return noLists
  const { actors, optOuts, groups } = gates
  const known = made.get(gates)
  if (known !== undefined) return known
  const lists = {
    actors:
      optOuts === null
        ? (actors ?? noLists.actors)
        : new Set([...(actors ?? [])].filter((id) => !id.endsWith(optOutSuffix))),
    never: optOuts ?? noLists.never,
    groups: new Set(groups),
  }
  made.set(gates, lists)
  return lists
}

function valueChange(gate: ValueChange['gate'], before: boolean | number, after: boolean | number): ValueChange[] {
  return before === after ? [] : [{ gate, before, after }]
}

function listChange(gate: ListChange['gate'], before: Lists, after: Lists): ListChange[] {
  const added = missingIn(before[gate], after[gate])
  const removed = missingIn(after[gate], before[gate])
  if (added.length === 0 && removed.length === 0) return []
  const shown = (ids: readonly string[]) => ids.slice(0, mostShown)
  return [{ gate, before: before[gate].size, after: after[gate].size, added: shown(added), removed: shown(removed) }]
}

/** In the order of their texts. */
function missingIn(list: ReadonlySet<string>, ids: ReadonlySet<string>): readonly string[] {
  if (list === ids) return []
  return [...ids].filter((id) => !list.has(id)).sort()
}
