// GitLab's rules for flags and user lists over REST, each with its status and its sentence.
import { describe, expect, it } from 'vitest'
import { type Method, useProjects } from '../project-app.js'

const startProject = useProjects()

const strategy = (name: string, parameters: unknown, rest: object = {}) => ({
  name: 'flag',
  strategies: [{ name, parameters, ...rest }],
})
const everyone = (environment_scope: unknown) => strategy('default', {}, { scopes: [{ environment_scope }] })
const gradual = (percentage: unknown, groupId: unknown = 'default') =>
  strategy('gradualRolloutUserId', { groupId, percentage })
const flexible = (given: object) =>
  strategy('flexibleRollout', { groupId: 'default', rollout: '10', stickiness: 'default', ...given })
const users = (userIds: unknown) => strategy('userWithId', { userIds })
const list = (name: unknown, user_xids: unknown) => ({ name, user_xids })

const format =
  "Name can contain only lowercase letters, digits, '_' and '-'. Must start with a letter, and cannot end with '-' or '_'"
const invalid = 'Strategies parameters parameters are invalid'
const percent = 'Strategies parameters percentage must be a string between 0 and 100 inclusive'
const rollout = 'Strategies parameters rollout must be a string between 0 and 100 inclusive'
const group = 'Strategies parameters groupId parameter is invalid'
const stickiness = 'Strategies parameters stickiness parameter must be default, userId, sessionId, or random'
const ids = 'must be a string of unique comma separated values each 256 characters or less'
const userIds = `Strategies parameters userIds ${ids}`
const xids = `User xids user_xids ${ids}`
const scope =
  "Strategies scopes environment scope can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', '*' and spaces"

/** `null`: it is stored. An array: GitLab's sentences. A text: a parameter of a wrong shape. */
const flags: readonly [string, unknown, readonly string[] | string | null][] = [
  ['no name', {}, 'name is missing'],
  ['an empty name', { name: '' }, ["Name can't be blank", 'Name is too short (minimum is 2 characters)', format]],
  ['1 letter', { name: 'a' }, ['Name is too short (minimum is 2 characters)']],
  ['2 letters', { name: 'ab' }, null],
  ['63 letters', { name: 'a'.repeat(63) }, null],
  ['64 letters', { name: 'a'.repeat(64) }, ['Name is too long (maximum is 63 characters)']],
  ['all signs of a name', { name: 'a-b_c9' }, null],
  ['a capital', { name: 'aB' }, [format]],
  ['a digit in front', { name: '1a' }, [format]],
  ['a dash at the end', { name: 'ab-' }, [format]],
  ['a line end', { name: 'ab\n' }, [format]],
  ['a name that is taken', { name: 'taken' }, ['Name has already been taken']],
  ['a number as name', { name: 12 }, [format]],
  ['an object as name', { name: {} }, 'name is invalid'],
  ['a NUL in the name', { name: 'a\u0000b' }, 'name is invalid'],
  ['a description of 255', { name: 'flag', description: 'x'.repeat(255) }, null],
  [
    'one of 256',
    { name: 'flag', description: 'x'.repeat(256) },
    ['Description is too long (maximum is 255 characters)'],
  ],
  ['half a sign in the description', { name: 'flag', description: '\ud800' }, 'description is invalid'],
  ['active as text', { name: 'flag', active: 'true' }, null],
  ['active as anything', { name: 'flag', active: 'on' }, 'active is invalid'],
  ['the version', { name: 'flag', version: 'new_version_flag' }, null],
  ['all users', everyone('*'), null],
  ['all users with a parameter', strategy('default', { a: 'b' }), [invalid]],
  ['no parameters', strategy('default', undefined), null],
  ['an unknown strategy', strategy('remoteAddress', {}), ['Strategies name strategy name is invalid']],
  ['a strategy called as every object', strategy('constructor', {}), ['Strategies name strategy name is invalid']],
  ['a strategy without a name', { name: 'flag', strategies: [{ parameters: {} }] }, 'strategies[name] is missing'],
  ['strategies that are an object', { name: 'flag', strategies: {} }, 'strategies is invalid'],
  ['a strategy that is a text', { name: 'flag', strategies: ['a'] }, 'strategies is invalid'],
  ['parameters as JSON', strategy('userWithId', '{"userIds":"1"}'), null],
  ['parameters as no JSON', strategy('userWithId', '{"userIds"'), 'strategies[parameters] is invalid'],
  ['parameters as a list in JSON', strategy('userWithId', '[]'), [invalid]],
  ['a parameter too many', strategy('userWithId', { userIds: '1', a: 'b' }), [invalid]],
  ['a parameter too few', flexible({ groupId: undefined }), [invalid]],
  ['percent 0', gradual('0'), null],
  ['percent 100', gradual('100'), null],
  ...['101', '10.5', ' 7', '7 ', '+7', '-1', '', '1e1', '٣'].map(
    (text) => [`percent "${text}"`, gradual(text), [percent]] as [string, unknown, string[]],
  ),
  ['percent as a number', gradual(10), [percent]],
  ['percent null', gradual(null), [percent]],
  ['percent as an object', gradual({ a: 1 }), [percent]],
  ['percent as a list', gradual(['10']), [percent]],
  ['rollout 101', flexible({ rollout: '101' }), [rollout]],
  ['rollout as a number', flexible({ rollout: 10 }), [rollout]],
  ['rollout and stickiness', flexible({ rollout: null, stickiness: null }), [rollout, stickiness]],
  ['a group of 32 letters', gradual('1', 'a'.repeat(32)), null],
  ...['', 'a'.repeat(33), 'a1', 'a_b', 'a-b', 'a.b', 'A', 'a"'].map(
    (text) => [`the group "${text}"`, gradual('1', text), [group]] as [string, unknown, string[]],
  ),
  ['a group as a number', gradual('1', 1), [group]],
  ...['default', 'userId', 'sessionId', 'random'].map(
    (text) => [`stickiness ${text}`, flexible({ stickiness: text }), null] as [string, unknown, null],
  ),
  ['another stickiness', flexible({ stickiness: 'USERID' }), [stickiness]],
  ['user ids', users('1,a b,ä@b.c'), null],
  ['no user ids', users(''), null],
  ['a comma at the end', users('1,'), null],
  ['a comma alone', users(','), null],
  ['256 signs', users('x'.repeat(256)), null],
  ...['1\n2', '1\t2', '1,,2', '1,1', '1, 2', '1 ,2', ' 1', ',1', 'x'.repeat(257)].map(
    (text) => [`user ids "${text.slice(0, 9)}"`, users(text), [userIds]] as [string, unknown, string[]],
  ),
  ['user ids as a list', users(['1']), [userIds]],
  ['user ids as a number', users(1), [userIds]],
  [
    '10,001 user ids',
    users(Array.from({ length: 10_001 }, (_, index) => index).join(',')),
    ['Strategies parameters userIds must have 10000 ids or less'],
  ],
  ['no list where one must be', strategy('gitlabUserList', {}), ["Strategies user list can't be blank"]],
  [
    'a list where none may be',
    strategy('default', {}, { user_list_id: 'OWN' }),
    ['Strategies user list must be blank'],
  ],
  ['the own list', strategy('gitlabUserList', {}, { user_list_id: 'OWN' }), null],
  [
    "another project's list",
    strategy('gitlabUserList', {}, { user_list_id: 'FOREIGN' }),
    ['Strategies user list must belong to the same project'],
  ],
  ['a list as text', strategy('gitlabUserList', {}, { user_list_id: 'x' }), 'strategies[user_list_id] is invalid'],
  ['no scopes', strategy('default', {}, { scopes: [] }), null],
  ['all signs of a scope', everyone('aZ9 -_/${' + '}.*'), null],
  ['a scope with blanks around', everyone(' production '), null],
  ['a scope of 255', everyone('a'.repeat(255)), null],
  [
    'a scope of 256',
    everyone('a'.repeat(256)),
    ['Strategies scopes environment scope is too long (maximum is 255 characters)'],
  ],
  ['100 stars', everyone('*'.repeat(100)), null],
  ['the scope prod%', everyone('prod%'), [scope]],
  ['an empty scope', everyone(''), ["Strategies scopes environment scope can't be blank"]],
  [
    'no scope in a scope',
    strategy('default', {}, { scopes: [{}] }),
    ["Strategies scopes environment scope can't be blank"],
  ],
  ['a scope as an object', everyone({}), 'strategies[scopes][environment_scope] is invalid'],
  ['scopes as a text', strategy('default', {}, { scopes: 'production' }), 'strategies[scopes] is invalid'],
  [
    'one scope twice',
    strategy('default', {}, { scopes: [{ environment_scope: 'a' }, { environment_scope: 'a ' }] }),
    ['Strategies scopes environment scope has already been taken'],
  ],
]

const lists: readonly [string, unknown, readonly string[] | string | null][] = [
  ['nothing', {}, 'name is missing, user_xids is missing'],
  ['no ids', { name: 'a' }, 'user_xids is missing'],
  ['empty ids', list('a', ''), null],
  ['a name of 255', list('n'.repeat(255), '1'), null],
  ['a name of 255 emojis', list('😀'.repeat(255), '1'), null],
  ['a name of 256', list('n'.repeat(256), '1'), ['Name is too long (maximum is 255 characters)']],
  ['an empty name', list(' ', '1'), ["Name can't be blank"]],
  ['a name that is taken', list('taken', '1'), ['Name has already been taken']],
  ['a blank', list('a', '1, 2'), [xids]],
  ['an id twice', list('a', '1,1'), [xids]],
  ['a line', list('a', '1\n2'), [xids]],
  ['a long id', list('a', 'x'.repeat(257)), [xids]],
  ['an object', list('a', {}), 'user_xids is invalid'],
]

describe('a flag over REST', () => {
  it('is made or refused as GitLab does it', async () => {
    const { ask, project } = await startProject()
    const { id: own } = (await ask('POST', `${project}/feature_flags_user_lists`, list('own', '1'))).body
    const other = (await ask('POST', '/projects', { path: `other-${own}` })).body.id
    const foreign = (await ask('POST', `/projects/${other}/feature_flags_user_lists`, list('theirs', '1'))).body.id
    await ask('POST', `${project}/feature_flags`, { name: 'taken' })
    for (const [what, given, expected] of flags) {
      const payload = JSON.parse(JSON.stringify(given).replace('"OWN"', own).replace('"FOREIGN"', foreign))
      const { status, body } = await ask('POST', `${project}/feature_flags`, payload)
      expect([status, body], what).toMatchObject(
        expected === null
          ? [201, { name: payload.name, version: 'new_version_flag' }]
          : [400, refusal(expected, 'error')],
      )
      if (expected === null) await ask('DELETE', `${project}/feature_flags/${payload.name}`)
    }
    expect((await ask('GET', `${project}/feature_flags`)).body).toHaveLength(1)
  })

  it('is refused in another version before its rules are looked at', async () => {
    const { ask, project } = await startProject()
    const answer = await ask('POST', `${project}/feature_flags`, { name: 'A', version: 'legacy_flag' })
    expect(answer).toMatchObject({ status: 400, body: { message: 'Version is invalid' } })
  })

  it('of which there are 200 gets no neighbour', async () => {
    const { app, ask, project, id } = await startProject()
    const projects = await app.instance.projects()
    for (let count = 0; count < 200; count++) {
      await projects.createFlag(id, { name: `flag_${count}` }, { author: 'test', source: 'code' })
    }
    const one = await ask('POST', `${project}/feature_flags`, { name: 'one_more' })
    expect(one.status).toBe(400)
    expect(one.body.message).toEqual(['Maximum number of project feature flags (200) exceeded'])
  })

  it('is changed by the ids of its strategies and scopes, and by no others', async () => {
    const { ask, project } = await startProject()
    const flag = `${project}/feature_flags/flag`
    const { body: made } = await ask('POST', `${project}/feature_flags`, {
      name: 'flag',
      strategies: [
        {
          name: 'userWithId',
          parameters: { userIds: '1' },
          scopes: [{ environment_scope: 'a' }, { environment_scope: 'b' }],
        },
        { name: 'default', parameters: {}, scopes: [{ environment_scope: '*' }] },
      ],
    })
    const other = (await ask('POST', `${project}/feature_flags`, { ...everyone('*'), name: 'other' })).body
      .strategies[0]
    const [users, all] = made.strategies
    const put = (strategies: object[]) => ask('PUT', flag, { strategies })
    expect((await ask('PUT', flag, {})).body).toEqual(made)
    const merged = await put([
      { id: String(users.id), scopes: [{ id: users.scopes[0].id, _destroy: '1' }, { environment_scope: 'c' }] },
      { id: all.id, _destroy: true },
      { _destroy: true, name: 'default' },
    ])
    expect(merged.body.strategies).toMatchObject([
      { id: users.id, name: 'userWithId', scopes: [{ environment_scope: 'b' }, { environment_scope: 'c' }] },
    ])
    for (const strategies of [
      [{ id: other.id, parameters: {} }],
      [{ id: 999_999, _destroy: true }],
      [{ id: users.id, scopes: [{ id: other.scopes[0].id, _destroy: true }] }],
      [{ id: users.id, scopes: [{ id: users.scopes[0].id, environment_scope: 'd' }] }],
    ]) {
      expect(await put(strategies)).toMatchObject({ status: 404, body: { message: '404 Not found' } })
    }
    expect(await ask('GET', flag)).toMatchObject({ body: { strategies: merged.body.strategies } })
  })

  it('names lists of its own project only: otherwise 404, but 400 for a new flag and the list of another project', async () => {
    const { ask, project } = await startProject()
    const own = (await ask('POST', `${project}/feature_flags_user_lists`, list('own', '1'))).body.id
    const other = (await ask('POST', '/projects', { path: `other-${own}` })).body.id
    const foreign = (await ask('POST', `/projects/${other}/feature_flags_user_lists`, list('theirs', '1'))).body.id
    const listed = (user_list_id: number) => strategy('gitlabUserList', {}, { user_list_id })
    const { body } = await ask('POST', `${project}/feature_flags`, listed(own))
    for (const missing of [foreign, 999_999]) {
      const change = { strategies: [{ id: body.strategies[0].id, user_list_id: missing }] }
      expect(await ask('PUT', `${project}/feature_flags/flag`, change)).toMatchObject({
        status: 404,
        body: { message: 'Not Found' },
      })
    }
    expect((await ask('POST', `${project}/feature_flags`, { ...listed(999_999), name: 'other' })).status).toBe(404)
    const leaving = { strategies: [{ id: body.strategies[0].id, name: 'default', parameters: {} }] }
    expect((await ask('PUT', `${project}/feature_flags/flag`, leaving)).body.strategies[0].user_list).toBe(null)
    expect((await ask('DELETE', `${project}/feature_flags_user_lists/1`)).status).toBe(204)
  })
})

describe('a user list over REST', () => {
  it('is made or refused as GitLab does it, which calls its errors by another key', async () => {
    const { ask, project } = await startProject()
    await ask('POST', `${project}/feature_flags_user_lists`, list('taken', '1'))
    for (const [what, payload, expected] of lists) {
      const { status, body } = await ask('POST', `${project}/feature_flags_user_lists`, Object(payload))
      expect([status, body], what).toMatchObject(expected === null ? [201, {}] : [400, refusal(expected, 'message')])
      if (expected === null) await ask('DELETE', `${project}/feature_flags_user_lists/${body.iid}`)
    }
    const wrong: readonly [Method, string, object | undefined, number, object][] = [
      ['GET', '/none', undefined, 404, { message: '404 Not found' }],
      ['GET', '/99', undefined, 404, { message: '404 Not found' }],
      ['PUT', '/99', {}, 404, { message: '404 Not found' }],
      ['PUT', '/1', { name: '' }, 400, { message: ["Name can't be blank"] }],
      ['DELETE', '/99', undefined, 404, { message: '404 Not found' }],
    ]
    for (const [method, path, payload, status, body] of wrong) {
      const answer = await ask(method, `${project}/feature_flags_user_lists${path}`, payload)
      expect(answer, `${method} ${path}`).toMatchObject({ status, body })
    }
  })
})

function refusal(expected: readonly string[] | string, shapeKey: string): object {
  if (typeof expected === 'string') return { [shapeKey]: expected, code: 'invalid_request' }
  return { message: expected, code: 'invalid_project_flag' }
}
