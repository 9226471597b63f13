// What a change was to take off a list and was not on it: a slip in an id would otherwise look like a change that was made.
import { optOutSuffix } from '../../actors/stored-id.js'
import type { Current } from '../../store/store.js'
import type { ChangeAction, PlannedStep } from './plan.js'

export interface Unmatched {
  readonly feature: string
  readonly action: ChangeAction
  /** Ids of actors and names of groups. */
  readonly things: readonly string[]
}

export class Misses {
  readonly #planned: readonly PlannedStep[]
  readonly #groupsOf: (feature: string) => readonly string[]
  /** Written anew by each try of the transaction. */
  readonly #missed = new Map<PlannedStep, readonly string[]>()

  /** `groupsOf`: the groups of a flag before the change; a transaction does not read them. */
  constructor(planned: readonly PlannedStep[], groupsOf: (feature: string) => readonly string[]) {
    this.#planned = planned
    this.#groupsOf = groupsOf
  }

  /** Notes what the step misses; called inside the transaction. */
  see(planned: PlannedStep, current: Current): void {
    const { feature, operation } = planned.step
    if (operation.kind !== 'drop') return
    const stored = operation.gate === 'actors' ? current.actors : new Set(this.#groupsOf(feature))
    const missed = operation.values.filter((value) => !stored.has(value))
    this.#missed.set(planned, operation.gate === 'actors' ? missed.map(withoutSuffix) : missed)
  }

  /** In the order in which they were planned. */
  found(): readonly Unmatched[] {
    return this.#planned.flatMap((planned) => {
      const things = this.#missed.get(planned) ?? []
      return things.length === 0 ? [] : [{ feature: planned.step.feature, action: planned.action, things }]
    })
  }
}

function withoutSuffix(value: string): string {
  return value.endsWith(optOutSuffix) ? value.slice(0, -optOutSuffix.length) : value
}
