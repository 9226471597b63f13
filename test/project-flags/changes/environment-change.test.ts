import { describe, expect, it } from 'vitest'
import {
  environmentChange,
  groupOf,
  strategiesIn,
  type Wanted,
} from '../../../lib/project-flags/changes/environment-change.js'
import { changedFlag } from '../../../lib/project-flags/changes/flag-changes.js'
import { idsThatLose } from '../../../lib/project-flags/listed-ids.js'
import type { ProjectFlag, Strategy, UserList } from '../../../lib/project-flags/project-flag.js'

const at = new Date(0)
const testers: UserList = {
  id: 70,
  iid: 1,
  name: 'testers',
  userXids: '7,8',
  revision: 1,
  createdAt: at,
  updatedAt: at,
}

/** `name parameters @ scopes`, such as a share of 10 in production. */
function flagWith(...strategies: readonly Omit<Strategy, 'id'>[]): ProjectFlag {
  const withIds = strategies.map((strategy, index) => ({ ...strategy, id: 100 + index }))
  return {
    id: 1,
    iid: 1,
    name: 'new_layout',
    description: null,
    active: true,
    strategies: withIds,
    revision: 1,
    createdAt: at,
    updatedAt: at,
  }
}

let lastScope = 0
const scopes = (...names: string[]) => names.map((environmentScope) => ({ id: ++lastScope, environmentScope }))
const share = (rollout: string, groupId: string, stickiness: string, ...names: string[]): Omit<Strategy, 'id'> => ({
  name: 'flexibleRollout',
  parameters: { groupId, rollout, stickiness },
  userListId: null,
  scopes: scopes(...names),
})
const ofUsers = (percentage: string, groupId: string, ...names: string[]): Omit<Strategy, 'id'> => ({
  name: 'gradualRolloutUserId',
  parameters: { groupId, percentage },
  userListId: null,
  scopes: scopes(...names),
})
const users = (userIds: string, ...names: string[]): Omit<Strategy, 'id'> => ({
  name: 'userWithId',
  parameters: { userIds },
  userListId: null,
  scopes: scopes(...names),
})
const all = (...names: string[]): Omit<Strategy, 'id'> => ({
  name: 'default',
  parameters: {},
  userListId: null,
  scopes: scopes(...names),
})
const listed = (...names: string[]): Omit<Strategy, 'id'> => ({
  name: 'gitlabUserList',
  parameters: {},
  userListId: testers.id,
  scopes: scopes(...names),
})

function changed(flag: ProjectFlag, environment: string, wanted: Wanted): ProjectFlag {
  let next = 1_000
  const around = { lists: new Map([[testers.id, testers]]), isTaken: () => false, nextId: () => ++next }
  return { ...flag, ...changedFlag(flag, environmentChange(flag, environment, wanted), around) }
}

/** Each strategy as a line: what it is, and where. */
function lines({ strategies }: ProjectFlag): string[] {
  return strategies.map(({ name, parameters, scopes: where }) =>
    [name, ...Object.values(parameters), '@', ...where.map(({ environmentScope }) => environmentScope)].join(' '),
  )
}

const percent = (value: string, by?: 'default' | 'userId' | 'sessionId' | 'random'): Wanted => ({
  kind: 'percent',
  percent: value,
  by,
})

const cases: readonly (readonly [title: string, flag: ProjectFlag, wanted: Wanted, expected: readonly string[]])[] = [
  [
    'a new share has a group made from the name',
    flagWith(),
    percent('10'),
    ['flexibleRollout newlayout 10 default @ production'],
  ],
  [
    'a raised share keeps its group and what it goes by',
    flagWith(share('10', 'default', 'sessionId', 'production')),
    percent('30'),
    ['flexibleRollout default 30 sessionId @ production'],
  ],
  [
    'a raised share goes by another id if that is said',
    flagWith(share('10', 'default', 'default', 'production')),
    percent('30', 'userId'),
    ['flexibleRollout default 30 userId @ production'],
  ],
  [
    'a share for several environments hands its group on',
    flagWith(share('10', 'default', 'userId', 'production', 'staging')),
    percent('30'),
    ['flexibleRollout default 10 userId @ staging', 'flexibleRollout default 30 userId @ production'],
  ],
  [
    'a share of a wider scope hands its group on, so that users do not add up',
    flagWith(share('10', 'wide', 'userId', '*')),
    percent('30'),
    ['flexibleRollout wide 10 userId @ *', 'flexibleRollout wide 30 userId @ production'],
  ],
  [
    'the share of the environment itself goes before that of a wider scope',
    flagWith(share('50', 'wide', 'userId', '*'), share('10', 'own', 'userId', 'production')),
    percent('30'),
    ['flexibleRollout wide 50 userId @ *', 'flexibleRollout own 30 userId @ production'],
  ],
  [
    'of two shares the larger one is kept',
    flagWith(share('5', 'small', 'userId', 'production'), share('10', 'large', 'userId', 'production')),
    percent('30'),
    ['flexibleRollout large 30 userId @ production'],
  ],
  [
    'a percent of users becomes a share by user ID with its group',
    flagWith(ofUsers('10', 'group', 'production')),
    percent('30'),
    ['flexibleRollout group 30 userId @ production'],
  ],
  [
    'a share becomes a percent of users with its group',
    flagWith(share('10', 'group', 'userId', 'production')),
    { kind: 'percentOfUsers', percent: '30' },
    ['gradualRolloutUserId group 30 @ production'],
  ],
  [
    'a raised percent of users keeps its group',
    flagWith(ofUsers('10', 'group', 'production')),
    { kind: 'percentOfUsers', percent: '30' },
    ['gradualRolloutUserId group 30 @ production'],
  ],
  [
    'users replace other users',
    flagWith(users('1,2', 'production')),
    { kind: 'users', ids: '3' },
    ['userWithId 3 @ production'],
  ],
  [
    'a list replaces users',
    flagWith(users('1,2', 'production')),
    { kind: 'list', listId: 70 },
    ['gitlabUserList @ production'],
  ],
  [
    'all replaces everything of the environment',
    flagWith(users('1', 'production'), share('1', 'a', 'userId', 'production')),
    { kind: 'all' },
    ['default @ production'],
  ],
  [
    'none leaves other environments',
    flagWith(all('*'), users('1', 'production'), users('2', 'staging')),
    { kind: 'none' },
    ['default @ *', 'userWithId 2 @ staging'],
  ],
]

describe('the change of one environment', () => {
  it.each(cases)('%s', (_, flag, wanted, expected) => {
    expect(lines(changed(flag, 'production', wanted))).toEqual(expected)
  })

  it('keeps the id of a strategy that stays what it is', () => {
    const flag = flagWith(share('10', 'default', 'userId', 'production'))
    expect(changed(flag, 'production', percent('30')).strategies.map(({ id }) => id)).toEqual([100])
  })

  it('changes nothing where it is so already', () => {
    for (const [strategy, wanted] of [
      [all('production'), { kind: 'all' }],
      [users('1,2', 'production'), { kind: 'users', ids: '1,2' }],
      [listed('production'), { kind: 'list', listId: 70 }],
      [share('10', 'a', 'random', 'production'), percent('10')],
    ] satisfies readonly (readonly [Omit<Strategy, 'id'>, Wanted])[]) {
      const flag = flagWith(strategy)
      expect(changed(flag, 'production', wanted)).toEqual(flag)
    }
  })

  it('makes a group that GitLab takes of every name, and another one of every other name', () => {
    const names = ['new_layout', 'new-layout', 'v1', 'v2', `x${'1'.repeat(40)}`, 'a'.repeat(63), 'a'.repeat(62), 'f-']
    const groups = names.map((name) => groupOf(name))
    expect(groups[0]).toBe('newlayout')
    expect(groups.every((group) => /^[a-z]{1,32}$/.test(group))).toBe(true)
    expect(new Set(groups).size).toBe(names.length)
    // Kept for good: another group would move the users of a share that is made anew.
    expect([groups[1], groups[3]]).toEqual(
      ['newlayout', 'v'].map((letters) => expect.stringMatching(`^${letters}[a-z]{8}$`)),
    )
  })

  it('does not give a new share the group of another flag', () => {
    const flag = { name: 'newlayout', strategies: [] }
    const others = [flagWith(share('10', 'newlayout', 'userId', 'staging'))]
    const { strategies = [] } = environmentChange(flag, 'production', percent('10'), others)
    expect(strategies[0]?.parameters).toMatchObject({ groupId: expect.stringMatching(/^newlayout[a-z]{8}$/) })
  })

  it('finds all scopes that match an environment', () => {
    const flag = flagWith(all('*'), users('1', 'review/*'), users('2', 'production'))
    expect(lines({ ...flag, strategies: strategiesIn(flag, 'review/7') })).toEqual([
      'default @ *',
      'userWithId 1 @ review/*',
    ])
  })
})

describe('the ids that lose a flag', () => {
  const lose = (flag: ProjectFlag, wanted: Wanted) =>
    idsThatLose(
      { flag, lists: [testers] },
      { flag: changed(flag, 'production', wanted), lists: [testers] },
      'production',
    )
  const many = Array.from({ length: 200 }, (_, index) => String(index))

  it.each([
    ['other users', { kind: 'users', ids: '2,3' }, ['1']],
    ['no user', { kind: 'none' }, ['1', '2']],
    ['all users', { kind: 'all' }, []],
    ['a share of all', percent('100'), []],
    ['a share of none', percent('0'), ['1', '2']],
    ['a share by chance', percent('50', 'random'), ['1', '2']],
    ['a share by session', percent('50', 'sessionId'), ['1', '2']],
  ] satisfies readonly (readonly [string, Wanted, string[]])[])(
    'are those that are not among %s',
    (_, wanted, expected) => {
      expect(lose(flagWith(users('1,2', 'production')), wanted)).toEqual(expected)
    },
  )

  it('are those outside of a share, and the others are in it', () => {
    const outside = lose(flagWith(users(many.join(','), 'production')), percent('30'))
    expect(outside.length).toBeGreaterThan(120)
    expect(outside.length).toBeLessThan(160)
    // The same hash that every SDK computes: default:123 is in bucket 82.
    const flag = flagWith(users('123', 'production'), share('1', 'default', 'userId', 'staging', 'production'))
    expect([lose(flag, percent('81')), lose(flag, percent('82'))]).toEqual([['123'], []])
  })

  it('may be named by a list, and keep the flag by a wider scope', () => {
    expect(lose(flagWith(listed('production')), { kind: 'users', ids: '8' })).toEqual(['7'])
    expect(lose(flagWith(listed('production'), users('7,8', 'prod*')), { kind: 'none' })).toEqual([])
  })

  it('are those whom SDKs of one family only let in', () => {
    // José is in bucket 77 of the Node SDK, and in 25 of the others.
    const flag = flagWith(users('José', 'production'), share('1', 'default', 'userId', 'staging', 'production'))
    expect([lose(flag, percent('50')), lose(flag, percent('77'))]).toEqual([['José'], []])
  })

  it('are none where the flag was off before', () => {
    expect(lose({ ...flagWith(users('1', 'production')), active: false }, { kind: 'none' })).toEqual([])
  })
})
