// What a change of a flag is warned about.
import { describe, expect, it } from 'vitest'
import { changeWarnings, listWarnings } from '../../../lib/project-flags/changes/flag-warnings.js'
import type { ProjectFlag, Strategy } from '../../../lib/project-flags/project-flag.js'
import { newProject } from '../../../lib/project-flags/project.js'

const at = new Date(0)
const times = { revision: 1, createdAt: at, updatedAt: at }
const lists = [{ id: 5, iid: 1, name: 'beta', userXids: '1,2', ...times }]

function flag(name: string, strategies: readonly Strategy[], rest: Partial<ProjectFlag> = {}): ProjectFlag {
  return { id: name.length, iid: 1, name, description: null, active: true, strategies, ...times, ...rest }
}

function strategy(
  name: Strategy['name'],
  parameters: Strategy['parameters'],
  scopes: readonly string[] = ['production'],
) {
  const userListId = name === 'gitlabUserList' ? 5 : null
  return { id: 7, name, parameters, userListId, scopes: scopes.map((scope, id) => ({ id, environmentScope: scope })) }
}

const everyone = strategy('default', {})
const users = (userIds: string, scopes?: readonly string[]) => strategy('userWithId', { userIds }, scopes)
const share = (rollout: string, groupId: string) =>
  strategy('flexibleRollout', { groupId, rollout, stickiness: 'default' })
const others = [flag('another_flag', [share('10', 'default')])]

describe('a change of a flag', () => {
  it.each<[string, ProjectFlag | null, ProjectFlag | null, readonly string[]]>([
    ['that is fine', null, flag('new', [everyone]), []],
    ['without strategies', null, flag('new', []), ['no_strategies']],
    ['without strategies, switched off', null, flag('new', [], { active: false }), []],
    ['without environments', null, flag('new', [strategy('default', {}, [])]), ['no_scopes']],
    ['of 0 %', null, flag('new', [share('0', 'default')]), ['no_percentage']],
    ['that picks the users of another flag', null, flag('new', [share('10', 'default')]), ['shared_group']],
    ['with a group of its own', null, flag('new', [share('10', 'new')]), []],
    ['for everyone, in the group of another flag', null, flag('new', [share('100', 'default')]), []],
    ['with an empty id', null, flag('new', [users('1,')]), ['empty_id']],
    ['that takes an id out', flag('new', [users('1,2')]), flag('new', [users('1')]), ['users_lost']],
    ['from ids to all', flag('new', [users('1,2')]), flag('new', [everyone]), []],
    ['from ids to a list of them', flag('new', [users('1,2')]), flag('new', [strategy('gitlabUserList', {})]), []],
    ['from ids to a wider scope', flag('new', [users('1')]), flag('new', [users('1', ['*'])]), []],
    [
      'from a list to nobody',
      flag('new', [strategy('gitlabUserList', {})]),
      flag('new', []),
      ['users_lost', 'no_strategies'],
    ],
    ['that switches off', flag('new', [users('1')]), flag('new', [users('1')], { active: false }), ['users_lost']],
    ['of its name', flag('new', [everyone]), flag('newer', [everyone]), ['removed']],
    ['that deletes it', flag('new', [everyone]), null, ['removed']],
  ])('%s', (_, before, after, codes) => {
    const flags = [...others, ...(after === null ? [] : [after])]
    const content = { project: newProject({ path: 'shop', name: 'shop' }, 1, at), flags, lists }
    expect(changeWarnings({ before, after, content }).map(({ code }) => code)).toEqual(codes)
  })

  it('names ten of the ids that lose it, and counts the others', () => {
    const ids = Array.from({ length: 13 }, (_, index) => `u${index}`).join(',')
    const content = { project: newProject({ path: 'shop', name: 'shop' }, 1, at), flags: [], lists }
    const [warning] = changeWarnings({ before: flag('new', [users(ids)]), after: flag('new', [users('x')]), content })
    expect(warning?.message).toBe(
      'in "production" the flag is no longer on for the ids u0, u1, u2, u3, u4, u5, u6, u7, u8, u9 and 3 more, unless a percentage lets them in',
    )
  })

  it('is warned of a large answer', () => {
    const after = flag('new', [users('x'.repeat(600_000))])
    const content = { project: newProject({ path: 'shop', name: 'shop' }, 1, at), flags: [after], lists }
    expect(changeWarnings({ before: null, after, content })).toEqual([
      { code: 'large_answer', message: expect.stringContaining('about 600 kB') },
    ])
  })

  it('of a list names the flags that use it, and the ids that lose them', () => {
    const [list] = lists
    if (list === undefined) throw new TypeError('there is no list')
    const project = newProject({ path: 'shop', name: 'shop' }, 1, at)
    const using = { project, flags: [flag('new', [strategy('gitlabUserList', {})])], lists }
    expect(listWarnings(list, { ...list, userXids: '2,3' }, using)).toEqual([
      { code: 'users_lost', message: '"new" is no longer on by this list for the ids 1' },
    ])
    expect(listWarnings(list, { ...list, userXids: '1,2,3' }, using)).toEqual([])
    expect(listWarnings(list, { ...list, userXids: '' }, { ...using, flags: [] })).toEqual([])
  })
})
