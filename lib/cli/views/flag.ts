// A flag as the commands show it: the API's fields, whether it is stored, and its state in words.
import { type ApiDefinition, definitionToApi } from '../../definition/definition.js'
import { quoted } from '../../text/printable.js'
import { summarize, summarizeDefault } from '../../feature/flag-summary.js'
import type { Instance } from '../../instance/instance.js'
import type { GateValue } from '../../gates/flag-state.js'
import { unknownFlag } from './errors.js'
import { programName } from '../../text/program-name.js'

export interface FlagView {
  readonly name: string
  readonly state: 'on' | 'off' | 'conditional'
  /** Whether any row is stored; if so, the default no longer counts. */
  readonly stored: boolean
  readonly gates: readonly GateValue[]
  readonly definition: ApiDefinition | null
  readonly summary: string
}

/** The facts about one flag. Throws InvalidFeatureFlagError (`unknown_flag`) for a flag that is neither defined nor stored. */
export function viewFlag(instance: Instance, name: string): FlagView {
  const { feature } = instance
  const { state, gates, definition } = feature.get(name)
  const stored = feature.persisted(name)
  if (definition === null && !stored) {
    const problem = `the flag ${quoted(name)} is neither defined nor stored`
    throw unknownFlag(instance, name, { problem, remedy: `${programName()} list shows all flags` })
  }
  const summary = stored ? summarize(gates) : summarizeDefault(definition)
  return { name, state, stored, gates, definition: definition && definitionToApi(definition), summary }
}

/** Name, whether anything is stored, and the state in words; empty for a flag that is neither defined nor stored. */
export function summaryOf(
  instance: Instance,
  name: string,
): readonly (readonly [string, Pick<FlagView, 'stored' | 'summary'>])[] {
  if (!instance.feature.persisted(name) && instance.catalog.get(name) === undefined) return []
  const { stored, summary } = viewFlag(instance, name)
  return [[name, { stored, summary }]]
}

/** Every flag that is defined or stored, by name. */
export function viewFlags(instance: Instance): FlagView[] {
  const names = new Set([...instance.catalog.all().keys(), ...instance.feature.persistedNames()])
  return [...names].sort().map((name) => viewFlag(instance, name))
}
