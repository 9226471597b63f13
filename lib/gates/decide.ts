// Decides the answer of a flag: the first open gate wins, then an opt-out beats every allow. One check allocates nothing: the
// decisions are made once and returned again.
import type { Actor } from '../actors/actor.js'
import { bucketIsOpen } from './bucket.js'
import type { CompiledGates } from './compile.js'

export type Reason =
  | 'boolean'
  | 'actor'
  | 'group'
  | 'percentage_of_actors'
  | 'percentage_of_time'
  | 'opt_out'
  | 'closed'
  | 'default'
  | 'unknown'
  | 'recursion'

/** The answer with its reason. */
export interface Decision {
  readonly value: boolean
  readonly reason: Reason
}

/** The values that a decision needs from outside. */
export interface DecideScope {
  /** A number from 0 up to 1, new at each call. */
  random(): number
  inGroup(name: string, actor: Actor): boolean
}

const decision = (value: boolean, reason: Reason): Decision => Object.freeze({ value, reason })

// Constants and not fields of an exported object: a check reads them without a look-up.
const byBoolean = decision(true, 'boolean')
const byActor = decision(true, 'actor')
const byGroup = decision(true, 'group')
const byPercentageOfActors = decision(true, 'percentage_of_actors')
const byPercentageOfTime = decision(true, 'percentage_of_time')
const optedOut = decision(false, 'opt_out')
const closed = decision(false, 'closed')

export const decisions = Object.freeze({
  boolean: byBoolean,
  actor: byActor,
  group: byGroup,
  percentageOfActors: byPercentageOfActors,
  percentageOfTime: byPercentageOfTime,
  optOut: optedOut,
  closed,
  defaultOn: decision(true, 'default'),
  defaultOff: decision(false, 'default'),
  unknown: decision(false, 'unknown'),
  recursionOn: decision(true, 'recursion'),
  recursionOff: decision(false, 'recursion'),
})

/** Same as `decide(…).value` if only the actor list and the percentage can open the flag; makes no decision object. */
export function isOpenForActor(gates: CompiledGates, id: string): boolean {
  const { actors, threshold } = gates
  return actors?.has(id) === true || (threshold > 0 && bucketIsOpen(threshold, gates.crcState, id))
}

/**
 * Decides for one actor, or for no actor (`id` and `actor` null): then the actor gate, the group gate and the buckets stay
 * closed.
 */
export function decide(gates: CompiledGates, id: string | null, actor: Actor | null, scope: DecideScope): Decision {
  if (id !== null && gates.optOuts !== null && isListed(gates.optOuts, id, gates.replaced)) return optedOut
  if (gates.boolean) return byBoolean
  if (id !== null) {
    if (gates.actors !== null && isListed(gates.actors, id, gates.replaced)) return byActor
    if (bucketIsOpen(gates.threshold, gates.crcState, id)) return byPercentageOfActors
  }
  if (gates.percentageOfTime > 0 && opensByTime(gates, scope)) return byPercentageOfTime
  if (actor !== null && gates.groups !== null && inAnyGroup(gates.groups, actor, scope)) return byGroup
  return closed
}

/**
 * Decides for several actors at once, like Flipper's multi-actor checks: each of them can open the actor and group gates, the
 * bucket is that of all ids sorted and joined, and one opted-out actor closes the flag.
 */
export function decideMany(
  gates: CompiledGates,
  ids: readonly string[],
  actors: readonly Actor[],
  scope: DecideScope,
): Decision {
  const { optOuts, actors: allowed, groups, replaced } = gates
  if (optOuts !== null && ids.some((id) => isListed(optOuts, id, replaced))) return optedOut
  if (gates.boolean) return byBoolean
  if (allowed !== null && ids.some((id) => isListed(allowed, id, replaced))) return byActor
  if (gates.threshold > 0 && ids.length > 0 && bucketIsOpen(gates.threshold, gates.crcState, joinSorted(ids)))
    return byPercentageOfActors
  if (gates.percentageOfTime > 0 && opensByTime(gates, scope)) return byPercentageOfTime
  if (groups !== null && actors.some((actor) => inAnyGroup(groups, actor, scope))) return byGroup
  return closed
}

/** Whether an id is on a list. Stored text is well-formed: an id with a lone surrogate is stored with U+FFFD in its place. */
export function isListed(ids: ReadonlySet<string>, id: string, replaced: boolean): boolean {
  return ids.has(id) || (replaced && ids.has(id.toWellFormed()))
}

function opensByTime({ percentageOfTime }: CompiledGates, scope: DecideScope): boolean {
  return scope.random() < percentageOfTime / 100
}

function inAnyGroup(groups: readonly string[], actor: Actor, scope: DecideScope): boolean {
  for (const group of groups) if (scope.inGroup(group, actor)) return true
  return false
}

/** The ids of several actors as one, which has the bucket. Sorts like Ruby's strings, by bytes; UTF-16 order differs beyond U+FFFF. */
export function joinSorted(ids: readonly string[]): string {
  const keyed = ids.map((id) => ({ id: id.toWellFormed(), bytes: Buffer.from(id, 'utf8') }))
  return keyed
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ id }) => id)
    .join('')
}
