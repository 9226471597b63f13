// Whatever is sent to the routes of projects: 4xx with GitLab's body and a code, nothing is written, and nothing leaks.
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { StoreUnavailable } from '../../../lib/errors.js'
import { type Asking, type Method, useProjects } from '../project-app.js'
import { canaryAnswers, canaryIsRight } from '../support.js'

const startProject = useProjects()

const form = 'application/x-www-form-urlencoded'
const json = 'application/json'

/** Method, path below the project, what is sent, and the status. */
const requests: readonly [string, Method, string, Asking, number][] = [
  ['no JSON', 'POST', '/feature_flags', { payload: '{', headers: { 'content-type': json } }, 400],
  ['a text as JSON', 'POST', '/feature_flags', { payload: '"a"', headers: { 'content-type': json } }, 400],
  ['a list as JSON', 'POST', '/feature_flags', { payload: '[]', headers: { 'content-type': json } }, 400],
  ['null as JSON', 'POST', '/feature_flags', { payload: 'null', headers: { 'content-type': json } }, 400],
  ['__proto__', 'POST', '/feature_flags', { payload: '{"__proto__":{"a":1}}', headers: { 'content-type': json } }, 400],
  [
    '__proto__ in a form',
    'POST',
    '/feature_flags',
    { payload: '__proto__[polluted]=1', headers: { 'content-type': form } },
    400,
  ],
  [
    'a form that contradicts itself',
    'POST',
    '/feature_flags',
    { payload: 'name=ab&strategies=1&strategies[]=2', headers: { 'content-type': form } },
    400,
  ],
  [
    '10,000 fields',
    'POST',
    '/feature_flags',
    { payload: 'a=1&'.repeat(10_000), headers: { 'content-type': form } },
    400,
  ],
  [
    'bytes that are no UTF-8',
    'POST',
    '/feature_flags',
    { payload: 'name=%ff', headers: { 'content-type': form } },
    400,
  ],
  ['a text', 'POST', '/feature_flags', { payload: 'name=ab', headers: { 'content-type': 'text/plain' } }, 415],
  [
    'a compressed body',
    'POST',
    '/feature_flags',
    { payload: '{}', headers: { 'content-type': json, 'content-encoding': 'gzip' } },
    415,
  ],
  [
    '10 MB of ids',
    'POST',
    '/feature_flags_user_lists',
    { payload: { name: 'big', user_xids: 'x,'.repeat(5_000_000) } },
    413,
  ],
  ['a query with brackets', 'GET', '/feature_flags?scope[]=a&scope[__proto__]=b', {}, 200],
  ['10,000 parameters', 'GET', `/feature_flags?${'a=1&'.repeat(3_000)}`, {}, 200],
  ['a scope that is none', 'GET', '/feature_flags?scope=all', {}, 400],
  ['a scope twice', 'GET', '/feature_flags?scope=enabled&scope=disabled', {}, 400],
  ['a page that is none', 'GET', '/feature_flags?page=0', {}, 400],
  ['half a page', 'GET', '/feature_flags?page=1.5', {}, 400],
  ['a page far away', 'GET', '/history?page=999999999&per_page=100', {}, 200],
  ['a search that is a list', 'GET', '/feature_flags?search=a&search=b', {}, 400],
  ['a flag called as every object', 'GET', '/feature_flags/constructor', {}, 404],
  ['a flag with a slash', 'GET', '/feature_flags/a%2Fb', {}, 404],
  ['a flag with a NUL', 'GET', '/feature_flags/a%00b', {}, 404],
  ['the history of a flag with a NUL', 'GET', '/feature_flags/a%00b/history', {}, 200],
  ['a name of 16,000 letters', 'GET', `/feature_flags/${'a'.repeat(16_000)}`, {}, 404],
  ['a list far away', 'GET', '/feature_flags_user_lists/99999999999999999999', {}, 404],
  ['a reason with a NUL', 'POST', '/feature_flags', { payload: { name: 'ab', reason: 'a\u0000' } }, 400],
  ['a reason that is an object', 'POST', '/feature_flags', { payload: { name: 'ab', reason: {} } }, 400],
  ['a force that is none', 'DELETE', '?force=please', {}, 400],
  ['an instance ID without a name', 'POST', '/instance_ids', { payload: {} }, 400],
  ['an instance ID with an empty name', 'POST', '/instance_ids', { payload: { name: ' ' } }, 400],
  [
    'an instance ID of a long environment',
    'POST',
    '/instance_ids',
    { payload: { name: 'a', environment: 'x'.repeat(256) } },
    400,
  ],
  ['an instance ID that is none', 'DELETE', '/instance_ids/x', {}, 404],
  ['a path with dots', 'PUT', '', { payload: { path: '../x' } }, 400],
  ['a path of digits', 'PUT', '', { payload: { path: '12' } }, 400],
  ['an empty path', 'PUT', '', { payload: { path: '' } }, 400],
  ['an empty name', 'PUT', '', { payload: { name: ' ' } }, 400],
  ['an access that is none', 'PUT', '', { payload: { feature_flags_access_level: 'private' } }, 400],
  ['a role that is none', 'PUT', '/feature_flags_settings?minimum_role=guest', {}, 400],
  ['no role', 'PUT', '/feature_flags_settings', { payload: {} }, 400],
  ['streaming that is a text', 'PUT', '', { payload: { feature_flags_streaming: 'maybe' } }, 400],
]

const tokens: readonly [string, Readonly<Record<string, string>>][] = [
  ['none', {}],
  ['an empty one', { 'private-token': '' }],
  ['Bearer alone', { authorization: 'Bearer' }],
  ['another scheme', { authorization: 'Basic YTpi' }],
  ['the right prefix with a wrong secret', { 'private-token': `slc-0123456789abcdef-${'A'.repeat(43)}` }],
  ['a long one', { 'private-token': 'x'.repeat(10_000) }],
  ['two that differ', { 'private-token': 'a', authorization: 'Bearer b' }],
]

describe('bad input to the routes of projects', () => {
  it('is refused with a body and a code, and changes nothing', async () => {
    const { app, ask, send, project } = await startProject()
    const before = await ask('GET', project)
    for (const [what, method, path, asking, status] of requests) {
      const answer = await send(method, `${project}${path}`, asking)
      expect(answer.status, what).toBe(status)
      if (status >= 400) expect(answer.body, what).toMatchObject({ code: expect.any(String) })
    }
    expect((await ask('GET', project)).body).toEqual(before.body)
    expect(canaryAnswers(app)).toEqual(canaryIsRight)
  })

  it('in the place of a token is 401 with the body of GitLab', async () => {
    const { app, project } = await startProject()
    for (const [what, headers] of tokens) {
      const answer = await app.app.inject({ url: `/api/v4${project}`, headers })
      expect([answer.statusCode, answer.json()], what).toEqual([
        401,
        { message: '401 Unauthorized', code: 'unauthorized' },
      ])
      expect(answer.headers['www-authenticate'], what).toMatch(/^Bearer/)
    }
  })

  it('in the place of a project is 404', async () => {
    const { app, ask } = await startProject()
    const ids = [
      '..%2Fx',
      'group%2F..%2Fshop',
      '0',
      '-1',
      '1e3',
      '99999999999999999',
      'a%00b',
      'group%2Fshop%2F',
      '%3F',
    ]
    for (const id of ids) {
      const answer = await ask('GET', `/projects/${id}/feature_flags`)
      expect(answer, id).toMatchObject({ status: 404, body: { message: '404 Project Not Found', code: 'not_found' } })
    }
    expect(canaryAnswers(app)).toEqual(canaryIsRight)
  })

  it('with slashes too many is taken, and a method that is not there is 404', async () => {
    const { app, ask, project } = await startProject()
    expect((await ask('GET', `/${project}//feature_flags/`)).status).toBe(200)
    const headers = { 'private-token': app.admin }
    const answer = await app.app.inject({ method: 'PATCH', url: `/api/v4${project}`, headers })
    expect(answer.statusCode).toBe(404)
  })
})

describe('forms to the routes of projects', () => {
  it('are read as Rack reads them', async () => {
    const { send, project } = await startProject()
    const headers = { 'content-type': form }
    const payload = [
      'name=formed',
      'active=false',
      'strategies[][name]=userWithId',
      'strategies[][parameters]={"userIds":"1,2"}',
      'strategies[][scopes][][environment_scope]=production',
      'strategies[][scopes][][environment_scope]=staging',
      'strategies[][name]=default',
      'strategies[][parameters]={}',
      'strategies[][scopes][][environment_scope]=*',
    ].join('&')
    const made = await send('POST', `${project}/feature_flags`, { headers, payload })
    expect(made).toMatchObject({
      status: 201,
      body: {
        name: 'formed',
        active: false,
        strategies: [
          {
            name: 'userWithId',
            parameters: { userIds: '1,2' },
            scopes: [{ environment_scope: 'production' }, { environment_scope: 'staging' }],
          },
          { name: 'default', parameters: {}, scopes: [{ environment_scope: '*' }] },
        ],
      },
    })
    const [users] = made.body.strategies
    const change = `strategies[][id]=${users.id}&strategies[][scopes][][id]=${users.scopes[0].id}&strategies[][scopes][][_destroy]=true&reason=less`
    const changed = await send('PUT', `${project}/feature_flags/formed`, { headers, payload: change })
    expect(changed.body.strategies[0].scopes).toMatchObject([{ environment_scope: 'staging' }])
    const query = `name=asked&${payload.slice(payload.indexOf('strategies'))}`.replaceAll('[', '%5B')
    const asked = await send('POST', `${project}/feature_flags?${query}`, {})
    expect(asked).toMatchObject({ status: 201, body: { name: 'asked', strategies: [{}, { name: 'default' }] } })
    const list = await send('POST', `${project}/feature_flags_user_lists`, {
      headers,
      payload: 'name=beta&user_xids=1,2',
    })
    expect(list).toMatchObject({ status: 201, body: { user_xids: '1,2' } })
  })
})

describe('the routes of projects without their tables or their database', () => {
  it.each(['not_migrated', 'store_unavailable'] as const)(
    'answer 503 with the code %s, and internal flags go on',
    async (code) => {
      const { app, send, project } = await startProject()
      const fault = new StoreUnavailable(code, { problem: 'the tables are not there', remedy: 'make them' })
      const projects = vi.spyOn(app.instance, 'projects').mockRejectedValue(fault)
      onTestFinished(() => projects.mockRestore())
      const before = app.log.length
      for (const [method, path, payload] of [
        ['GET', '/projects', undefined],
        ['POST', '/projects', { path: 'other' }],
        ['GET', project, undefined],
        ['POST', `${project}/feature_flags`, { name: 'ab' }],
        ['GET', `${project}/feature_flags_user_lists`, undefined],
        ['POST', `${project}/instance_ids`, { name: 'ab' }],
      ] as const) {
        const answer = await send(method, path, payload === undefined ? {} : { payload })
        expect([answer.status, answer.body], `${method} ${path}`).toMatchObject([503, { code }])
      }
      // What to do about missing tables was said once, when the server looked for them.
      const said = app.log.slice(before).filter(({ level }) => level === 'warn')
      expect(said).toHaveLength(code === 'not_migrated' ? 0 : 6)
      expect(canaryAnswers(app)).toEqual(canaryIsRight)
    },
  )
})

describe('the logs of the routes of projects', () => {
  it('hold no instance ID', async () => {
    const { app, ask, project } = await startProject()
    const { instance_id: secret } = (await ask('POST', `${project}/instance_ids`, { name: 'sdk' })).body
    await ask('GET', `${project}/feature_flags?search=${secret}`)
    expect(secret).toMatch(/^glffct-/)
    expect(JSON.stringify(await ask('GET', `${project}/history`))).not.toContain(secret)
    expect(JSON.stringify(app.log)).not.toContain(secret)
  })
})
