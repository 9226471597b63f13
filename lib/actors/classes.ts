// The classes of actors that a target may name: GitLab's kinds, and those that the configuration registers under `actors`.
import { IdPattern, usualPattern } from './id-pattern.js'

/** Kind of target → the class in its ids (GitLab: `Feature::Target`). */
export const targetClasses = {
  user: 'User',
  group: 'Group',
  namespace: 'Namespace',
  project: 'Project',
  organization: 'Organizations::Organization',
  repository: 'Repository',
  runner: 'Ci::Runner',
} as const

/** Classes of the actors that Sluice makes itself. */
export const ownClasses: readonly string[] = [
  'FlipperRequest',
  'FlipperPod',
  'FlipperGitlabInstance',
  'FlipperEndpoint',
]

/**
 * Names that mean something else at one of the doors, so that no class gets a kind of this name: parameters of the HTTP API and
 * options of `set` and `explain`.
 */
export const takenNames: ReadonlySet<string> = new Set([
  'actor',
  'actors',
  'all',
  'at',
  'dry_run',
  'endpoint',
  'feature_group',
  'force',
  'help',
  'if',
  'json',
  'key',
  'name',
  'only',
  'opt_out',
  'random',
  'reason',
  'remove_opt_out',
  'root',
  'than',
  'value',
  'version',
  'wait',
  'yes',
])

/** What the configuration says of a class. */
export interface RegisteredClass {
  readonly id?: string
  readonly findByPath?: (path: string) => unknown
  readonly sample?: (asked: never) => unknown
}

export class ActorClasses {
  /** By class, those that are registered first. */
  readonly #patterns = new Map<string, IdPattern>()
  readonly #registered: ReadonlySet<string> | null
  /** Kind of target → class: GitLab's, then the project's own. */
  readonly kinds: ReadonlyMap<string, string>
  /** The kinds that GitLab does not have, in the order of the configuration. */
  readonly ownKinds: readonly string[]

  /** `registered`: those of the configuration; null where it has none, and then every class is fine. */
  constructor(registered: ReadonlyMap<string, RegisteredClass> | null = null) {
    this.#registered = registered === null ? null : new Set(registered.keys())
    for (const [name, { id }] of registered ?? []) this.#patterns.set(name, patternOf(name, id))
    for (const name of Object.values(targetClasses)) {
      if (!this.#patterns.has(name)) this.#patterns.set(name, usualPattern(name))
    }
    const own = ownKinds(registered === null ? [] : [...registered.keys()])
    const builtIn = Object.entries(targetClasses).map(([kind, name]): [string, string] => {
      // A project's own `Organization` and no `Organizations::Organization`: its `organization` is its own.
      const taken = registered?.has(name) === true ? undefined : own.get(kind)
      return [kind, taken ?? name]
    })
    this.kinds = new Map([...builtIn, ...[...own].filter(([kind]) => !Object.hasOwn(targetClasses, kind))])
    this.ownKinds = [...this.kinds.keys()].filter((kind) => !Object.hasOwn(targetClasses, kind))
  }

  /** How the ids of the class are written. */
  pattern(className: string): IdPattern {
    return this.#patterns.get(className) ?? usualPattern(className)
  }

  /** Those with a name at a door: GitLab's and the registered ones. */
  get names(): readonly string[] {
    return [...this.#patterns.keys()]
  }

  /** Whether the configuration registers the class; also false where it registers none. */
  isRegistered(className: string): boolean {
    return this.#registered?.has(className) === true
  }

  /** Whether actors of other classes than the known ones are refused. */
  get isClosed(): boolean {
    return this.#registered !== null
  }

  /** Whether the class has a name at a door. */
  isKnown(className: string): boolean {
    return this.#patterns.has(className)
  }

  /** The class of which this is an id by its form; the one with the longest beginning, because `{id}` alone fits everything. */
  classOf(flipperId: string): string | null {
    let found: string | null = null
    let longest = -1
    for (const [name, pattern] of this.#patterns) {
      if (pattern.before.length <= longest || !pattern.fits(flipperId)) continue
      found = name
      longest = pattern.before.length
    }
    return found
  }
}

function patternOf(name: string, id: string | undefined): IdPattern {
  return id === undefined ? usualPattern(name) : new IdPattern(id)
}

/** Kind → class for the classes that get a kind: `BillingAccount` is `billing_account`, as in Rails. Two of one kind get none. */
function ownKinds(names: readonly string[]): ReadonlyMap<string, string> {
  const kinds = new Map<string, string>()
  const ambiguous = new Set<string>()
  for (const name of names) {
    // `Ci::Runner` is `runner` already.
    if (Object.values<string>(targetClasses).includes(name)) continue
    const kind = kindOf(name)
    if (!/^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/.test(kind) || takenNames.has(kind)) continue
    if (kinds.has(kind)) ambiguous.add(kind)
    kinds.set(kind, name)
  }
  for (const kind of ambiguous) kinds.delete(kind)
  return kinds
}

/** The class in snake case, as `underscore` of Rails writes it, with `_` for `::`. */
function kindOf(className: string): string {
  return className
    .replaceAll('::', '_')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
}
