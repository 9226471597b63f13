// `userWithId`: the users whose ids are named.
import { splitIds, userIdsFault } from '../user-ids.js'
import type { StrategyKind } from './strategy.js'

export const userIds: StrategyKind = {
  name: 'userWithId',
  parameters: ['userIds'],
  faults({ userIds: ids }) {
    const fault = userIdsFault(ids, 'userIds')
    return fault === null ? [] : [fault]
  },
  decide: ({ parameters: { userIds: ids = '' }, context: { userId } }) =>
    userId !== undefined && userId !== '' && splitIds(ids).includes(userId),
}
