// Targets of a change as people write them: `--project gitlab-org/gitlab,42` or `project=…` of the HTTP API.
import { FeatureError } from '../errors.js'
import { quoted } from '../text/printable.js'
import { type Actor, idFault, isActor } from './actor.js'
import { actorLike, namedActor, parseActor } from './actor-text.js'
import { ActorClasses, targetClasses } from './classes.js'
import { FeatureGroup } from './groups.js'
import { isRounded, roundedId } from './rounded.js'

/** The kinds of every project, in the order in which they are written. A project's own classes are kinds besides. */
export const targetKinds = [
  'feature_group',
  'user',
  'group',
  'namespace',
  'project',
  'organization',
  'repository',
  'runner',
  'endpoint',
  'actor',
] as const

export type TargetKind = (typeof targetKinds)[number]

/** Comma-separated lists by kind: those of `targetKinds`, and the project's own. */
export type TargetTexts = Readonly<Record<string, string | undefined>>

/** Finds an actor of a class, or its id, by its path; undefined if the class has no resolver. */
export type FindByPath = (className: string, path: string) => Promise<Found> | undefined
export type Found = Actor | string | number | bigint | null | undefined

/** What the texts are read with. */
export interface TargetRules {
  readonly find: FindByPath
  readonly classes: ActorClasses
  /** The groups that the configuration registers: their names are never mistaken for actors. */
  readonly groups: { has(name: string): boolean }
  /** A target in the words of the door, such as `--actor User:5`. */
  readonly spell: (kind: string, text: string) => string
  /** Whether the targets are taken off: what is stored may have another form than what this program writes. */
  readonly removing: boolean
}

/** The rules where a configuration says nothing. */
export const plainRules: TargetRules = {
  find: () => undefined,
  classes: new ActorClasses(),
  groups: new Set(),
  spell: (kind, text) => `${kind}=${text}`,
  removing: false,
}

/**
 * The actors and groups that the texts name, in a fixed order of kinds, each once. A text of digits only is an id, any other
 * text a path. Throws FeatureError: `unknown_target` for a target that is not found or cannot be looked up, `invalid_name` for
 * a text that is not the name of a group, `invalid_arguments` for a text that is an actor of another kind;
 * InvalidFeatureFlagError (`invalid_actor`) for an id that was rounded; and the errors of `find`.
 */
export async function parseTargets(texts: TargetTexts, rules: TargetRules): Promise<(Actor | FeatureGroup)[]> {
  const things = new Map<string, Actor | FeatureGroup>()
  for (const kind of [...targetKinds, ...rules.classes.ownKinds]) {
    const text = Object.hasOwn(texts, kind) ? texts[kind] : undefined
    if (text === undefined) continue
    for (const part of splitList(kind, text)) {
      const thing = await parseTarget(kind, part, rules)
      things.set(thing instanceof FeatureGroup ? `group ${thing.name}` : `actor ${thing.flipperId}`, thing)
    }
  }
  return [...things.values()]
}

function splitList(kind: string, text: string): string[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  if (parts.length > 0) return parts
  throw new FeatureError('unknown_target', {
    problem: `${kind} is ${quoted(text)}, which names no target`,
    remedy: 'name at least one, or leave it out',
  })
}

async function parseTarget(kind: string, text: string, rules: TargetRules): Promise<Actor | FeatureGroup> {
  if (kind === 'actor') return parseActor(text, rules.classes, rules.removing)
  if (kind === 'feature_group') {
    if (!rules.groups.has(text)) refuseActor(kind, text, rules)
    return new FeatureGroup(text)
  }
  if (kind === 'endpoint') {
    refuseActor(kind, text, rules)
    // GitLab's documentation does not show an endpoint's id; this one follows the ids of its request and its pod.
    return { flipperId: `FlipperEndpoint:${text}` }
  }
  const className = rules.classes.kinds.get(kind) ?? kind
  const id = idWithoutLookup(kind, className, text, rules.classes)
  if (id !== null) return { flipperId: id }
  refuseActor(kind, text, rules)
  const looking = rules.find(className, text)
  if (looking === undefined) {
    // Actors of a class without a resolver are known by their ids alone; the ids of GitLab's classes are numbers.
    if (!Object.hasOwn(targetClasses, kind)) return { flipperId: rules.classes.pattern(className).write(text) }
    const other = rules.spell('actor', `${className}:${text}`)
    const remedy =
      kind === 'repository'
        ? 'give its path on disk, such as "@hashed/….git"'
        : `give the id; an id that is a text: ${other}`
    const problem = `${kind} ${quoted(text)} cannot be looked up: no findByPath is configured for ${className}`
    throw new FeatureError('unknown_target', { problem, remedy })
  }
  const found = await looking
  if (isRounded(found)) throw roundedId(`the id that findByPath of ${className} gives for ${quoted(text)}`, found)
  return foundActor(className, found, rules.classes) ?? refuse(kind, text)
}

/** An actor in the place of another kind of target would store an id that no check asks for. */
function refuseActor(kind: string, text: string, { classes, spell }: TargetRules): void {
  const actor = actorLike(text, classes)
  if (actor === null) return
  throw new FeatureError('invalid_arguments', {
    problem: `${kind} ${quoted(text)} looks like an actor, and nothing was written`,
    remedy: `did you mean ${spell('actor', actor)}?`,
  })
}

/** GitLab finds repositories by their path on disk (lib/gitlab/git/repository.rb), and all other targets by a number. */
function idWithoutLookup(kind: string, className: string, text: string, classes: ActorClasses): string | null {
  const pattern = classes.pattern(className)
  if (kind === 'repository' && text.startsWith('@')) return pattern.write(text)
  // With leading zeros, the id would be one that no record ever has.
  if (/^\d+$/.test(text)) return pattern.write(text.replace(/^0+(?=\d)/, ''))
  // The whole id, as in `--user User:5`, says the same twice.
  const named = namedActor(text)
  const id = pattern.isTold(text) ? pattern.read(text) : named?.className === className ? named.id : null
  return id === null || id === '' || id !== id.trim() ? null : pattern.write(id)
}

/**
 * The actor that code of the application gives, as an object or as an id; null for what is none. Throws the error of an id that names
 * nothing.
 */
export function foundActor(className: string, found: unknown, classes: ActorClasses): Actor | null {
  const pattern = classes.pattern(className)
  if (typeof found === 'bigint' || (typeof found === 'number' && Number.isSafeInteger(found))) {
    return { flipperId: pattern.write(String(found)) }
  }
  if (typeof found === 'string' && found !== '') {
    const usual = `${className}:`
    const id = found.startsWith(usual) ? found.slice(usual.length) : found
    return { flipperId: pattern.isTold(found) ? found : pattern.write(id) }
  }
  if (isActor(found)) return found
  const fault = idFault(found)
  if (fault instanceof FeatureError) throw fault
  return null
}

function refuse(kind: string, text: string): never {
  throw new FeatureError('unknown_target', {
    // GitLab's words, its mark included: clients match them.
    problem: `${kind} ${quoted(text)} is not found!`,
    remedy: 'check the path, or give the id',
  })
}
