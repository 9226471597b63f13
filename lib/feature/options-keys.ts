// Options of a call: a plain object whose keys are known. A misspelt key, or an actor in the place of the options, would otherwise do nothing
// and say nothing.
import { FeatureError } from '../errors.js'
import { quoted } from '../text/printable.js'
import { suggestion } from '../text/suggest.js'

/** Of which call, which keys there are, and one of them as an example. */
export interface KnownKeys {
  readonly of: string
  readonly keys: readonly string[]
  readonly example: string
}

/** Throws FeatureError (`invalid_arguments`) for what is no object of options, or has another key. */
export function checkKeys(options: unknown, { of, keys, example }: KnownKeys): asserts options is object {
  if (!isPlain(options)) {
    const given = typeof options === 'object' && options !== null ? named(options) : quoted(options)
    throw new FeatureError('invalid_arguments', {
      problem: `the options of ${of} are ${given}`,
      remedy: `give an object such as ${example}, or leave them out`,
    })
  }
  const unknown = Object.keys(options).find((key) => !keys.includes(key))
  if (unknown === undefined) return
  const near = suggestion(unknown, keys)
  const remedy = near === null ? `the keys are ${keys.join(', ')}` : `did you mean "${near}"?`
  throw new FeatureError('invalid_arguments', {
    problem: `the options of ${of} have no key ${quoted(unknown)}`,
    remedy,
  })
}

/** Not `=== Object.prototype`: the console evaluates its lines in a realm of its own. */
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function named(value: object): string {
  if (Array.isArray(value)) return 'a list'
  const made: unknown = Reflect.get(value, 'constructor')
  return typeof made === 'function' && made.name !== ''
    ? `an object of the class ${quoted(made.name)}`
    : 'an object of another kind'
}
