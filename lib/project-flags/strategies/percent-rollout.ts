// `flexibleRollout`: a share of users, of sessions, or of checks by chance.
import { groupFault, isInShare, isPercent } from './percentage.js'
import type { Context, StrategyKind } from './strategy.js'

const stickinesses: ReadonlySet<unknown> = new Set(['default', 'userId', 'sessionId', 'random'])

export const percentRollout: StrategyKind = {
  name: 'flexibleRollout',
  parameters: ['groupId', 'rollout', 'stickiness'],
  faults({ groupId, rollout, stickiness }) {
    const faults: string[] = []
    if (!isPercent(rollout)) faults.push('rollout must be a string between 0 and 100 inclusive')
    const ofGroup = groupFault(groupId)
    if (ofGroup !== null) faults.push(ofGroup)
    if (!stickinesses.has(stickiness)) {
      faults.push('stickiness parameter must be default, userId, sessionId, or random')
    }
    return faults
  },
  decide({ parameters: { groupId = '', rollout, stickiness }, context, bytes }) {
    const percent = Number(rollout)
    const id = stickyId(stickiness, context)
    if (id !== null) return isInShare(groupId, id, percent, bytes)
    if (stickiness === 'userId' || stickiness === 'sessionId') return false
    return percent === 0 || percent === 100 ? percent === 100 : { randomPercent: percent }
  },
}

/** The id that the share goes by; null if there is none. */
function stickyId(stickiness: string | undefined, { userId, sessionId }: Context): string | null {
  const ids = { default: userId || sessionId, userId, sessionId, random: undefined }
  const id = stickiness === 'userId' || stickiness === 'sessionId' || stickiness === 'default' ? ids[stickiness] : ''
  return id === undefined || id === '' ? null : id
}
