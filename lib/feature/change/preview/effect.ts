// Who gains a flag by a change, and who loses it: the known actors whose chance of a true answer rises or falls.
import type { Actor } from '../../../actors/actor.js'
import { chanceOf, type Membership } from '../../../gates/chance.js'
import { isForEverybody, type Side } from '../../../gates/narrows.js'
import type { GroupMembership } from '../../group-questions.js'
import { estimate } from './estimate.js'
import type { KnownActors } from './known-actors.js'
import type { KnownActor } from './read-sample.js'

export interface Effect {
  /** The class of the known actors; null where none are known, and none were asked for. */
  readonly actorClass: string | null
  /** How many actors of the class are known; null where none are. */
  readonly known: number | null
  /** How many of them were looked at: where it is fewer than are known, the numbers are estimates. */
  readonly sample: number
  /** Where they are known from: the application gives them, or stored lists name them. */
  readonly of: 'application' | 'lists' | null
  readonly gain: number
  readonly lose: number
  /** How far `gain` and `lose` may be off, with 95 in 100; 0 where all known actors were looked at. */
  readonly margin: number
  /** Those of whom it cannot be told, because it depends on a group. */
  readonly unknown: number
  /** At most ten of those that gain it. */
  readonly gainFirst: readonly string[]
  readonly loseFirst: readonly string[]
  /** The share of checks without an actor that answer true, 0 to 1. */
  readonly withoutActor: { readonly before: number; readonly after: number }
  /** Whether it is on for everybody afterwards, and was not before. */
  readonly everybody: boolean
}

const mostNamed = 10

/** The effect on these known actors. */
export function effectOf(before: Side, after: Side, known: KnownActors, inGroup: GroupMembership): Effect {
  const move = (actor: KnownActor) => {
    const membership = membershipOf(actor, inGroup)
    return compared(chance(before, actor.id, membership), chance(after, actor.id, membership))
  }
  const [each, some] = [tally(known.each, move), tally(known.some, move)]
  const ofWhole = (kind: Kind) => estimate(some[kind].length, known.some.length, known.total)
  const [gain, lose, unknown] = [ofWhole('gain'), ofWhole('lose'), ofWhole('unknown')]
  const first = (kind: Kind) => [...each[kind].slice(0, mostNamed), ...some[kind]].slice(0, mostNamed)
  return {
    ...countsOf(known),
    gain: each.gain.length + gain.count,
    lose: each.lose.length + lose.count,
    margin: Math.max(gain.margin, lose.margin),
    unknown: each.unknown.length + unknown.count,
    gainFirst: first('gain'),
    loseFirst: first('lose'),
    withoutActor: {
      before: chance(before, null, untold) ?? 0,
      after: chance(after, null, untold) ?? 0,
    },
    everybody: isForEverybody(after) && !isForEverybody(before),
  }
}

/** The groups of the sides, and the actors of whom it depends on them. */
export function undecided(sides: readonly Side[], { each, some }: KnownActors): Undecided {
  const groups = [...new Set(sides.flatMap(({ gates }) => gates?.groups ?? []))]
  if (groups.length === 0) return { groups, actors: [] }
  const isOpen = ({ id }: KnownActor) => sides.some((side) => chance(side, id, untold) === null)
  return { groups, actors: [...each, ...some].flatMap((one) => (one.actor !== null && isOpen(one) ? [one.actor] : [])) }
}

interface Undecided {
  readonly groups: readonly string[]
  readonly actors: readonly Actor[]
}

/** How many actors are known, and how many of them are looked at. */
export function countsOf({
  actorClass,
  of,
  each,
  some,
  total,
}: KnownActors): Pick<Effect, 'actorClass' | 'known' | 'sample' | 'of'> {
  return {
    actorClass,
    known: of === null ? null : each.length + total,
    sample: each.length + some.length,
    of,
  }
}

/** An id alone is no actor that the predicate of a group could look at. Each predicate is asked once an actor. */
export function membershipOf({ actor }: KnownActor, inGroup: GroupMembership): Membership {
  if (actor === null) return untold
  const told = new Map<string, boolean | null>()
  return (group) => {
    const known = told.get(group)
    if (known !== undefined) return known
    const isIn = inGroup(group, actor)
    told.set(group, isIn)
    return isIn
  }
}

const untold: Membership = () => null

type Kind = 'gain' | 'lose' | 'unknown'

function tally(actors: readonly KnownActor[], move: (actor: KnownActor) => Kind | null) {
  const moved: Record<Kind, string[]> = { gain: [], lose: [], unknown: [] }
  for (const actor of actors) {
    const kind = move(actor)
    if (kind !== null) moved[kind].push(actor.id)
  }
  return moved
}

function compared(was: number | null, becomes: number | null): Kind | null {
  if (was === null || becomes === null) return 'unknown'
  return becomes > was ? 'gain' : becomes < was ? 'lose' : null
}

function chance({ gates, isOnByDefault }: Side, id: string | null, inGroup: Membership): number | null {
  return chanceOf(gates, isOnByDefault, id, inGroup)
}
