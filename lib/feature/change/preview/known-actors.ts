// The actors that a preview counts: those that the application gives, otherwise those that stored lists name. Nothing on the path of a check
// keeps books about who asked.
//
// They are of one class, and never those of several added up: a flag is asked for users or for projects.
import { classOfKind } from '../../../actors/declared-kinds.js'
import type { ActorClasses } from '../../../actors/classes.js'
import type { FlagSnapshot } from '../../../replica/flag-content.js'
import type { ActorSamples } from './actor-samples.js'
import type { ListedActors, ListsOfActors } from './listed-actors.js'
import { classOfId, type KnownActor } from './read-sample.js'

export interface KnownActors {
  /** Null where none are known, and none were asked for. */
  readonly actorClass: string | null
  /** Where they are known from; null where none are. */
  readonly of: 'application' | 'lists' | null
  /** Those that are counted one by one. */
  readonly each: readonly KnownActor[]
  /** Some at random of further ones, and how many of these there are. */
  readonly some: readonly KnownActor[]
  readonly total: number
  /** Why the application's own are not counted, or not all of them; null where nothing is wrong. */
  readonly fault: string | null
}

export interface KnownOptions {
  readonly samples: ActorSamples
  readonly lists: ListsOfActors
  readonly snapshot: FlagSnapshot
}

/** Of which flag actors are asked for. */
export interface AskedActors {
  /** The ids on the flag's own lists. */
  readonly own: readonly string[]
  /** Those that its definition names. */
  readonly kinds: readonly string[]
  /** The class that a person has chosen. */
  readonly actorClass?: string | undefined
}

/**
 * Of the class that is asked for, otherwise of the one that the flag's own lists name most often, otherwise of the first kind of its
 * definition, otherwise of the first class of which the application gives actors.
 */
export async function knownActors(asked: AskedActors, options: KnownOptions): Promise<KnownActors> {
  const { samples, lists, snapshot } = options
  const own = classified(asked.own, samples.classes)
  const actorClass = asked.actorClass ?? usualClass(own, asked.kinds, samples)
  if (actorClass === null) return none(null, null)
  const { sample, fault } = await samples.of(actorClass)
  const named = own.get(actorClass) ?? new Set<string>()
  if (sample !== null) {
    // Those on the flag's own lists are counted one by one, because the change may be about them: a sample would miss most of them.
    const objects = new Map<string, KnownActor>()
    const given = sample.actors.filter((one) => {
      if (!named.has(one.id)) return true
      objects.set(one.id, one)
      return false
    })
    const first = [...named].map((id) => objects.get(id) ?? asId(id))
    const isAll = sample.total === null
    if (isAll) return { actorClass, of: 'application', each: [...first, ...given], some: [], total: 0, fault }
    const total = Math.max((sample.total ?? 0) - named.size, given.length)
    return { actorClass, of: 'application', each: first, some: given, total, fault }
  }
  const each = withListed(named, lists.of(actorClass, snapshot))
  if (each.length === 0) return none(asked.actorClass ?? null, fault)
  return { actorClass, of: 'lists', each, some: [], total: 0, fault }
}

/** In the order of their ids. */
function withListed(named: ReadonlySet<string>, listed: ListedActors): readonly KnownActor[] {
  const more = [...named].filter((id) => !listed.ids.has(id))
  if (more.length === 0) return listed.actors
  return [...listed.actors, ...more.map(asId)].sort((one, other) => (one.id < other.id ? -1 : 1))
}

/** Each id once, by class. */
function classified(ids: readonly string[], classes: ActorClasses): ReadonlyMap<string | null, ReadonlySet<string>> {
  const byClass = new Map<string | null, Set<string>>()
  for (const id of new Set(ids)) {
    const className = classOfId(id, classes)
    const own = byClass.get(className)
    if (own === undefined) byClass.set(className, new Set([id]))
    else own.add(id)
  }
  return byClass
}

/** The classes that a person may choose from: those on the flag's own lists, of its definition, and those that the application gives. */
export function countedClasses({ own, kinds }: AskedActors, samples: ActorSamples): readonly string[] {
  const { classes, sampled } = samples
  const declared = kinds.map((kind) => classOfKind(kind, classes))
  return [...new Set([...own.flatMap((id) => classOfId(id, classes) ?? []), ...declared, ...sampled])].sort()
}

function usualClass(
  own: ReadonlyMap<string | null, ReadonlySet<string>>,
  [kind]: readonly string[],
  { classes, sampled: [first] }: ActorSamples,
): string | null {
  return commonest(own) ?? (kind === undefined ? (first ?? null) : classOfKind(kind, classes))
}

function none(actorClass: string | null, fault: string | null): KnownActors {
  return { actorClass, of: null, each: [], some: [], total: 0, fault }
}

function asId(id: string): KnownActor {
  return { id, actor: null }
}

/** Of two classes with as many ids the one whose name comes first. */
function commonest(own: ReadonlyMap<string | null, ReadonlySet<string>>): string | null {
  const counts = [...own].flatMap(([name, { size }]) => (name === null ? [] : [[name, size] as const]))
  const [first] = counts.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  return first?.[0] ?? null
}
