// Whom and what an explanation is about, read from the arguments of a call: as a check reads them, but what is wrong is always an error.
import type { Actor, SpecialActor } from '../../actors/actor.js'
import { parseActor } from '../../actors/actor-text.js'
import type { ActorClasses } from '../../actors/classes.js'
import { type ErrorParts, FeatureError, InvalidFeatureFlagError } from '../../errors.js'
import { quoted } from '../../text/printable.js'
import type { Catalog } from '../../definition/catalog.js'
import { type CheckOptions, describeThing, hasId, idOf, isSpecial, listOf } from '../check/arguments.js'
import { kindMismatch } from '../check/actor-kinds.js'
import type { Checker } from '../check/check.js'
import type { PointText } from '../history/point.js'
import { checkKeys } from '../options-keys.js'
import type { Asked } from './answer.js'

export interface ExplainOptions extends CheckOptions {
  readonly at?: PointText | undefined
}

export interface ExplainCall extends Asked {
  readonly options: ExplainOptions
}

interface MisuseRules {
  readonly catalog: Pick<Catalog, 'get' | 'usageFault'>
  readonly checker: Pick<Checker, 'strict' | 'classes' | 'kinds'>
}

const keys: readonly string[] = ['type', 'defaultEnabledIfUndefined', 'at']

/**
 * The arguments after the name. Throws InvalidFeatureFlagError (`invalid_actor`) for what is no actor, and FeatureError
 * (`invalid_arguments`) for options that are none.
 */
export function readExplainCall(
  name: string,
  thing: unknown,
  options: unknown,
  special: (kind: SpecialActor) => Actor,
): ExplainCall {
  if (options === undefined && looksLikeOptions(thing))
    return { options: readOptions(thing), ...askedOf(name, [], special) }
  const things = listOf(thing) ?? [thing]
  return { options: readOptions(options ?? {}), ...askedOf(name, things, special) }
}

/** In strict mode: throws what a check with these arguments throws. */
export function refuseMisuse(
  name: string,
  { actors, ids, options: { type } }: ExplainCall,
  { catalog, checker: { strict, classes, kinds } }: MisuseRules,
): void {
  if (!strict) return
  const fault = catalog.usageFault(name, type)
  if (fault !== null) throw fault
  for (const [index, actor] of actors.entries()) {
    const id = ids[index] ?? ''
    const classFault = classes?.fault(id, actor) ?? null
    if (classFault !== null) throw notAnActor(name, classFault)
    const kindFault = kinds?.fault(catalog.get(name) ?? null, id, actor) ?? null
    if (kindFault !== null) throw kindMismatch(name, kindFault)
  }
}

/** The actors of texts such as `User:7`. Throws FeatureError (`invalid_arguments`) and InvalidFeatureFlagError (`invalid_actor`). */
export function actorsAsked(texts: readonly string[], classes: ActorClasses): Asked {
  const actors = texts.map((text) => parseActor(text, classes, false))
  return { actors, ids: actors.map(({ flipperId }) => flipperId) }
}

/** The actors of these, absent ones left out. Throws as above. */
function askedOf(name: string, things: readonly unknown[], special: (kind: SpecialActor) => Actor): Asked {
  const actors: Actor[] = []
  const ids: string[] = []
  for (const thing of things) {
    if (thing === undefined || thing === null) continue
    const resolved = isSpecial(thing) ? special(thing) : thing
    const id = idOf(resolved)
    if (id === null || !hasId(resolved, id)) {
      throw notAnActor(name, describeThing(resolved))
    }
    actors.push(resolved)
    ids.push(id)
  }
  return { actors, ids }
}

function notAnActor(name: string, { problem, remedy }: ErrorParts): InvalidFeatureFlagError {
  return new InvalidFeatureFlagError('invalid_actor', { problem: `feature flag ${quoted(name)}: ${problem}`, remedy })
}

/** Whether an object without an id has a key of the options. */
function looksLikeOptions(thing: unknown): boolean {
  if (typeof thing !== 'object' || thing === null || idOf(thing) !== null) return false
  try {
    return keys.some((key) => Object.hasOwn(thing, key))
  } catch {
    // A revoked proxy, say: what it is, is told where it is read as an actor.
    return false
  }
}

function readOptions(given: unknown): ExplainOptions {
  checkKeys(given, { of: 'explain', keys, example: "{ at: '2h' }" })
  const [type, otherwise, at]: readonly unknown[] = keys.map((key) => Reflect.get(given, key))
  if (type !== undefined && typeof type !== 'string')
    throw wrong('type', type, 'give the type of the flag, such as "ops"')
  if (otherwise !== undefined && typeof otherwise !== 'boolean')
    throw wrong('defaultEnabledIfUndefined', otherwise, 'give true or false')
  if (at !== undefined && typeof at !== 'string' && !(at instanceof Date))
    throw wrong('at', at, 'give a text such as "2h", or a Date')
  return { type, defaultEnabledIfUndefined: otherwise, at }
}

function wrong(option: string, value: unknown, remedy: string): FeatureError {
  return new FeatureError('invalid_arguments', {
    problem: `the option "${option}" of explain is ${quoted(value)}`,
    remedy: `${remedy}, or leave it out`,
  })
}
