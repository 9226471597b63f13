// What a change is for: reads `thing` of enable, disable and optOut. Data from callers, so every case is checked.
import { type Actor, type ActorOfKind, idFault, isActor, type SpecialActor } from '../../actors/actor.js'
import { FeatureGroup } from '../../actors/groups.js'
import { errorText, FeatureError, InvalidFeatureFlagError } from '../../errors.js'
import type { Definition } from '../../definition/definition.js'
import type { ClassCheck } from '../check/actor-classes.js'
import { type KindCheck, kindMismatch } from '../check/actor-kinds.js'
import type { ChangeTargets } from './plan.js'
import { contextKeys } from './write-context.js'
import { quoted } from '../../text/printable.js'

/** An actor; or GitLab's special actor for this machine (`pod`) or for the whole installation (`instance`). */
export type ActorTarget = Actor | 'pod' | 'instance'
export type ActorOrGroup = ActorTarget | FeatureGroup
/** An actor, a group, or several; or a promise of one. */
export type WriteThing = ActorOrGroup | readonly ActorOrGroup[]

/** An actor of one of these kinds that a change may be for: a request ends before it could be stored. */
export type TargetOf<Kind extends string> = string extends Kind
  ? ActorTarget
  : Kind extends SpecialActor
    ? Extract<Kind, ActorTarget>
    : ActorOfKind<Kind>
/** Actors of these kinds or groups; or a promise of them. */
export type TargetsOf<Kind extends string> = Targets<TargetOf<Kind> | FeatureGroup>
/** Actors of these kinds; or a promise of them. */
export type OptOutsOf<Kind extends string> = Targets<TargetOf<Kind>>
/** One or several; or a promise of them. */
export type Targets<One> = One | readonly One[] | PromiseLike<One | readonly One[]>

type Special = (kind: SpecialActor) => Actor

/** Everybody for `whole`; throws InvalidFeatureFlagError or FeatureError (`invalid_arguments`) for a value that is neither an actor nor a group. */
export function readTargets(verb: 'enable' | 'disable', thing: unknown, special: Special): ChangeTargets {
  if (thing === (verb === 'enable')) return 'everybody'
  if (typeof thing === 'boolean') {
    const remedy = thing ? 'call enable(name) to turn the flag on' : 'call disable(name) to turn the flag off'
    throw new FeatureError('invalid_arguments', { problem: `${verb} was given ${thing} as the actor`, remedy })
  }
  const list = Array.isArray(thing) ? thing : [thing]
  if (list.length === 0) throw noActors(verb)
  return list.map((one: unknown) => (one instanceof FeatureGroup ? one : readActor(verb, one, special)))
}

/** Throws InvalidFeatureFlagError (`invalid_actor`) for what is no actor. */
export function readActors(verb: string, thing: unknown, special: Special): readonly Actor[] {
  const list = Array.isArray(thing) ? thing : [thing]
  if (list.length === 0) throw noActors(verb)
  return list.map((one: unknown) => readActor(verb, one, special))
}

function noActors(verb: string): FeatureError {
  return new FeatureError('invalid_arguments', {
    problem: `${verb} was given an empty list of actors, which would change nothing`,
    remedy: 'give at least one',
  })
}

function readActor(verb: string, thing: unknown, special: Special): Actor {
  if (thing === 'pod' || thing === 'instance') return special(thing)
  if (isActor(thing)) return thing
  if (isContext(thing)) {
    const first = verb === 'enable' ? 'true' : verb === 'disable' ? 'false' : 'the actor'
    throw new FeatureError('invalid_arguments', {
      problem: `${verb} was given options in the place of the actor`,
      remedy: `write ${verb}(name, ${first}, { … })`,
    })
  }
  const what =
    thing === undefined || thing === null
      ? `${thing}`
      : typeof thing === 'object'
        ? describeObject(thing)
        : quoted(thing)
  const remedy = 'give an object whose flipperId is a text like "Project:42", Feature.group(name), or a list of these'
  throw new InvalidFeatureFlagError('invalid_actor', { problem: `${verb} was given ${what} as the actor`, remedy })
}

/** Whether this is an object of options, with one key at least. */
function isContext(thing: unknown): boolean {
  if (typeof thing !== 'object' || thing === null) return false
  const keys = Object.keys(thing)
  return keys.length > 0 && keys.every((key) => contextKeys.includes(key))
}

/**
 * In strict mode, where classes are registered: throws InvalidFeatureFlagError (`invalid_actor`) for an id of a registered class in
 * another form, which no check asks for. What is taken off may have any form.
 */
export function refuseMisfits(verb: string, things: ChangeTargets, classes: ClassCheck | null): void {
  if (classes === null || things === 'everybody') return
  for (const thing of things) {
    if (thing instanceof FeatureGroup) continue
    const fault = classes.misfit(thing.flipperId, thing)
    if (fault === null) continue
    throw new InvalidFeatureFlagError('invalid_actor', { problem: `${verb}: ${fault.problem}`, remedy: fault.remedy })
  }
}

/**
 * In strict mode, where the definition names kinds of actors: throws InvalidFeatureFlagError (`actor_kind_mismatch`) for an actor of
 * another kind, for which no check asks. What is taken off may be of any kind.
 */
export function refuseOtherKinds(
  things: ChangeTargets,
  definition: Definition | undefined,
  kinds: KindCheck | null,
): void {
  if (kinds === null || definition === undefined || things === 'everybody') return
  for (const thing of things) {
    if (thing instanceof FeatureGroup) continue
    const fault = kinds.fault(definition, thing.flipperId, thing)
    if (fault !== null) throw kindMismatch(definition.name, fault)
  }
}

function describeObject(thing: object): string {
  const fault = idFault(thing)
  if (fault !== null) return `an object whose flipperId cannot be read (${errorText(fault)})`
  const id: unknown = Reflect.get(thing, 'flipperId')
  return id === undefined ? 'an object without a flipperId' : `an object whose flipperId is ${quoted(id)}`
}

/** Throws FeatureError (`invalid_arguments`) where an actor was given that is undefined: it was probably not found. */
export function refuseUndefined(verb: string, given: IArguments): void {
  if (given.length < 2 || given[1] !== undefined) return
  throw new FeatureError('invalid_arguments', {
    problem: `${verb} was given undefined as the actor (was it not found?)`,
    remedy: `leave the argument out to ${verb} for everybody`,
  })
}
