// The actors that a preview counts: those that the application gives, otherwise those that stored lists name. Nothing on the path of a check
// keeps books about who asked.
//
// They are of one class, and never those of several added up: a flag is asked for users or for projects.
import { classOfKind } from '../../../actors/declared-kinds.js'
import { optOutSuffix } from '../../../actors/stored-id.js'
import type { FlagSnapshot } from '../../../replica/flag-content.js'
import type { ActorSamples } from './actor-samples.js'
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
export async function knownActors(asked: AskedActors, { samples, snapshot }: KnownOptions): Promise<KnownActors> {
  const { own } = asked
  const { classes } = samples
  const actorClass = asked.actorClass ?? usualClass(asked, samples)
  if (actorClass === null) return none(null, null)
  const { sample, fault } = await samples.of(actorClass)
  const ofClass = (id: string) => classOfId(id, classes) === actorClass
  const named = new Set(own.filter(ofClass))
  if (sample !== null) {
    // Those on the flag's own lists are counted one by one, because the change may be about them: a sample would miss most of them.
    const given = sample.actors.filter(({ id }) => !named.has(id))
    const objects = new Map(sample.actors.map((one) => [one.id, one]))
    const first = [...named].map((id) => objects.get(id) ?? asId(id))
    const isAll = sample.total === null
    if (isAll) return { actorClass, of: 'application', each: [...first, ...given], some: [], total: 0, fault }
    const total = Math.max((sample.total ?? 0) - named.size, given.length)
    return { actorClass, of: 'application', each: first, some: given, total, fault }
  }
  for (const id of listedIn(snapshot)) if (ofClass(id)) named.add(id)
  if (named.size === 0) return none(asked.actorClass ?? null, fault)
  return { actorClass, of: 'lists', each: [...named].sort().map(asId), some: [], total: 0, fault }
}

/** The classes that a person may choose from: those on the flag's own lists, of its definition, and those that the application gives. */
export function countedClasses({ own, kinds }: AskedActors, samples: ActorSamples): readonly string[] {
  const { classes, sampled } = samples
  const declared = kinds.map((kind) => classOfKind(kind, classes))
  return [...new Set([...own.flatMap((id) => classOfId(id, classes) ?? []), ...declared, ...sampled])].sort()
}

function usualClass({ own, kinds: [kind] }: AskedActors, { classes, sampled: [first] }: ActorSamples): string | null {
  const named = commonest(own.flatMap((id) => classOfId(id, classes) ?? []))
  return named ?? (kind === undefined ? (first ?? null) : classOfKind(kind, classes))
}

function none(actorClass: string | null, fault: string | null): KnownActors {
  return { actorClass, of: null, each: [], some: [], total: 0, fault }
}

function asId(id: string): KnownActor {
  return { id, actor: null }
}

function* listedIn(snapshot: FlagSnapshot): Iterable<string> {
  for (const { stored } of snapshot.entries.values()) {
    for (const value of stored?.gates.get('actors') ?? []) yield withoutSuffix(value)
  }
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
