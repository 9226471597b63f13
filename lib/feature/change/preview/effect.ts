// Who gains a flag by a change, and who loses it: the known actors whose chance of a true answer rises or falls.
//
// Actors are known by the lists that are stored: nothing on the path of a check keeps books about who asked. Actors of one class are
// counted and never those of several added up, because a flag is asked for users or for projects.
import { namedActor } from '../../../actors/actor-text.js'
import { optOutSuffix } from '../../../actors/stored-id.js'
import { chanceOf } from '../../../gates/chance.js'
import type { CompiledGates } from '../../../gates/compile.js'
import type { FlagSnapshot } from '../../../replica/flag-content.js'

export interface Effect {
  /** The class of the known actors; null where none are known. */
  readonly actorClass: string | null
  /** How many actors of the class are known, each of which was evaluated; null where none are. */
  readonly known: number | null
  readonly gain: number
  readonly lose: number
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

/** A flag at one moment. */
export interface Side {
  /** Null: nothing is stored. */
  readonly gates: CompiledGates | null
  readonly isOnByDefault: boolean
}

const mostNamed = 10

/** The effect on these known actors. */
export function effectOf(before: Side, after: Side, known: KnownActors): Effect {
  const gainFirst: string[] = []
  const loseFirst: string[] = []
  let [gain, lose, unknown] = [0, 0, 0]
  for (const id of known.ids) {
    const [was, becomes] = [chance(before, id), chance(after, id)]
    if (was === null || becomes === null) unknown += 1
    else if (becomes > was) {
      gain += 1
      if (gainFirst.length < mostNamed) gainFirst.push(id)
    } else if (becomes < was) {
      lose += 1
      if (loseFirst.length < mostNamed) loseFirst.push(id)
    }
  }
  return {
    actorClass: known.actorClass,
    known: known.actorClass === null ? null : known.ids.length,
    gain,
    lose,
    unknown,
    gainFirst,
    loseFirst,
    withoutActor: { before: chance(before, null) ?? 0, after: chance(after, null) ?? 0 },
    everybody: isForEverybody(after) && !isForEverybody(before),
  }
}

/** An id alone is no actor that the predicate of a group could look at. */
function chance({ gates, isOnByDefault }: Side, id: string | null): number | null {
  return chanceOf(gates, isOnByDefault, id, () => null)
}

function isForEverybody({ gates, isOnByDefault }: Side): boolean {
  return gates === null ? isOnByDefault : gates.boolean || gates.percentageOfTime >= 100
}

export interface KnownActors {
  readonly actorClass: string | null
  readonly ids: readonly string[]
}

/**
 * The actors of the class that the flag's own lists name most often (otherwise of the first kind of its definition), in the lists of
 * all flags.
 */
export function knownActors(own: Iterable<string>, kinds: readonly string[], snapshot: FlagSnapshot): KnownActors {
  const actorClass = commonest([...own].flatMap((id) => classOf(id) ?? [])) ?? kinds[0] ?? null
  if (actorClass === null) return { actorClass, ids: [] }
  const ids = new Set<string>()
  for (const { stored } of snapshot.entries.values()) {
    for (const value of stored?.gates.get('actors') ?? []) addOf(actorClass, withoutSuffix(value), ids)
  }
  for (const id of own) addOf(actorClass, id, ids)
  return ids.size === 0 ? { actorClass: null, ids: [] } : { actorClass, ids: [...ids].sort() }
}

function addOf(actorClass: string, id: string, ids: Set<string>): void {
  if (classOf(id) === actorClass) ids.add(id)
}

function classOf(id: string): string | null {
  return namedActor(id)?.className ?? null
}

function withoutSuffix(value: string): string {
  return value.endsWith(optOutSuffix) ? value.slice(0, -optOutSuffix.length) : value
}

function commonest(names: readonly string[]): string | null {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  const [first] = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  return first?.[0] ?? null
}
