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
    ['flexibleRollout', { rollout: '100', stickiness: 'default' }, { userId: '123' }, true],
    ['flexibleRollout', { ...rollout('82'), stickiness: 'company' }, { properties: { company: '123' } }, true],
    ['flexibleRollout', { ...rollout('82'), stickiness: 'company' }, { userId: '123' }, false],
    ['flexibleRollout', { ...rollout('82'), stickiness: 'remoteAddress' }, { remoteAddress: '123' }, true],
    ['flexibleRollout', { ...rollout('82'), stickiness: '__proto__' }, { userId: '123' }, false],
    ['flexibleRollout', rollout(''), { userId: '123' }, false],
  ])('%s %o for %o: %o in all SDKs', (name, parameters, context, expected) => {
    for (const family of ['node', 'others'] as const) {
      expect(strategies[name].decide({ flag: 'flag', parameters, context, family })).toEqual(expected)
    }
  })

  // What cannot be stored by GitLab's rules may still stand in the table, written by hand.
  it.each<[StrategyName, Record<string, string>, Context, Verdict, Verdict]>([
    ['userWithId', { userIds: '' }, { userId: '' }, false, true],
    ['userWithId', { userIds: '1,' }, { userId: '' }, true, true],
    ['userWithId', { userIds: ' 1' }, { userId: '1' }, false, true],
    ['gradualRolloutUserId', { percentage: '100' }, { userId: '1' }, true, false],
    ['gradualRolloutUserId', { groupId: 'default', percentage: '99.5' }, { userId: '123' }, true, false],
    ['gradualRolloutUserId', { groupId: 'default', percentage: '100' }, { userId: '' }, false, true],
    ['flexibleRollout', rollout('100', ''), { userId: '' }, true, false],
    ['flexibleRollout', rollout('100', 'userId'), { userId: '' }, false, true],
  ])('%s %o for %o: %o in Node, %o in the others', (name, parameters, context, node, others) => {
    expect(strategies[name].decide({ flag: 'flag', parameters, context, family: 'node' })).toEqual(node)
    expect(strategies[name].decide({ flag: 'flag', parameters, context, family: 'others' })).toEqual(others)
  })
})
