// GitLab's rules for a flag and its strategies, with its sentences.
import { describe, expect, it } from 'vitest'
import { changedFlag, type FlagInput, newFlag } from '../../../lib/project-flags/changes/flag-changes.js'
import type { UserList } from '../../../lib/project-flags/project-flag.js'
import { InvalidProjectFlag } from '../../../lib/project-flags/refusal.js'

const list: UserList = {
  id: 5,
  iid: 1,
  name: 'beta',
  userXids: '1,2',
  revision: 1,
  createdAt: new Date(0),
  updatedAt: new Date(0),
}

function around() {
  let last = 100
  return { lists: new Map([[5, list]]), isTaken: (name: string) => name === 'taken', nextId: () => ++last }
}

function sentences(input: FlagInput): readonly string[] {
  try {
    newFlag(input, around())
    return []
  } catch (error) {
    if (error instanceof InvalidProjectFlag) return error.sentences
    throw error
  }
}

const format =
  "Name can contain only lowercase letters, digits, '_' and '-'. Must start with a letter, and cannot end with '-' or '_'"
const strategy = (name: string, parameters: unknown, rest: object = {}): FlagInput => ({
  name: 'flag',
  strategies: [{ name, parameters, ...rest }],
})
const percent = 'Strategies parameters percentage must be a string between 0 and 100 inclusive'
const rollout = 'Strategies parameters rollout must be a string between 0 and 100 inclusive'
const invalid = 'Strategies parameters parameters are invalid'
const ids =
  'Strategies parameters userIds must be a string of unique comma separated values each 256 characters or less'
const gradual = (percentage: unknown, groupId: unknown = 'default') =>
  strategy('gradualRolloutUserId', { groupId, percentage })
const flexible = (given: object) =>
  strategy('flexibleRollout', { groupId: 'default', rollout: '10', stickiness: 'default', ...given })
const users = (userIds: unknown) => strategy('userWithId', { userIds })

describe('a new flag', () => {
  it.each<[string, FlagInput, readonly string[]]>([
    ['a good name', { name: 'new-layout_2' }, []],
    ['two letters', { name: 'ab' }, []],
    ['one letter', { name: 'a' }, ['Name is too short (minimum is 2 characters)']],
    ['64 letters', { name: 'a'.repeat(64) }, ['Name is too long (maximum is 63 characters)']],
    ['a capital', { name: 'Ab' }, [format]],
    ['a digit in front', { name: '2fa' }, [format]],
    ['a line at the end', { name: 'ab\n' }, [format]],
    ['a dash at the end', { name: 'ab-' }, [format]],
    ['a name that is taken', { name: 'taken' }, ['Name has already been taken']],
    [
      'a long description',
      { name: 'ab', description: 'x'.repeat(256) },
      ['Description is too long (maximum is 255 characters)'],
    ],
    ['an unknown strategy', strategy('canary', {}), ['Strategies name strategy name is invalid']],
    ['all users', strategy('default', {}), []],
    ['all users with a parameter', strategy('default', { a: '1' }), [invalid]],
    ['parameters that are a list', strategy('default', []), [invalid]],
    ['parameters that are null', strategy('default', null), [invalid]],
    ['a percentage', gradual('0'), []],
    ['100', gradual('100'), []],
    ['101', gradual('101'), [percent]],
    ['10.5', gradual('10.5'), [percent]],
    ['a blank and 7', gradual(' 7'), [percent]],
    ['+7', gradual('+7'), [percent]],
    ['a number', gradual(10), [percent]],
    ['null', gradual(null), [percent]],
    ['an object', gradual({}), [percent]],
    ['a group with a digit', gradual('1', 'group1'), ['Strategies parameters groupId parameter is invalid']],
    ['a group of 33 letters', gradual('1', 'a'.repeat(33)), ['Strategies parameters groupId parameter is invalid']],
    ['a parameter too few', strategy('gradualRolloutUserId', { percentage: '1' }), [invalid]],
    ['a rollout', flexible({}), []],
    ['a rollout of 150', flexible({ rollout: '150' }), [rollout]],
    [
      'another stickiness',
      flexible({ stickiness: 'USERID' }),
      ['Strategies parameters stickiness parameter must be default, userId, sessionId, or random'],
    ],
    ['ids', users('1,a@b.c'), []],
    ['no ids', users(''), []],
    ['a comma at the end', users('1,2,'), []],
    ['a blank around an id', users('1, 2'), [ids]],
    ['an id twice', users('1,1'), [ids]],
    ['an empty id', users('1,,2'), [ids]],
    ['a line inside', users('1\n2'), [ids]],
    ['a long id', users('x'.repeat(257)), [ids]],
    ['ids that are a list', users(['1']), [ids]],
    ['a list of the project', strategy('gitlabUserList', {}, { userListId: 5 }), []],
    ['no list', strategy('gitlabUserList', {}), ["Strategies user list can't be blank"]],
    [
      'the list of another project',
      strategy('gitlabUserList', {}, { userListId: 6 }),
      ['Strategies user list must belong to the same project'],
    ],
    ['a list where none belongs', strategy('default', {}, { userListId: 5 }), ['Strategies user list must be blank']],
    [
      'a bad scope',
      strategy('default', {}, { scopes: [{ environmentScope: 'prod%' }] }),
      [
        "Strategies scopes environment scope can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', '*' and spaces",
      ],
    ],
  ])('with %s', (_, input, expected) => {
    expect(sentences(input)).toEqual(expected)
  })

  it('says each sentence once, for as many strategies as break the rule', () => {
    const bad = { name: 'canary', parameters: {} }
    expect(sentences({ name: 'ab', strategies: [bad, bad] })).toEqual(['Strategies name strategy name is invalid'])
  })

  it('trims its scopes', () => {
    const flag = newFlag(strategy('default', {}, { scopes: [{ environmentScope: ' production ' }] }), around())
    expect(flag.strategies[0]?.scopes[0]?.environmentScope).toBe('production')
  })
})

describe('a change of a flag', () => {
  it('that leaves the strategy of a list lets the list go', () => {
    const before = newFlag(strategy('gitlabUserList', {}, { userListId: 5 }), around())
    const id = before.strategies[0]?.id
    const after = changedFlag(before, { strategies: [{ id, name: 'default', parameters: {} }] }, around())
    expect(after.strategies).toMatchObject([{ id, name: 'default', userListId: null }])
  })

  it('keeps what it does not name', () => {
    const before = newFlag({ ...strategy('default', {}), description: 'd', active: false }, around())
    expect(changedFlag(before, {}, around())).toEqual(before)
    expect(changedFlag(before, { description: null }, around())).toEqual({ ...before, description: null })
  })
})
