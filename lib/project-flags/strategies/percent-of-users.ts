// `gradualRolloutUserId`: a share of the users who have an id.
import { groupFault, isInShare, isPercent, percentFor } from './percentage.js'
import { bytesOf, idOf, type StrategyKind } from './strategy.js'

export const percentOfUsers: StrategyKind = {
  name: 'gradualRolloutUserId',
  parameters: ['groupId', 'percentage'],
  faults({ groupId, percentage }) {
    if (!isPercent(percentage)) return ['percentage must be a string between 0 and 100 inclusive']
    const fault = groupFault(groupId)
    return fault === null ? [] : [fault]
  },
  decide({ parameters: { groupId, percentage }, context: { userId }, family }) {
    const id = idOf(userId, family)
    // Without a group Node hashes the bare id, and the others let in no user.
    if (id === null || (groupId === undefined && family === 'others')) return false
    return isInShare(groupId ?? '', id, percentFor(percentage, family), bytesOf(family))
  },
}
