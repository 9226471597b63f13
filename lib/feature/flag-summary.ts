// What a flag means in words: "on for 2 actors and 25 % of actors; off for everybody else".
import { optOutSuffix } from '../actors/stored-id.js'
import type { Definition } from '../definition/definition.js'
import { namedFew } from '../definition/named-few.js'
import type { GateValue } from '../gates/flag-state.js'
import { counted } from '../text/counted.js'

/** A flag of which nothing is stored. */
export function summarizeDefault(definition: Definition | null): string {
  return definition?.defaultEnabled ? 'on for everybody (by default)' : 'off for everybody (by default)'
}

/** Stored gates in words, such as "on for 2 actors and 25 % of actors; off for everybody else". */
export function summarize(gates: readonly GateValue[]): string {
  const optedOut = actorsOf(gates).filter(isOptOut).length
  const except = optedOut === 0 ? '' : `; off for ${counted(optedOut, 'opted-out actor')}`
  if (isFullyOn(gates)) return `on for everybody${except}`
  const open = gates.flatMap(describeGate)
  if (open.length === 0)
    return optedOut === 0 ? 'off for everybody' : `off for everybody (${counted(optedOut, 'opt-out')} stored)`
  return `on for ${listed(open)}; off for everybody else${except}`
}

/** Ids that are allowed, and ids that are denied. */
export function splitActors(gates: readonly GateValue[]): { allowed: readonly string[]; optedOut: readonly string[] } {
  const actors = actorsOf(gates)
  return {
    allowed: actors.filter((actor) => !isOptOut(actor)),
    optedOut: actors.filter(isOptOut).map((actor) => actor.slice(0, -optOutSuffix.length)),
  }
}

function actorsOf(gates: readonly GateValue[]): readonly string[] {
  for (const gate of gates) if (gate.key === 'actors') return gate.value
  return []
}

function isOptOut(actor: string): boolean {
  return actor.endsWith(optOutSuffix)
}

function isFullyOn(gates: readonly GateValue[]): boolean {
  return gates.some(
    (gate) => (gate.key === 'boolean' && gate.value) || (gate.key === 'percentage_of_time' && gate.value >= 100),
  )
}

function describeGate(gate: GateValue): string[] {
  switch (gate.key) {
    case 'boolean':
      return []
    case 'actors': {
      const allowed = gate.value.filter((actor) => !isOptOut(actor)).length
      return allowed === 0 ? [] : [counted(allowed, 'actor')]
    }
    case 'groups':
      return [`the ${gate.value.length === 1 ? 'group' : 'groups'} ${namedFew(gate.value)}`]
    case 'percentage_of_actors':
      return [`${gate.value} % of actors`]
    case 'percentage_of_time':
      return [`${gate.value} % of checks, at random`]
  }
}

function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}
