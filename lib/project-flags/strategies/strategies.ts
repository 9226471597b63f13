// The five strategies by name.
import type { StrategyName } from '../project-flag.js'
import { allUsers } from './all-users.js'
import { percentOfUsers } from './percent-of-users.js'
import { percentRollout } from './percent-rollout.js'
import type { StrategyKind } from './strategy.js'
import { userIds } from './user-ids.js'
import { userList } from './user-list.js'

/** Complete by type: a name without its kind does not compile. */
export const strategies: Readonly<Record<StrategyName, StrategyKind>> = {
  default: allUsers,
  gradualRolloutUserId: percentOfUsers,
  flexibleRollout: percentRollout,
  userWithId: userIds,
  gitlabUserList: userList,
}

export function isStrategyName(name: unknown): name is StrategyName {
  return typeof name === 'string' && Object.hasOwn(strategies, name)
}
