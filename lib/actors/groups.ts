// Groups: named predicates over actors. A group opens a gate for every actor its predicate is true of.
import { FeatureError, InvalidOperation } from '../errors.js'
import { quoted } from '../text/printable.js'
import type { Actor } from './actor.js'

export type GroupPredicate = (actor: Actor) => boolean

/** A group as the target of a change. */
export class FeatureGroup {
  readonly name: string

  /** Throws FeatureError (`invalid_name`) for a name that cannot be stored. */
  constructor(name: string) {
    if (!isGroupName(name)) {
      const shown = quoted(typeof name === 'string' ? name : typeof name)
      throw new FeatureError('invalid_name', {
        problem: `${shown} cannot be the name of a group`,
        remedy: 'give 1 to 255 characters, none of them a control character',
      })
    }
    this.name = name
  }
}

/** Whether this can be the name of a group. */
export function isGroupName(name: unknown): name is string {
  return (
    typeof name === 'string' && name.length >= 1 && name.length <= 255 && name.isWellFormed() && !/\p{Cc}/u.test(name)
  )
}

export class Groups {
  readonly #predicates = new Map<string, GroupPredicate>()
  readonly #onFault: (name: string, error: unknown) => void

  /** `onFault` is called for predicates that throw or answer with a promise; their answer counts as false. */
  constructor(onFault: (name: string, error: unknown) => void) {
    this.#onFault = onFault
  }

  /**
   * Throws InvalidOperation (`invalid_arguments`) for a name that is taken (Flipper: `DuplicateGroup`), and FeatureError for a
   * name that cannot be stored or a predicate that is not a function.
   */
  register(name: string, predicate: GroupPredicate): void {
    const group = new FeatureGroup(name)
    if (typeof predicate !== 'function') {
      throw new FeatureError('invalid_arguments', {
        problem: `the group ${quoted(name)} was registered without a predicate`,
        remedy: 'give a function that takes an actor and returns true or false',
      })
    }
    if (this.#predicates.has(group.name)) {
      throw new InvalidOperation('invalid_arguments', {
        problem: `the group ${quoted(name)} is registered already`,
        remedy: 'choose another name',
      })
    }
    this.#predicates.set(group.name, predicate)
  }

  has(name: string): boolean {
    return this.#predicates.has(name)
  }

  names(): string[] {
    return [...this.#predicates.keys()].sort()
  }

  /** Whether the actor is in the group; false for a group that is not registered. Never throws. */
  test(name: string, actor: Actor): boolean {
    return this.membership(name, actor) ?? false
  }

  /** The same; null where it cannot be told: for a group that is not registered, or whose predicate fails. Never throws. */
  membership(name: string, actor: Actor): boolean | null {
    const predicate = this.#predicates.get(name)
    if (predicate === undefined) return null
    try {
      const answer: unknown = predicate(actor)
      if (!isThenable(answer)) return Boolean(answer)
      // No caller awaits it, and its rejection must not end the process.
      answer.then(undefined, () => {})
      this.#onFault(name, new Error('it answered with a promise; a check cannot wait for one'))
    } catch (error) {
      this.#onFault(name, error)
    }
    return null
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
