// A flag's gates as GitLab's API and Flipper show them.
import type { CompiledGates, GateKey } from './compile.js'

export type GateValue =
  | { readonly key: 'boolean'; readonly value: boolean }
  | { readonly key: 'percentage_of_actors' | 'percentage_of_time'; readonly value: number }
  | { readonly key: 'actors' | 'groups'; readonly value: readonly string[] }

export type GateState = 'on' | 'off' | 'conditional'

export const gateKeys: readonly GateKey[] = [
  'boolean',
  'actors',
  'percentage_of_actors',
  'percentage_of_time',
  'groups',
]

/** `on` for the boolean gate or 100 % of time; `conditional` for any other gate, 100 % of actors included; otherwise `off`. */
export function gateState(gates: CompiledGates): GateState {
  // Exactly 100, as in Flipper: a row with more is open for all actors and still `conditional`.
  if (gates.boolean || gates.percentageOfTime === 100) return 'on'
  const { actors, groups, percentageOfActors, percentageOfTime } = gates
  const open = actors !== null || groups !== null || percentageOfActors > 0 || percentageOfTime > 0
  return open ? 'conditional' : 'off'
}

/** The gates' values: zero percentages and empty lists are dropped, `boolean: false` is kept (GitLab: entities/feature.rb). */
export function gateValues(gates: CompiledGates): readonly GateValue[] {
  const values: GateValue[] = [{ key: 'boolean', value: gates.boolean }]
  if (gates.actors !== null) values.push({ key: 'actors', value: [...gates.actors].sort() })
  if (gates.percentageOfActors > 0) values.push({ key: 'percentage_of_actors', value: gates.percentageOfActors })
  if (gates.percentageOfTime > 0) values.push({ key: 'percentage_of_time', value: gates.percentageOfTime })
  if (gates.groups !== null) values.push({ key: 'groups', value: [...gates.groups].sort() })
  return values
}
