// Reads what a test gives as the stubs of flags, by the rules of each instance of the process: a stub is refused where the same call of
// `enable` would be.
import { type Actor, idFault, isActor } from '../../actors/actor.js'
import { errorText, FeatureError, InvalidFeatureFlagError } from '../../errors.js'
import type { StoredFeature } from '../../state/state.js'
import { compareTexts } from '../../state/text-order.js'
import { quoted } from '../../text/printable.js'
import { refuseMisfits, refuseOtherKinds } from '../change/arguments.js'
import { rulesOfStubs, type StubRules } from './stub-rules.js'

/**
 * The rows that stand for each stub. Throws InvalidFeatureFlagError (`unknown_flag`, `invalid_actor`, `actor_kind_mismatch`) and
 * FeatureError (`invalid_arguments`).
 */
export function readStubs(verb: string, stubs: unknown): readonly StoredFeature[] {
  if (typeof stubs !== 'object' || stubs === null || Array.isArray(stubs) || 'then' in stubs) {
    const problem = `${verb} was given ${typeof stubs === 'object' && stubs !== null ? 'an object of another shape' : quoted(stubs)}`
    throw new FeatureError('invalid_arguments', { problem, remedy: `write ${verb}({ the_flag: false })` })
  }
  return Object.entries(stubs).map(([name, value]: [string, unknown]) => {
    assertDefined(verb, name)
    return { key: name, gates: gatesOf(verb, name, value) }
  })
}

function assertDefined(verb: string, name: string): void {
  let fault: InvalidFeatureFlagError | null = null
  for (const { catalog } of rulesOfStubs()) {
    if (catalog.get(name) !== undefined) return
    fault ??= catalog.usageFault(name, undefined)
  }
  if (fault === null) return
  throw new InvalidFeatureFlagError('unknown_flag', { problem: `${verb}: ${fault.problem}`, remedy: fault.remedy })
}

function gatesOf(verb: string, name: string, value: unknown): StoredFeature['gates'] {
  if (value === true) return new Map([['boolean', ['true']]])
  if (value === false) return new Map()
  const given: readonly unknown[] = Array.isArray(value) ? value : [value]
  const rules = rulesOf(name)
  const actors = given.map((one) => readActor(`${verb}: the stub of ${quoted(name)}`, one, rules))
  if (rules !== null) {
    refuseMisfits(verb, actors, rules.checker.classes)
    refuseOtherKinds(actors, rules.catalog.get(name), rules.checker.kinds)
  }
  const ids = new Set(actors.map(({ flipperId }) => flipperId.toWellFormed()))
  return ids.size === 0 ? new Map() : new Map([['actors', [...ids].sort(compareTexts)]])
}

/** Those of the first instance that has the flag. */
function rulesOf(name: string): StubRules | null {
  for (const rules of rulesOfStubs()) if (rules.catalog.get(name) !== undefined) return rules
  return null
}

function readActor(what: string, thing: unknown, rules: StubRules | null): Actor {
  if (isActor(thing)) return thing
  if ((thing === 'pod' || thing === 'instance') && rules !== null) return rules.special(thing)
  const remedy =
    'give true, false, an actor (an object whose flipperId is a text like "Project:42") or a list of actors'
  if (typeof thing !== 'object' || thing === null) {
    throw new InvalidFeatureFlagError('invalid_actor', { problem: `${what} is ${quoted(thing)}`, remedy })
  }
  const fault = idFault(thing)
  if (fault !== null) {
    const problem = `${what} is an object whose flipperId cannot be read (${errorText(fault)})`
    throw new InvalidFeatureFlagError('invalid_actor', { problem, remedy })
  }
  if ('then' in thing && typeof thing.then === 'function') {
    throw new InvalidFeatureFlagError('invalid_actor', { problem: `${what} is a Promise`, remedy: 'await it first' })
  }
  const keys = Object.keys(thing).map(quoted).join(', ')
  const problem = `${what} is an object without a flipperId${keys === '' ? '' : ` (its keys: ${keys})`}`
  throw new InvalidFeatureFlagError('invalid_actor', { problem, remedy })
}
