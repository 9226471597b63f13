// Who has a flag now, and who would have it at each percentage of actors, of the known actors.
import { countsByPercent } from '../../../gates/by-percent.js'
import { chanceOf } from '../../../gates/chance.js'
import type { Side } from '../../../gates/narrows.js'
import type { GroupMembership } from '../../group-questions.js'
import { countsOf, type Effect, membershipOf } from './effect.js'
import { estimate } from './estimate.js'
import type { KnownActors } from './known-actors.js'
import type { KnownActor } from './read-sample.js'

export interface PresentEffect extends Pick<Effect, 'actorClass' | 'known' | 'sample' | 'of'> {
  /** How many of the known actors are certain to have it. */
  readonly on: number
  /** How far `on` may be off, with 95 in 100; 0 where all known actors were looked at. */
  readonly margin: number
  /** 101 numbers: how many would be certain to have it, were the percentage of actors 0 to 100 and all other gates as they are. */
  readonly byPercent: readonly number[]
}

/** The flag now, for these known actors. */
export function presentEffect(
  name: string,
  { gates, isOnByDefault }: Side,
  known: KnownActors,
  inGroup: GroupMembership,
): PresentEffect {
  const groups = gates?.groups ?? []
  const counted = (actors: readonly KnownActor[]) =>
    countsByPercent(
      name,
      gates,
      actors.map((actor) => {
        const isIn = membershipOf(actor, inGroup)
        return { id: actor.id, isInGroup: groups.some((group) => isIn(group) === true) }
      }),
    )
  const having = (actors: readonly KnownActor[]) =>
    actors.filter((actor) => chanceOf(gates, isOnByDefault, actor.id, membershipOf(actor, inGroup)) === 1).length
  const [each, some] = [counted(known.each), counted(known.some)]
  const whole = (found: number) => estimate(found, known.some.length, known.total)
  const { count, margin } = whole(having(known.some))
  return {
    ...countsOf(known),
    on: having(known.each) + count,
    margin,
    byPercent: each.map((found, percent) => found + whole(some[percent] ?? 0).count),
  }
}
