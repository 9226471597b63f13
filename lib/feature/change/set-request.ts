// What a request to set a flag means: GitLab's admin API (lib/api/features.rb, Admin::SetFeatureFlagService), in words as
// people type them. The command line and the HTTP API both come through here, so that they cannot differ.
import type { Actor } from '../../actors/actor.js'
import { FeatureGroup } from '../../actors/groups.js'
import { ActorClasses } from '../../actors/classes.js'
import { type FindByPath, parseTargets, type TargetRules, type TargetTexts } from '../../actors/targets.js'
import type { Config } from '../../config/config.js'
import { FeatureError } from '../../errors.js'
import { type FlagList, type FlagOperation, planOperations } from './operations.js'
import type { PlannedStep } from './plan.js'
import { quoted } from '../../text/printable.js'

export interface SetRequest {
  /** `true`, `false`, a number from 0 to 100, `opt_out` or `remove_opt_out`. */
  readonly value: string
  /** `percentage_of_actors` or `percentage_of_time`; what a number without it means is GitLab's choice: of time. */
  readonly key?: string | undefined
  /** Comma-separated lists by kind. */
  readonly targets: TargetTexts
}

/** These ignore `key`, as in GitLab: all the way is the same for every gate. */
const enabling: ReadonlySet<string> = new Set(['true', '100', '100.0'])
const disabling: ReadonlySet<string> = new Set(['false', '0', '0.0'])
const numeric = /^\d+(?:\.\d+)?$/

type Targets = readonly (Actor | FeatureGroup)[]

/** What a door reads targets with. */
export type DoorRules = Omit<TargetRules, 'removing'>

/**
 * The steps of one request; nothing is written here. Throws FeatureError `invalid_value`, `invalid_percentage`,
 * `percentage_with_target`, `unknown_target`, `invalid_arguments` or `invalid_actor`.
 */
export async function planSet(name: string, request: SetRequest, rules: DoorRules): Promise<PlannedStep[]> {
  return planOperations(name, await operationsOf(name, request, rules), { optOutMustExist: true })
}

/** The operations of one request. Throws as `planSet`. */
export async function operationsOf(name: string, request: SetRequest, rules: DoorRules): Promise<FlagOperation[]> {
  const { value, key } = request
  const kinds = targetsOf(request.targets)
  if (kinds.length > 0 && key !== undefined) {
    throw new FeatureError('percentage_with_target', {
      problem: `the key ${quoted(key)} and a target (${kinds.join(', ')}) exclude each other`,
      remedy: 'leave one of them out',
    })
  }
  const targets = kinds.length === 0 ? null : await plannedTargets(value, request.targets, rules)
  if (enabling.has(value)) return targets === null ? [{ op: 'enable' }] : listOperations('add', targets)
  if (disabling.has(value)) return targets === null ? [{ op: 'disable' }] : listOperations('remove', targets)
  if (value === 'opt_out') return [{ op: 'add', list: 'never', ids: onlyActors(value, targets) }]
  if (value === 'remove_opt_out') return [{ op: 'remove', list: 'never', ids: onlyActors(value, targets) }]
  return [{ op: percentageOf(name, value, key), value: Number(value) }]
}

function listOperations(op: 'add' | 'remove', targets: Targets): FlagOperation[] {
  const actors: string[] = []
  const groups: string[] = []
  for (const thing of targets) {
    if (thing instanceof FeatureGroup) groups.push(thing.name)
    else actors.push(thing.flipperId)
  }
  const lists: readonly (readonly [FlagList, string[]])[] = [
    ['actors', actors],
    ['groups', groups],
  ]
  return lists.flatMap(([list, ids]) => (ids.length === 0 ? [] : [{ op, list, ids }]))
}

/** The rules of a configuration; `spell` writes a target in the words of the door. */
export function rulesOf({ actors, groups }: Pick<Config, 'actors' | 'groups'>, spell: DoorRules['spell']): DoorRules {
  return { find: findWith(actors), classes: new ActorClasses(actors), groups, spell }
}

/** Looks paths up with the configuration's `actors`. */
export function findWith(actors: Config['actors']): FindByPath {
  return (className, path) => {
    const findByPath = actors?.get(className)?.findByPath
    // Called in an async function, so that one that throws is like one that rejects.
    return findByPath && (async () => findByPath(path))()
  }
}

function targetsOf(targets: TargetTexts): string[] {
  return Object.keys(targets).filter((kind) => targets[kind] !== undefined)
}

/** Refuses what no target could mend before it asks the application's resolvers. */
async function plannedTargets(value: string, texts: TargetTexts, rules: DoorRules): Promise<(Actor | FeatureGroup)[]> {
  const removing = disabling.has(value) || value === 'remove_opt_out'
  if (!enabling.has(value) && !removing && value !== 'opt_out') {
    if (!numeric.test(value)) throw invalidValue(value)
    throw new FeatureError('percentage_with_target', {
      problem: `the percentage ${quoted(value)} cannot be set for a target`,
      remedy: 'give true or false, or leave the target out',
    })
  }
  return parseTargets(texts, { ...rules, removing })
}

function onlyActors(value: string, targets: Targets | null): string[] {
  if (targets === null) {
    throw new FeatureError('invalid_value', {
      problem: `${quoted(value)} needs a target`,
      remedy: 'name a user, project, group or another actor',
    })
  }
  return targets.map((thing) => {
    if (!(thing instanceof FeatureGroup)) return thing.flipperId
    throw new FeatureError('invalid_value', {
      problem: `${quoted(value)} cannot be set for the feature group ${quoted(thing.name)}: only single actors can opt out`,
      remedy: 'name a user, project, group or another actor',
    })
  })
}

function percentageOf(
  name: string,
  value: string,
  key: string | undefined,
): 'percentage_of_actors' | 'percentage_of_time' {
  if (!numeric.test(value)) throw invalidValue(value)
  switch (key) {
    case 'percentage_of_actors':
    case 'percentage_of_time':
      return key
    case undefined:
      return 'percentage_of_time'
    default: {
      throw new FeatureError('invalid_value', {
        problem: `the key of ${quoted(name)} is ${quoted(key)}`,
        remedy: 'give percentage_of_actors or percentage_of_time',
      })
    }
  }
}

function invalidValue(value: string): FeatureError {
  const shown = value.length > 60 ? `${value.slice(0, 60)}…` : value
  return new FeatureError('invalid_value', {
    problem: `a flag cannot be set to ${quoted(shown)}`,
    remedy: 'give true, false or a number from 0 to 100',
  })
}
