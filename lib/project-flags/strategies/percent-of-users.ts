// `gradualRolloutUserId`: a share of the users who have an id.
import { groupFault, isInShare, isPercent } from './percentage.js'
import type { StrategyKind } from './strategy.js'

export const percentOfUsers: StrategyKind = {
  name: 'gradualRolloutUserId',
  parameters: ['groupId', 'percentage'],
  faults({ groupId, percentage }) {
    if (!isPercent(percentage)) return ['percentage must be a string between 0 and 100 inclusive']
    const fault = groupFault(groupId)
    return fault === null ? [] : [fault]
  },
  decide({ parameters: { groupId = '', percentage }, context: { userId }, bytes }) {
    return userId !== undefined && userId !== '' && isInShare(groupId, userId, Number(percentage), bytes)
  },
}
