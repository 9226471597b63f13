// A flag of a project in words and as JSON.
import type { Strategy } from '../../project-flags/project-flag.js'
import type { FlagOf } from '../../project-flags/project-flags.js'

const bases: Readonly<Record<string, string>> = {
  default: 'available ID',
  userId: 'user ID',
  sessionId: 'session ID',
  random: 'chance',
}

/** `10% by user ID (production)`. */
export function describeStrategy({ name, parameters, scopes }: Strategy): string {
  const where = scopes.map(({ environmentScope }) => (environmentScope === '*' ? 'all environments' : environmentScope))
  return `${whom(name, parameters)} (${where.join(', ')})`
}

function whom(name: Strategy['name'], parameters: Strategy['parameters']): string {
  switch (name) {
    case 'default':
      return 'all users'
    case 'flexibleRollout':
      return `${parameters['rollout']}% by ${bases[parameters['stickiness'] ?? ''] ?? 'available ID'}`
    case 'gradualRolloutUserId':
      return `${parameters['percentage']}% of users`
    case 'userWithId':
      return `the users ${parameters['userIds']}`
    case 'gitlabUserList':
      return 'the users of a list'
  }
}

export function flagJson({ flag }: FlagOf) {
  const { name, description, active, strategies, revision } = flag
  return {
    name,
    description,
    active,
    revision,
    strategies: strategies.map((strategy) => ({
      id: strategy.id,
      name: strategy.name,
      parameters: strategy.parameters,
      user_list_id: strategy.userListId,
      scopes: strategy.scopes.map(({ id, environmentScope }) => ({ id, environment_scope: environmentScope })),
    })),
  }
}
