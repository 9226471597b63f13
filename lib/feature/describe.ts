// What is told of a flag: name, state, gates and definition, as GitLab's API shows them.
import type { Definition } from '../definition/definition.js'
import { type GateValue, gateState, gateValues } from '../gates/flag-state.js'
import type { Flag } from '../replica/flag.js'

export interface FlagDescription {
  readonly name: string
  readonly state: 'on' | 'off' | 'conditional'
  readonly gates: readonly GateValue[]
  readonly definition: Definition | null
}

/** A flag that is not stored has the state `off` and a closed boolean gate, whatever its default: as in Flipper. */
export function describeFlag(name: string, flag: Flag | undefined): FlagDescription {
  const definition = flag?.definition ?? null
  if (!flag?.gates) return { name, state: 'off', gates: [{ key: 'boolean', value: false }], definition }
  return { name, state: gateState(flag.gates), gates: gateValues(flag.gates), definition }
}
