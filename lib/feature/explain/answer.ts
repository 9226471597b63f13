// The answer of stored gates, by the very function that checks call, so that an explanation never says another one. Chance is taken out of
// it: what a check answers at its most unlucky throw is certain.
import type { Actor } from '../../actors/actor.js'
import type { Membership } from '../../gates/chance.js'
import type { CompiledGates } from '../../gates/compile.js'
import { decideMany, type Reason } from '../../gates/decide.js'

/** Whom a check is about. */
export interface Asked {
  readonly actors: readonly Actor[]
  /** Their ids, read once: reading one runs code of the application. */
  readonly ids: readonly string[]
}

/** Asks whether an actor is in a group; null where it is not registered here, or fails. */
export type AskGroup = (group: string, actor: Actor) => ReturnType<Membership>

export interface GatesAnswer {
  /** Null where chance decides. */
  readonly value: boolean | null
  readonly reason: Reason
  readonly chance: number
  /** The groups that were asked: whether any of the actors is in it, null where that is not known. A check asks no others. */
  readonly asked: ReadonlyMap<string, boolean | null>
}

/** The largest number below 1, which no throw exceeds. */
const mostUnlucky = 1 - Number.EPSILON / 2

/** What a check of these gates answers. `ask` is called as often as a check calls it. */
export function answerOf(gates: CompiledGates, { ids, actors }: Asked, ask: AskGroup): GatesAnswer {
  const asked = new Map<string, boolean | null>()
  const inGroup = (group: string, actor: Actor) => {
    const answer = ask(group, actor)
    if (answer !== false || !asked.has(group)) asked.set(group, answer)
    return answer === true
  }
  const { value, reason } = decideMany(gates, ids, actors, { random: () => mostUnlucky, inGroup })
  if (reason !== 'closed' || gates.percentageOfTime <= 0) return { value, reason, chance: value ? 1 : 0, asked }
  return { value: null, reason: 'percentage_of_time', chance: gates.percentageOfTime / 100, asked }
}
