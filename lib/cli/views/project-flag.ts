// A flag of a project in words and as JSON.
import { namedFew } from '../../definition/named-few.js'
import { strategiesIn } from '../../project-flags/changes/environment-change.js'
import { listedIds } from '../../project-flags/listed-ids.js'
import type { ProjectFlag, Strategy, UserList } from '../../project-flags/project-flag.js'
import type { FlagOf } from '../../project-flags/project-flags.js'
import { toFlagEntity } from '../../server/projects/entities.js'
import { quoted } from '../../text/printable.js'
import { counted } from '../../text/counted.js'

/** A line that names more ids than this is hard to read. */
const mostNamed = 5

/** GitLab's words for what a share goes by. */
const bases: Readonly<Record<string, string>> = {
  default: 'by available ID',
  userId: 'by user ID',
  sessionId: 'by session ID',
  random: 'randomly',
}

/** Whom a strategy lets in, such as `10 % by user ID`. */
export function describeWhom(strategy: Strategy, lists: readonly UserList[]): string {
  const { name, parameters, userListId } = strategy
  switch (name) {
    case 'default':
      return 'all users'
    case 'flexibleRollout':
      return `${parameters['rollout']} % ${bases[parameters['stickiness'] ?? ''] ?? bases['default']}`
    case 'gradualRolloutUserId':
      return `${parameters['percentage']} % of users`
    case 'userWithId': {
      const ids = listedIds(strategy, lists)
      if (ids.length === 0) return 'no user by id'
      return `${ids.length === 1 ? 'user' : 'users'} ${namedFew(ids, mostNamed)}`
    }
    case 'gitlabUserList': {
      const list = lists.find(({ id }) => id === userListId)
      return list === undefined
        ? 'a list that is gone'
        : `list ${quoted(list.name)} (${counted(listedIds(strategy, lists).length, 'user')})`
    }
  }
}

/** Where a strategy counts, such as `production, review/*`. */
export function describeScopes({ scopes }: Strategy): string {
  if (scopes.length === 0) return 'no environment'
  return scopes
    .map(({ environmentScope }) => (environmentScope === '*' ? 'all environments' : environmentScope))
    .join(', ')
}

/** Whom the strategies let in and where, such as `10 % by user ID (production); users 1, 2 (all environments)`. */
export function describeStrategies(strategies: readonly Strategy[], lists: readonly UserList[]): string {
  if (strategies.length === 0) return 'no user'
  return strategies.map((one) => `${describeWhom(one, lists)} (${describeScopes(one)})`).join('; ')
}

/** What the flag means in an environment, with the strategies of wider scopes. */
export function describeIn(flag: ProjectFlag, lists: readonly UserList[], environment: string): string {
  return describeStrategies(strategiesIn(flag, environment), lists)
}

/** A flag without strategies is on for no user, whatever its state. */
export function stateInWords({ active }: ProjectFlag): 'on' | 'off' {
  return active ? 'on' : 'off'
}

/** The flag as REST answers it, with the revision of its last change. */
export function flagJson(flagOf: FlagOf): object {
  return { ...toFlagEntity(flagOf), revision: flagOf.flag.revision }
}
