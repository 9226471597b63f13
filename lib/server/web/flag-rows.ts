// What a page shows of each of thousands of flags: counts, and no ids of actors. The list has it as columns, an event as rows.
import { type AgeRules, isOverdue } from '../../definition/age.js'
import type { Catalog } from '../../definition/catalog.js'
import type { Fault } from '../../definition/fault.js'
import { gateState } from '../../gates/flag-state.js'
import type { Flag } from '../../replica/flag.js'
import type { FlagSnapshot } from '../../replica/flag-content.js'

/** In the order of the cells of a row, which may change: pages read them by name. What most flags have stands first. */
export const flagColumns = [
  'name',
  'state',
  'default_enabled',
  'type',
  'group',
  'milestone',
  'ee',
  'overdue',
  'stored',
  'changed_at',
  'changed_by',
  'percentage_of_actors',
  'actors',
  'groups',
  'percentage_of_time',
  'never',
  'fault',
] as const

/** A row has these in any case, and a list these columns. Of `default_enabled`, what is left out would not tell null from false. */
export const leastCells = 3

/** `default`: nothing is stored of the flag. */
export type ListedState = 'on' | 'off' | 'conditional' | 'default'

/** When a flag was changed last, as far as the history tells it. */
export interface LastChange {
  readonly at: Date
  readonly author: string
}

/** What a row shows beside the flag itself. */
export interface RowSources {
  readonly rules: AgeRules
  readonly faultOf: (name: string) => Fault | null
  readonly lastChangeOf: (name: string) => LastChange | null
}

/** What each column says of one flag. `flag` null: its definition is broken, and nothing is stored of it. */
export function flagCells(name: string, flag: Flag | null, sources: RowSources): readonly unknown[] {
  const definition = flag?.definition ?? null
  const gates = flag?.gates ?? null
  const changed = sources.lastChangeOf(name)
  const never = gates?.optOuts?.size ?? 0
  return [
    name,
    listedState(flag),
    definition?.defaultEnabled ?? null,
    definition?.type ?? null,
    definition?.group ?? null,
    definition?.milestone ?? null,
    definition?.ee ?? false,
    definition !== null && isOverdue(definition, sources.rules),
    gates !== null,
    changed?.at.toISOString() ?? null,
    changed?.author ?? null,
    gates?.percentageOfActors ?? 0,
    (gates?.actors?.size ?? 0) - never,
    gates?.groups?.toSorted() ?? [],
    gates?.percentageOfTime ?? 0,
    never,
    sources.faultOf(name)?.message ?? null,
  ]
}

/** The row of an event. */
export function shortened(cells: readonly unknown[]): readonly unknown[] {
  const last = cells.findLastIndex((cell) => !saysNothing(cell))
  return cells.slice(0, Math.max(leastCells, last + 1))
}

/** Whether a cell or a column may be left out. */
export function saysNothing(cell: unknown): boolean {
  return cell === null || cell === false || cell === 0 || (Array.isArray(cell) && cell.length === 0)
}

/** The state as the list has it. */
export function listedState(flag: Flag | null): ListedState {
  const gates = flag?.gates ?? null
  return gates === null ? 'default' : gateState(gates)
}

/** As people read names: numbers by their value, so that `v2` stands before `v10`. */
const { compare: compareNames } = new Intl.Collator('en', { numeric: true })

/** All flags of a list in the order of their names: those defined, those stored, and (null) those of which there is a broken definition alone. */
export function listedFlags(snapshot: FlagSnapshot, faults: ReadonlyMap<string, Fault>): [string, Flag | null][] {
  const flags: [string, Flag | null][] = []
  for (const flag of snapshot.entries.values()) flags.push([flag.name, flag])
  for (const [name, { severity }] of faults) {
    if (severity === 'error' && snapshot.entries.get(name) === undefined) flags.push([name, null])
  }
  // First by their letters alone, which is quick and leaves little to do.
  return flags.sort(([a], [b]) => (a < b ? -1 : 1)).sort(([a], [b]) => compareNames(a, b))
}

/** The fault to show of each flag that has any: the first error, otherwise the first warning. */
export function faultsByFlag({ faults }: Pick<Catalog, 'faults'>): ReadonlyMap<string, Fault> {
  const byFlag = new Map<string, Fault>()
  for (const fault of faults) {
    if (fault.flag === null) continue
    const shown = byFlag.get(fault.flag)
    if (shown === undefined || (shown.severity === 'warning' && fault.severity === 'error'))
      byFlag.set(fault.flag, fault)
  }
  return byFlag
}
