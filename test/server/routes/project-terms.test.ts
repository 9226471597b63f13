// The terms of a change over REST: tried only, bound to a revision, with a reason.
import { describe, expect, it } from 'vitest'
import { type Method, useProjects } from '../project-app.js'

const startProject = useProjects()

const users = (userIds: string) => [
  { name: 'userWithId', parameters: { userIds }, scopes: [{ environment_scope: 'production' }] },
]

describe('a change that is only tried', () => {
  it('answers as the change would, with warnings, and writes nothing', async () => {
    const { ask, project } = await startProject()
    const made = await ask('POST', `${project}/feature_flags`, { name: 'there', strategies: users('1,2') })
    await ask('POST', `${project}/feature_flags_user_lists`, { name: 'beta', user_xids: '1' })
    const before = await ask('GET', `${project}/history`)
    const tried: readonly [Method, string, object | undefined, number, object][] = [
      [
        'POST',
        '/feature_flags',
        { name: 'new' },
        201,
        { name: 'new', strategies: [], warnings: [{ code: 'no_strategies' }] },
      ],
      [
        'POST',
        '/feature_flags',
        { name: 'new', strategies: users('1') },
        201,
        { strategies: [{ id: null, scopes: [{ id: null }] }] },
      ],
      [
        'PUT',
        '/feature_flags/there',
        { strategies: [{ id: made.body.strategies[0].id, parameters: { userIds: '1' } }] },
        200,
        { warnings: [{ code: 'users_lost', message: expect.stringContaining('the ids 2') }] },
      ],
      ['DELETE', '/feature_flags/there', undefined, 200, { name: 'there', warnings: [{ code: 'removed' }] }],
      [
        'POST',
        '/feature_flags_user_lists',
        { name: 'new', user_xids: '' },
        201,
        { id: null, iid: null, name: 'new', path: null, edit_path: null },
      ],
      ['PUT', '/feature_flags_user_lists/1', { user_xids: '2' }, 200, { iid: 1, user_xids: '2' }],
      ['DELETE', '/feature_flags_user_lists/1', undefined, 200, { warnings: [] }],
      ['PUT', '/feature_flags_settings', { minimum_role: 'owner' }, 200, { minimum_role: 'owner' }],
      ['PUT', '', { feature_flags_streaming: true }, 200, { feature_flags_streaming: true }],
      ['POST', '/instance_ids', { name: 'second' }, 201, { id: null, name: 'second', instance_id: null }],
      ['DELETE', '', undefined, 202, { message: '202 Accepted' }],
    ]
    for (const [method, path, payload, status, body] of tried) {
      const answer = await ask(method, `${project}${path}?dry_run=true`, payload)
      expect(answer, `${method} ${path}`).toMatchObject({ status, body: { ...body, dry_run: true } })
    }
    const inBody = await ask('POST', '/projects', { path: 'tried', dry_run: true })
    expect(inBody).toMatchObject({ status: 201, body: { id: null, path: 'tried', dry_run: true } })
    expect((await ask('GET', '/projects?search=tried')).body).toEqual([])
    expect((await ask('GET', `${project}/history`)).body).toEqual(before.body)
  })

  it('is refused as the change would be, and where it is not clear that nothing shall be written', async () => {
    const { ask, project } = await startProject()
    const refused = await ask('POST', `${project}/feature_flags?dry_run=1`, { name: 'A' })
    expect(refused).toMatchObject({
      status: 400,
      body: { message: [expect.stringMatching('short'), expect.anything()] },
    })
    const unclear = await ask('POST', `${project}/feature_flags?dry_run=yes`, { name: 'ab' })
    expect(unclear).toMatchObject({ status: 400, body: { error: 'dry_run is invalid' } })
    expect((await ask('GET', `${project}/feature_flags`)).body).toEqual([])
  })
})

describe('a change with If-Match', () => {
  it('is made while the flag is as it was read; otherwise the answer tells who changed it', async () => {
    const { ask, send, tokenWith, id, project } = await startProject()
    const flag = `${project}/feature_flags/there`
    const made = await ask('POST', `${project}/feature_flags`, { name: 'there' })
    const read = await ask('GET', flag)
    expect(read.headers.etag).toBe(made.headers.etag)
    const etag = String(read.headers.etag)
    const change = (ifMatch: string, payload: object) =>
      send('PUT', flag, { headers: { 'if-match': ifMatch }, payload })
    const token = await tokenWith(`project:${id}:write`)
    await send('PUT', flag, { token, payload: { description: 'other', reason: 'it was time' } })
    const late = await change(etag, { active: false })
    expect(late).toMatchObject({
      status: 412,
      body: {
        code: 'changed_meanwhile',
        message: expect.stringMatching(
          /^412 Precondition Failed: the flag "there" was changed by "token:project:\d+:write" \(http\) at 20/,
        ),
        changed_by: `token:project:${id}:write`,
        changed_at: expect.stringMatching(/^20/),
        reason: 'it was time',
      },
    })
    for (const never of ['"x"', 'W/"x"', '""', `"${'1'.repeat(9_000)}"`]) {
      expect((await change(never, { active: false })).status).toBe(412)
    }
    const now = String((await ask('GET', flag)).headers.etag)
    expect((await change(`"1", W/${now}`, { active: false })).body).toMatchObject({
      active: false,
      description: 'other',
    })
    expect((await change('*', { active: true })).status).toBe(200)
    const gone = await send('DELETE', flag, { headers: { 'if-match': etag } })
    expect(gone.status).toBe(412)
    expect((await send('PUT', `${flag}x`, { headers: { 'if-match': etag }, payload: {} })).status).toBe(404)
  })

  it('holds for user lists and projects too', async () => {
    const { ask, send, project } = await startProject()
    const list = await ask('POST', `${project}/feature_flags_user_lists`, { name: 'beta', user_xids: '1' })
    const whole = await ask('GET', project)
    await ask('PUT', `${project}/feature_flags_user_lists/1`, { user_xids: '2' })
    const stale = (answer: { headers: Record<string, unknown> }) => ({ 'if-match': String(answer.headers['etag']) })
    const path = `${project}/feature_flags_user_lists/1`
    expect((await send('PUT', path, { headers: stale(list), payload: { user_xids: '3' } })).status).toBe(412)
    expect((await send('DELETE', path, { headers: stale(list) })).status).toBe(412)
    expect((await send('PUT', project, { headers: stale(whole), payload: { name: 'x' } })).status).toBe(412)
    expect((await send('DELETE', project, { headers: stale(whole) })).status).toBe(412)
    expect((await ask('GET', path)).body).toMatchObject({ user_xids: '2' })
  })

  it('has a tag that changes with a list that the flag names, and saves a reader the body', async () => {
    const { ask, send, project } = await startProject()
    const list = await ask('POST', `${project}/feature_flags_user_lists`, { name: 'beta', user_xids: '1' })
    const strategies = [{ name: 'gitlabUserList', parameters: {}, user_list_id: list.body.id }]
    const made = await ask('POST', `${project}/feature_flags`, { name: 'listed', strategies })
    const flag = `${project}/feature_flags/listed`
    const headers = { 'if-none-match': String(made.headers.etag) }
    expect(await send('GET', flag, { headers })).toMatchObject({ status: 304, body: null })
    await ask('PUT', `${project}/feature_flags_user_lists/1`, { user_xids: '2' })
    expect((await send('GET', flag, { headers })).status).toBe(200)
  })
})

describe('the history over REST', () => {
  it('tells author, source, reason and the rows before and after, page by page', async () => {
    const { ask, project } = await startProject()
    await ask('POST', `${project}/feature_flags`, { name: 'told', reason: 'a try' })
    await ask('PUT', `${project}/feature_flags/told?reason=by%20query`, { name: 'renamed' })
    const { body, headers } = await ask('GET', `${project}/feature_flags/renamed/history?per_page=1`)
    expect(body).toEqual([
      {
        revision: expect.any(Number),
        at: expect.stringMatching(/^20/),
        kind: 'flag',
        subject: 'renamed',
        before: expect.objectContaining({ name: 'told' }),
        after: expect.objectContaining({ name: 'renamed', strategies: [] }),
        author: 'token:ci',
        source: 'http',
        reason: 'by query',
      },
    ])
    expect(headers).toMatchObject({ 'x-total': '2', 'x-total-pages': '2', 'x-next-page': '2' })
    expect((await ask('GET', `${project}/feature_flags/told/history?page=2&per_page=1`)).body).toMatchObject([
      { subject: 'told', before: null, reason: 'a try' },
    ])
    expect((await ask('GET', `${project}/history`)).headers['x-total']).toBe('4')
    const long = await ask('PUT', `${project}/feature_flags/renamed`, { reason: 'x'.repeat(1_001) })
    expect(long).toMatchObject({ status: 400, body: { error: 'reason is invalid' } })
  })
})

describe('an evaluation over REST', () => {
  it('says what SDKs answer, and why', async () => {
    const { ask, project } = await startProject()
    const share = { groupId: 'default', rollout: '50', stickiness: 'userId' }
    const strategies = [{ name: 'flexibleRollout', parameters: share, scopes: [{ environment_scope: 'prod*' }] }]
    const made = await ask('POST', `${project}/feature_flags`, { name: 'layout', strategies })
    const evaluate = (payload: object) => ask('POST', `${project}/feature_flags/layout/evaluate`, payload)
    const strategy = { id: made.body.strategies[0].id, name: 'flexibleRollout', parameters: share }
    const no = { enabled: false, chance: null, reason: 'not_matched', strategy: null }
    const yes = { enabled: true, chance: null, reason: 'matched', strategy }
    const differ = await evaluate({ environment: 'production', context: { userId: 'José' } })
    expect(differ).toMatchObject({
      status: 200,
      body: {
        name: 'layout',
        environment: 'production',
        enabled: null,
        reason: 'sdks_differ',
        sdks: { node: yes, others: no },
      },
    })
    const same = await evaluate({ environment: 'production', context: { userId: 123, properties: { plan: 'a' } } })
    expect(same.body).toMatchObject({ ...no, sdks: { node: no, others: no }, explanation: expect.any(String) })
    expect((await evaluate({ environment: 'staging' })).body).toMatchObject({ enabled: false, reason: 'absent' })
    const wrong: readonly [object, string][] = [
      [{}, 'environment is missing'],
      [{ environment: 'a', context: [] }, 'context is invalid'],
      [{ environment: 'a', context: { userId: {} } }, 'context[userId] is invalid'],
      [{ environment: 'a', context: { properties: { a: [] } } }, 'context[properties][a] is invalid'],
    ]
    for (const [payload, error] of wrong) {
      expect(await evaluate(payload)).toMatchObject({ status: 400, body: { error } })
    }
    expect((await ask('POST', `${project}/feature_flags/none/evaluate`, { environment: 'a' })).status).toBe(404)
  })
})
