// Whom each strategy lets in, as SDKs decide it.
import { describe, expect, it } from 'vitest'
import type { StrategyName } from '../../lib/project-flags/project-flag.js'
import { strategies } from '../../lib/project-flags/strategies/strategies.js'
import type { Context, Verdict } from '../../lib/project-flags/strategies/strategy.js'

const rollout = (percent: string, stickiness = 'default') => ({ groupId: 'default', rollout: percent, stickiness })

describe('a strategy', () => {
  // "default:123" is in bucket 82, "default:7" in 90.
  it.each<[StrategyName, Record<string, string>, Context, Verdict]>([
    ['default', {}, {}, true],
    ['userWithId', { userIds: '1,123' }, { userId: '123' }, true],
    ['userWithId', { userIds: '1,123' }, { userId: '12' }, false],
    ['userWithId', { userIds: '' }, { userId: '' }, false],
    ['userWithId', { userIds: '1' }, {}, false],
    ['gradualRolloutUserId', { groupId: 'default', percentage: '82' }, { userId: '123' }, true],
    ['gradualRolloutUserId', { groupId: 'default', percentage: '81' }, { userId: '123' }, false],
    ['gradualRolloutUserId', { groupId: 'default', percentage: '100' }, {}, false],
    ['flexibleRollout', rollout('82'), { userId: '123' }, true],
    ['flexibleRollout', rollout('81'), { userId: '123' }, false],
    ['flexibleRollout', rollout('82'), { sessionId: '123' }, true],
    ['flexibleRollout', rollout('82', 'sessionId'), { userId: '123' }, false],
    ['flexibleRollout', rollout('82', 'userId'), { sessionId: '123' }, false],
    ['flexibleRollout', rollout('30'), {}, { randomPercent: 30 }],
    ['flexibleRollout', rollout('30', 'random'), { userId: '123' }, { randomPercent: 30 }],
    ['flexibleRollout', rollout('0', 'random'), {}, false],
    ['flexibleRollout', rollout('100', 'random'), {}, true],
    ['gitlabUserList', {}, { userId: '1' }, false],
  ])('%s %o for %o: %o', (name, parameters, context, expected) => {
    expect(strategies[name].decide({ parameters, context, bytes: 'utf8' })).toEqual(expected)
  })
})
