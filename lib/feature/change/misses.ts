// What a change was to take off a list and was not on it: a slip in an id would otherwise look like a change that was made.
import { optOutSuffix } from '../../actors/stored-id.js'
import type { FlagSnapshot } from '../../replica/flag-content.js'
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
  readonly #snapshot: FlagSnapshot
  /** Written anew by each try of the transaction. */
  readonly #missed = new Map<PlannedStep, readonly string[]>()

  /** `snapshot`: the one before the change. Groups are compared with it, as a transaction does not read them. */
  constructor(planned: readonly PlannedStep[], snapshot: FlagSnapshot) {
    this.#planned = planned
    this.#snapshot = snapshot
  }

  /** Notes what the step misses; called inside the transaction. */
  see(planned: PlannedStep, current: Current): void {
    const { feature, operation } = planned.step
    if (operation.kind !== 'drop') return
    const groups = this.#snapshot.entries.get(feature)?.stored?.gates.get('groups') ?? []
    const stored = operation.gate === 'actors' ? current.actors : new Set(groups)
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
