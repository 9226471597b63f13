// What SDKs answer about the flags of a project, in both families.
import { describe, expect, it } from 'vitest'
import { evaluateFlag, evaluateFlags, explainAnswer } from '../../lib/project-flags/evaluate.js'
import type { ProjectFlag, Strategy, UserList } from '../../lib/project-flags/project-flag.js'

const at = new Date(0)
const list: UserList = { id: 5, iid: 1, name: 'beta', userXids: '1,2', revision: 1, createdAt: at, updatedAt: at }

function strategy(name: Strategy['name'], parameters: Strategy['parameters'], scope = 'production'): Strategy {
  const userListId = name === 'gitlabUserList' ? 5 : null
  return { id: 1, name, parameters, userListId, scopes: [{ id: 2, environmentScope: scope }] }
}

function flag(strategies: readonly Strategy[], active = true): ProjectFlag {
  const times = { createdAt: at, updatedAt: at }
  return { id: 9, iid: 1, name: 'new_layout', description: null, active, strategies, revision: 1, ...times }
}

const rollout = (percent: string, stickiness = 'default') =>
  strategy('flexibleRollout', { groupId: 'default', rollout: percent, stickiness })
const users = (userIds: string) => strategy('userWithId', { userIds })

describe('a flag, evaluated for a user,', () => {
  // "default:123" is in bucket 82. Of "default:José" the bucket is 25 in Node, 77 in all others.
  it.each<[string, ProjectFlag, string, object, unknown, unknown]>([
    ['of all users', flag([strategy('default', {})]), 'production', {}, [true, 'matched'], [true, 'matched']],
    [
      'without an environment',
      flag([strategy('default', {}, '*')]),
      '',
      {},
      [false, 'no_environment'],
      [false, 'no_environment'],
    ],
    ['of another environment', flag([strategy('default', {})]), 'staging', {}, [false, 'absent'], [false, 'absent']],
    ['without strategies', flag([]), 'production', {}, [false, 'absent'], [false, 'absent']],
    [
      'without scopes',
      flag([{ ...strategy('default', {}), scopes: [] }]),
      'production',
      {},
      [false, 'absent'],
      [false, 'absent'],
    ],
    ['that is off', flag([strategy('default', {})], false), 'production', {}, [false, 'inactive'], [false, 'inactive']],
    [
      'of a list',
      flag([strategy('gitlabUserList', {})]),
      'production',
      { userId: '2' },
      [true, 'matched'],
      [true, 'matched'],
    ],
    [
      'of a list without the user',
      flag([strategy('gitlabUserList', {})]),
      'production',
      { userId: '3' },
      [false, 'not_matched'],
      [false, 'not_matched'],
    ],
    ['of a share', flag([rollout('82')]), 'production', { userId: '123' }, [true, 'matched'], [true, 'matched']],
    [
      'of a smaller share',
      flag([rollout('81')]),
      'production',
      { userId: '123' },
      [false, 'not_matched'],
      [false, 'not_matched'],
    ],
    [
      'with an accent',
      flag([rollout('50')]),
      'production',
      { userId: 'José' },
      [true, 'matched'],
      [false, 'not_matched'],
    ],
    ['by chance', flag([rollout('30', 'random')]), 'production', {}, [null, 'by_chance'], [null, 'by_chance']],
    [
      'by chance or by name',
      flag([rollout('30', 'random'), users('7')]),
      'production',
      { userId: '7' },
      [true, 'matched'],
      [true, 'matched'],
    ],
    ['with no id at all', flag([users('')]), 'production', { userId: '' }, [false, 'not_matched'], [true, 'matched']],
    [
      'with blanks that a hand wrote',
      flag([users(' 1 , 2 ')]),
      'production',
      { userId: '1' },
      [false, 'not_matched'],
      [true, 'matched'],
    ],
  ])('%s is answered so in Node and in the others', (_, one, environment, context, node, others) => {
    const answers = evaluateFlag(one, [list], environment, context)
    expect([answers.node.enabled, answers.node.reason]).toEqual(node)
    expect([answers.others.enabled, answers.others.reason]).toEqual(others)
    expect(answers.agree).toBe(JSON.stringify(node) === JSON.stringify(others))
  })

  it('names the strategy that decided, and adds up chances', () => {
    const byChance = flag([rollout('50', 'random'), rollout('20', 'random')])
    const { node } = evaluateFlag(byChance, [], 'production', {})
    expect(node).toMatchObject({ chance: 60, strategy: byChance.strategies[0] })
    const byName = flag([users('7'), strategy('default', {}, '*')])
    expect(evaluateFlag(byName, [], 'production', { userId: '8' }).node.strategy).toBe(byName.strategies[1])
  })

  it('is explained in words', () => {
    const explained = evaluateFlags({ flags: [flag([users('7')]), flag([])], lists: [] }, 'production', { userId: '7' })
    expect(explained.map(({ flag: name, node }) => explainAnswer(node, name, 'production'))).toEqual([
      'the strategy 1 (userWithId) lets the user in',
      'no strategy of "new_layout" is for "production": an SDK does not know it there, and answers with the fallback of the call, false by default',
    ])
  })
})
