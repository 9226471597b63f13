// The last step of an explanation: the default of a flag, which counts while nothing is stored.
import type { Definition } from '../../definition/definition.js'
import { faultText } from '../../definition/fault.js'
import type { Catalog } from '../../definition/catalog.js'
import { printable, quoted } from '../../text/printable.js'
import type { AnswerRules } from './flag-answer.js'
import type { ExplainedAsOf, ExplainedGate } from './explanation.js'

export type DefinitionFacts = Pick<Catalog, 'brokenFault' | 'faultsOf' | 'suggest'>

interface Defaulted {
  readonly name: string
  readonly definition: Definition | null
  /** Whether anything is stored. */
  readonly isStored: boolean
  readonly value: boolean | null
  readonly rules: Omit<AnswerRules, 'ask'>
  readonly from: ExplainedAsOf['from']
}

export function defaultStep(
  { name, definition, isStored, value, rules, from }: Defaulted,
  facts: DefinitionFacts,
): ExplainedGate {
  const gate = 'default'
  if (isStored) {
    const instead = from === 'stub' ? 'a stub of the test stands for what is stored' : 'something is stored'
    const undefinedHere = definition === null ? `; ${withoutDefinition(name, facts)}` : ''
    return { gate, open: false, decides: false, why: `not used, because ${instead}${undefinedHere}` }
  }
  return {
    gate,
    open: value,
    decides: true,
    why: `nothing is stored, and ${defaultIn({ name, definition, rules }, facts)}`,
  }
}

function defaultIn(
  { name, definition, rules }: Pick<Defaulted, 'name' | 'definition' | 'rules'>,
  facts: DefinitionFacts,
): string {
  if (definition === null) {
    const otherwise = rules.defaultIfUndefined === true ? '; the call says defaultEnabledIfUndefined: true' : ''
    return withoutDefinition(name, facts) + otherwise
  }
  if (rules.defaults === 'on') return 'the test under way turns on every flag of which nothing is stored'
  const [fault] = facts.faultsOf(name)
  const file = `${printable(definition.path)} says default_enabled: ${definition.defaultEnabled}`
  return fault === undefined ? file : `${file}; the file has a fault: ${faultText(fault)}`
}

function withoutDefinition(name: string, facts: DefinitionFacts): string {
  const broken = facts.brokenFault(name)
  if (broken !== null) return broken.problem
  const near = facts.suggest(name)
  return `no definition has this name${near === null ? '' : ` (did you mean ${quoted(near)}?)`}`
}
