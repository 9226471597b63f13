// Targets of a change as people write them: `--project gitlab-org/gitlab,42` or `project=…` of the HTTP API.
import { FeatureError } from '../errors.js'
import { type Actor, idFault, isActor } from './actor.js'
import { FeatureGroup } from './groups.js'
import { isRounded, roundedId } from './rounded.js'
import { quoted } from '../text/printable.js'

/** Kind of target → the class in its ids (GitLab: `Feature::Target`). An endpoint is an id by itself. */
export const targetClasses = {
  user: 'User',
  group: 'Group',
  namespace: 'Namespace',
  project: 'Project',
  organization: 'Organizations::Organization',
  repository: 'Repository',
  runner: 'Ci::Runner',
} as const

export type TargetKind = keyof typeof targetClasses | 'feature_group' | 'endpoint'

export const targetKinds: readonly TargetKind[] = [
  'feature_group',
  'user',
  'group',
  'namespace',
  'project',
  'organization',
  'repository',
  'runner',
  'endpoint',
]

export type TargetTexts = Readonly<Partial<Record<TargetKind, string>>>

/** Finds an actor of a class, or its id, by its path; undefined if the class has no resolver. */
export type FindByPath = (className: string, path: string) => Promise<Found> | undefined
export type Found = Actor | string | number | bigint | null | undefined

/**
 * The actors and groups that the texts name, in a fixed order of kinds, each once. A text of digits only is an id, any other
 * text a path. Throws FeatureError: `unknown_target` for a target that is not found or cannot be looked up, `invalid_name` for
 * a text that is not the name of a group; InvalidFeatureFlagError (`invalid_actor`) for an id that was rounded; and the errors
 * of `find`.
 */
export async function parseTargets(texts: TargetTexts, find: FindByPath): Promise<(Actor | FeatureGroup)[]> {
  const things = new Map<string, Actor | FeatureGroup>()
  for (const kind of targetKinds) {
    const text = texts[kind]
    if (text === undefined) continue
    for (const part of splitList(kind, text)) {
      const thing = await parseTarget(kind, part, find)
      things.set(thing instanceof FeatureGroup ? `group ${thing.name}` : `actor ${thing.flipperId}`, thing)
    }
  }
  return [...things.values()]
}

function splitList(kind: TargetKind, text: string): string[] {
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

async function parseTarget(kind: TargetKind, text: string, find: FindByPath): Promise<Actor | FeatureGroup> {
  if (kind === 'feature_group') return new FeatureGroup(text)
  // GitLab's documentation does not show an endpoint's id; this one follows the ids of its request and its pod.
  if (kind === 'endpoint') return { flipperId: `FlipperEndpoint:${text}` }
  const className = targetClasses[kind]
  const id = idWithoutLookup(kind, text)
  if (id !== null) return { flipperId: `${className}:${id}` }
  const looking = find(className, text)
  if (looking === undefined) {
    const remedy = kind === 'repository' ? 'give its path on disk, such as "@hashed/….git"' : 'give the id'
    const problem = `${kind} ${quoted(text)} cannot be looked up: no findByPath is configured for ${className}`
    throw new FeatureError('unknown_target', { problem, remedy })
  }
  const found = await looking
  if (isRounded(found)) throw roundedId(`the id that findByPath of ${className} gives for ${quoted(text)}`, found)
  return toActor(className, found) ?? refuse(kind, text)
}

/** GitLab finds repositories by their path on disk (lib/gitlab/git/repository.rb), and all other targets by a number. */
function idWithoutLookup(kind: TargetKind, text: string): string | null {
  if (kind === 'repository' && text.startsWith('@')) return text
  // With leading zeros, the id would be one that no record ever has.
  return /^\d+$/.test(text) ? text.replace(/^0+(?=\d)/, '') : null
}

/** The result of a resolver. A resolver is code of the application, so its result is checked whole. */
function toActor(className: string, found: Found): Actor | null {
  if (typeof found === 'bigint' || (typeof found === 'number' && Number.isSafeInteger(found))) {
    return { flipperId: `${className}:${found}` }
  }
  if (typeof found === 'string' && found !== '') {
    return { flipperId: found.startsWith(`${className}:`) ? found : `${className}:${found}` }
  }
  if (isActor(found)) return found
  const fault = idFault(found)
  if (fault instanceof FeatureError) throw fault
  return null
}

function refuse(kind: TargetKind, text: string): never {
  throw new FeatureError('unknown_target', {
    // GitLab's words, its mark included: clients match them.
    problem: `${kind} ${quoted(text)} is not found!`,
    remedy: 'check the path, or give the id',
  })
}
