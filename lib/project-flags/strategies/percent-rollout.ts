// `flexibleRollout`: a share of users, of sessions, or of checks by chance.
import { groupFault, isInShare, isPercent, percentFor } from './percentage.js'
import { bytesOf, type Context, idOf, type Question, type StrategyKind } from './strategy.js'

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
  decide(question) {
    const { flag, parameters, family } = question
    const { groupId, rollout, stickiness } = parameters
    const percent = percentFor(rollout, family)
    const isDefault = stickiness === undefined || stickiness === 'default' || (stickiness === '' && family === 'node')
    const id = stickiness === 'random' ? null : stickyId(isDefault ? 'default' : stickiness, question)
    // Without a group the name of the flag takes its place.
    const group = (family === 'node' ? groupId || flag : groupId) ?? flag
    if (id !== null) return isInShare(group, id, percent, bytesOf(family))
    if (!isDefault && stickiness !== 'random') return false
    return percent <= 0 || percent >= 100 ? percent >= 100 : { randomPercent: percent }
  },
}

/** The id that the share goes by; null if there is none. */
function stickyId(stickiness: string, { context, family }: Question): string | null {
  if (stickiness === 'default') return idOf(context.userId, family) ?? idOf(context.sessionId, family)
  return idOf(fieldOf(context, stickiness), family)
}

/** A field of the context, or one of its properties. */
function fieldOf(context: Context, name: string): string | undefined {
  switch (name) {
    case 'userId':
    case 'sessionId':
    case 'remoteAddress':
    case 'environment':
    case 'appName':
      return context[name] ?? property(context, name)
    default:
      return property(context, name)
  }
}

function property({ properties = {} }: Context, name: string): string | undefined {
  return Object.hasOwn(properties, name) ? properties[name] : undefined
}
