// The classes that a console offers: `Project.find(42)` makes the actor that `Feature` wants for the project, by id alone.
import { inspect } from 'node:util'
import { idFault, isActor } from '../../actors/actor.js'
import { type ActorId, FeatureGate } from '../../actors/feature-gate.js'
import { isRounded, roundedId } from '../../actors/rounded.js'
import type { ActorClasses } from '../../actors/classes.js'
import type { IdPattern } from '../../actors/id-pattern.js'
import type { FindByPath } from '../../actors/targets.js'
import { FeatureError } from '../../errors.js'
import { quoted } from '../../text/printable.js'

const usual = ['Project', 'User', 'Group', 'Namespace']

/** The usual classes and the configured ones, each under the last word of its name (`Ci::Runner` is `Runner`). */
export function actorClasses(
  configured: Iterable<string>,
  known: ActorClasses,
  find: FindByPath,
): ReadonlyMap<string, unknown> {
  const classes = new Map<string, unknown>()
  for (const className of new Set([...usual, ...configured])) {
    const short = className.split('::').at(-1) ?? className
    if (!classes.has(short)) classes.set(short, actorClass(className, short, known.pattern(className), find))
  }
  return classes
}

function actorClass(className: string, short: string, pattern: IdPattern, findByPath: FindByPath) {
  const Found = class extends FeatureGate(className, { id: pattern.text }) {
    /** The text that the console shows. */
    [inspect.custom](): string {
      return `${short} { id: ${inspect(this.id)} }`
    }

    /** The actor with this id. Throws FeatureError (`invalid_arguments`) for a value that is not an id. */
    static find(id: unknown) {
      if (isRounded(id)) throw roundedId(`the id given to ${short}.find`, id)
      if (!isId(id)) {
        throw new FeatureError('invalid_arguments', {
          problem: `${short}.find was given ${String(id)}`,
          remedy: `give an id, as in ${short}.find(42)`,
        })
      }
      return new Found(withoutClass(id, className, pattern))
    }

    /** The actor at this path. Throws FeatureError (`unknown_target`) if there is none, or no resolver for its class. */
    static async findByPath(path: unknown) {
      if (typeof path !== 'string') {
        throw new FeatureError('invalid_arguments', {
          problem: `${short}.findByPath was given ${String(path)}`,
          remedy: 'give a path as text',
        })
      }
      const looking = findByPath(className, path)
      if (looking === undefined) {
        throw new FeatureError('unknown_target', {
          problem: `no findByPath is configured for ${className} (actors in feature.config)`,
          remedy: `give the id: ${short}.find(42)`,
        })
      }
      const found = await looking
      if (isRounded(found)) throw roundedId(`the id that findByPath gives for "${path}"`, found)
      if (isActor(found)) return found
      if (isId(found)) return new Found(withoutClass(found, className, pattern))
      const fault = idFault(found)
      throw fault instanceof FeatureError ? fault : notFound(short, path)
    }
  }
  Object.defineProperty(Found, 'name', { value: short })
  return Found
}

function notFound(short: string, path: string): FeatureError {
  return new FeatureError('unknown_target', {
    problem: `${short} ${quoted(path)} is not found!`,
    remedy: `check the path, or give the id: ${short}.find(42)`,
  })
}

function isId(value: unknown): value is ActorId {
  return Number.isSafeInteger(value) || typeof value === 'bigint' || (typeof value === 'string' && value !== '')
}

/** A person or a resolver may give the whole id, `Project:42` or what the pattern makes of it. */
function withoutClass(id: ActorId, className: string, pattern: IdPattern): ActorId {
  if (typeof id !== 'string') return id
  if (pattern.isTold(id)) return pattern.read(id) ?? id
  const usual = `${className}:`
  return id.startsWith(usual) && id !== usual ? id.slice(usual.length) : id
}
