// Reads what `Feature.experiment` was given. Callers may be untyped, so each part is checked.
import { type ErrorParts, errorText } from '../../errors.js'
import { readVariants, type Variants } from '../../experiments/variants.js'
import { quoted } from '../../text/printable.js'
import { suggestion } from '../../text/suggest.js'
import { idOf } from '../check/arguments.js'

/** A function of the application, about an actor. */
export type AskActor = (actor: unknown) => unknown

export interface ReadCall {
  readonly actor: unknown
  readonly variants: Variants
  readonly exclude: boolean | AskActor
  readonly segments: readonly AskActor[]
  readonly onExposure: ((exposure: unknown) => unknown) | null
  readonly override: unknown
}

const keys = ['actor', 'variants', 'exclude', 'segments', 'onExposure', 'override']
const remedy = 'give an object such as { actor: user }'

/** The parts of a call, or what is wrong with it. Never throws. */
export function readCall(options: unknown): ReadCall | { readonly fault: ErrorParts } {
  try {
    return read(options)
  } catch (error) {
    // A revoked proxy, say.
    return { fault: { problem: `its options cannot be read (${errorText(error)})`, remedy } }
  }
}

function read(options: unknown): ReadCall | { readonly fault: ErrorParts } {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const given = Array.isArray(options) ? 'a list' : quoted(options)
    return { fault: { problem: `its options are ${options === undefined ? 'missing' : given}`, remedy } }
  }
  if (idOf(options) !== null) {
    return { fault: { problem: 'an actor was given in the place of its options', remedy: 'write { actor: … }' } }
  }
  const unknown = Object.keys(options).find((key) => !keys.includes(key))
  if (unknown !== undefined) {
    const near = suggestion(unknown, keys)
    const hint = near === null ? `the keys are ${keys.join(', ')}` : `did you mean "${near}"?`
    return { fault: { problem: `its options have no key ${quoted(unknown)}`, remedy: hint } }
  }
  const part = (key: string): unknown => Reflect.get(options, key)
  const variants = readVariants(part('variants'))
  if ('fault' in variants) return variants
  const exclude = readExclude(part('exclude'))
  if (exclude === null) return { fault: mustBe('exclude', part('exclude'), 'true, false or a function of the actor') }
  const segments = readSegments(part('segments'))
  if (segments === null) {
    return {
      fault: mustBe(
        'segments',
        part('segments'),
        'a function of the actor that gives a variant or nothing, or a list of these',
      ),
    }
  }
  const onExposure = part('onExposure') ?? null
  if (onExposure !== null && !isFunction(onExposure)) {
    return { fault: mustBe('onExposure', onExposure, 'a function of the exposure') }
  }
  return { actor: part('actor') ?? null, variants, exclude, segments, onExposure, override: part('override') }
}

function isFunction(value: unknown): value is AskActor {
  return typeof value === 'function'
}

function readExclude(value: unknown): boolean | AskActor | null {
  if (value === undefined || value === null) return false
  return typeof value === 'boolean' || isFunction(value) ? value : null
}

function readSegments(value: unknown): readonly AskActor[] | null {
  if (value === undefined || value === null) return []
  const list: readonly unknown[] = Array.isArray(value) ? value : [value]
  return list.every(isFunction) ? list : null
}

function mustBe(key: string, value: unknown, wanted: string): ErrorParts {
  const given = typeof value === 'object' && value !== null ? 'an object of another kind' : quoted(value)
  return { problem: `its option "${key}" is ${given}`, remedy: `give ${wanted}` }
}
