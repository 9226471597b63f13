// The routes of flags.
import { describe, expect, it } from 'vitest'
import { setParametersSchema } from '../../../lib/server/set-parameters.js'
import { readAnswer, startApp } from '../support.js'

const definition = {
  name: 'my_flag',
  description: null,
  feature_issue_url: null,
  introduced_by_url: null,
  rollout_issue_url: null,
  milestone: '0.1',
  log_state_changes: null,
  group: 'group::web',
  type: 'development',
  default_enabled: false,
  intended_to_rollout_by: null,
  actor: null,
}
const off = { key: 'boolean', value: false }

describe('GET /api/v4/features', () => {
  it('lists the stored flags only, by name, with state, gates and definition', async () => {
    const { call, feature } = await startApp()
    await feature.enable('my_flag', true)
    await feature.enable('legacy', feature.group('beta_testers'), { force: true })

    const { status, body } = await call('GET', '/api/v4/features')

    expect(status).toBe(200)
    expect(body).toEqual([
      {
        name: 'canary',
        state: 'conditional',
        gates: [off, { key: 'actors', value: ['Project:1'] }],
        definition: expect.objectContaining({ name: 'canary', group: null }),
      },
      {
        name: 'legacy',
        state: 'conditional',
        gates: [off, { key: 'groups', value: ['beta_testers'] }],
        definition: null,
      },
      { name: 'my_flag', state: 'on', gates: [{ key: 'boolean', value: true }], definition },
    ])
  })
})

describe('GET /api/v4/features/:name', () => {
  it('answers what POST answers, for a flag that is stored or defined', async () => {
    const { call, feature } = await startApp()
    await feature.enable('legacy', true, { force: true })

    const defined = await call('GET', '/api/v4/features/my_flag')
    const posted = await call('POST', '/api/v4/features/my_flag', {
      payload: { value: 25, key: 'percentage_of_actors' },
    })
    const stored = await call('GET', '/api/v4/features/my_flag')
    const legacy = await call('GET', '/api/v4/features/legacy')

    expect(defined).toMatchObject({ status: 200, body: { name: 'my_flag', state: 'off', gates: [off], definition } })
    expect(stored).toMatchObject({ status: 200, body: posted.body })
    expect(legacy).toMatchObject({ status: 200, body: { name: 'legacy', state: 'on', definition: null } })
  })

  it('says what the flag means, whether anything is stored, and the revision on which a change may depend', async () => {
    const { call } = await startApp()
    const get = () => call('GET', '/api/v4/features/my_flag')
    const defined = await get()
    expect(defined.body).toMatchObject({ stored: false, summary: 'off for everybody (by default)' })
    const ifMatch = String(defined.headers['etag'])
    expect(ifMatch).toBe(`"${Reflect.get(Object(defined.body), 'revision')}"`)
    const payload = { operations: [{ op: 'percentage_of_actors', value: 25 }] }
    const change = () => call('POST', '/api/v4/features/my_flag/changes', { payload, headers: { 'if-match': ifMatch } })
    expect((await change()).status).toBe(200)
    expect((await get()).body).toMatchObject({ stored: true, summary: 'on for 25 % of actors; off for everybody else' })
    expect((await change()).status).toBe(412)
  })

  it('answers 404 with a name that is nearly this one, and stores nothing', async () => {
    const { call, feature } = await startApp()

    const { status, body } = await call('GET', '/api/v4/features/my_falg')

    expect({ status, body }).toEqual({
      status: 404,
      body: {
        code: 'not_found',
        message: 'the flag "my_falg" is neither defined nor stored; did you mean "my_flag"?',
      },
    })
    expect(feature.persistedNames()).toEqual(['canary'])
  })
})

describe("what GitLab's clients send", () => {
  it('may have slashes too many', async () => {
    const { app, call } = await startApp()
    const addresses = [
      ['GET', '/api/v4/features/', 200],
      ['GET', '//api/v4/features', 200],
      ['GET', '/api//v4/features//?per_page=20', 200],
      ['GET', '/api/v4/features//definitions/', 200],
      ['GET', '/api/v4/features//my_flag', 200],
      ['POST', '/api/v4/features//my_flag/?value=true', 201],
      ['DELETE', '/api/v4/features//my_flag', 204],
    ] as const
    for (const [method, url, expected] of addresses) {
      const [known, unknown] = [await call(method, url), await app.inject({ method, url })]
      expect({ url, status: [known.status, unknown.statusCode] }).toEqual({ url, status: [expected, 401] })
    }
  })

  it('names the flag whose name holds slashes only where they are escaped', async () => {
    const { call, feature } = await startApp()

    await call('POST', '/api/v4/features//%2Fa%2F%2Fb?value=true&force=true')

    expect(feature.persistedNames()).toContain('/a//b')
  })

  it('may hold null for each parameter, which then counts as absent', async () => {
    const { call } = await startApp()
    const none = Object.fromEntries(Object.keys(setParametersSchema.properties).map((name) => [name, null]))

    const { status, body } = await call('POST', '/api/v4/features/my_flag?reason=first', {
      payload: { ...none, value: true, project: 7 },
    })
    const nothing = await call('POST', '/api/v4/features/my_flag', { payload: none })

    expect({ status, body }).toMatchObject({
      status: 201,
      body: { gates: [off, { key: 'actors', value: ['Project:7'] }] },
    })
    expect(nothing).toMatchObject({ status: 400, body: { message: expect.stringContaining('"value" is missing') } })
  })

  it('is answered as application/json and nothing more, which python-gitlab compares', async () => {
    const { app, call } = await startApp()

    const answers = [
      await call('GET', '/api/v4/features'),
      await call('POST', '/api/v4/features/unknown?value=true&force=True'),
      await call('GET', '/api/v4/features/%zz'),
      await readAnswer(app, { url: '/api/v4/openapi.json' }),
    ]

    expect(answers.map(({ status }) => status)).toEqual([200, 201, 400, 200])
    expect(answers.map(({ headers }) => headers['content-type'])).toEqual(Array(4).fill('application/json'))
  })
})

describe('GET /api/v4/features/definitions', () => {
  it('lists every definition by name, absent fields as null', async () => {
    const { call } = await startApp()

    const { status, body } = await call('GET', '/api/v4/features/definitions')

    expect(status).toBe(200)
    expect(body).toEqual([
      expect.objectContaining({ name: 'canary' }),
      definition,
      expect.objectContaining({ name: 'my_other_flag' }),
      expect.objectContaining({ name: 'on_by_default', type: 'ops', default_enabled: true }),
    ])
  })
})

describe('POST /api/v4/features/:name for any actor', () => {
  const path = '/api/v4/features/my_flag'
  const rails = { actors: { User: { id: 'User;{id}' }, Customer: {} } }

  it.each([
    ['actor', 'Project:5,Ci::Runner:6', {}, ['Ci::Runner:6', 'Project:5']],
    ['actor', 'Customer:5,User:6,User;7', { feature: rails }, ['Customer:5', 'User;6', 'User;7']],
    ['user', '5', { feature: rails }, ['User;5']],
    ['customer', 'acme', { feature: rails }, ['Customer:acme']],
  ])('takes %s=%s, as JSON, as a form and in the query', async (kind, text, options, expected) => {
    const { call, feature } = await startApp(options)
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const query = new URLSearchParams({ value: 'true', [kind]: text }).toString()
    for (const [url, rest] of [
      [path, { payload: { value: true, [kind]: text } }],
      [path, { headers: form, payload: query }],
      [`${path}?${query}`, {}],
    ] as const) {
      expect(await call('POST', url, rest)).toMatchObject({ status: 201 })
      expect(feature.get('my_flag').gates).toContainEqual({ key: 'actors', value: expected })
      await feature.disable('my_flag')
    }
  })

  it.each([
    [{ endpoint: 'User:5' }, 'invalid_arguments', 'did you mean actor=User:5?'],
    [{ feature_group: 'User;5' }, 'invalid_arguments', 'did you mean actor=User;5?'],
    [{ actor: '5' }, 'invalid_arguments', 'names no class'],
    [{ actor: 5 }, 'invalid_arguments', 'names no class'],
    [{ actor: 'user:5' }, 'invalid_arguments', 'did you mean "User:5"?'],
    [{ customer: '5' }, 'invalid_request', 'there is no parameter "customer"'],
  ])('refuses %j and writes nothing', async (target, code, message) => {
    const { call, feature } = await startApp()
    const { status, body } = await call('POST', path, { payload: { value: true, ...target } })
    expect({ status, body }).toMatchObject({ status: 400, body: { code, message: expect.stringContaining(message) } })
    expect(feature.persisted('my_flag')).toBe(false)
  })

  it('names what was not on the list beside GitLab’s body, and only then', async () => {
    const { call } = await startApp()
    const on = await call('POST', path, { payload: { value: true, actor: 'User:5', feature_group: 'beta_testers' } })
    expect(Object.keys(on.body as object)).toEqual(['name', 'state', 'gates', 'definition'])
    const { body } = await call('POST', path, { payload: { value: false, actor: 'User:5,User:6', feature_group: 'b' } })
    expect(body).toMatchObject({ name: 'my_flag', unmatched: ['User:6', 'b'] })
  })
})

describe('POST /api/v4/features/:name', () => {
  const actors = (...ids: string[]) => [off, { key: 'actors', value: ids }]
  const cases: readonly [string, Record<string, unknown>, string, unknown][] = [
    ['true', { value: 'true' }, 'on', [{ key: 'boolean', value: true }]],
    ['JSON true', { value: true }, 'on', [{ key: 'boolean', value: true }]],
    [
      '100 with a key that is ignored',
      { value: 100, key: 'percentage_of_actors' },
      'on',
      [{ key: 'boolean', value: true }],
    ],
    ['false', { value: 'false' }, 'off', [off]],
    ['0', { value: 0 }, 'off', [off]],
    ['a number as a percentage of time', { value: 30 }, 'conditional', [off, { key: 'percentage_of_time', value: 30 }]],
    [
      'a fraction of actors',
      { value: '33.333', key: 'percentage_of_actors' },
      'conditional',
      [off, { key: 'percentage_of_actors', value: 33.333 }],
    ],
    [
      'projects by id and path',
      { value: 'true', project: 'gitlab-org/gitlab,42' },
      'conditional',
      actors('Project:42', 'Project:7'),
    ],
    ['a user by a JSON number', { value: true, user: 5 }, 'conditional', actors('User:5')],
    ['an opt-out', { value: 'opt_out', user: '5' }, 'conditional', actors('User:5:opt_out')],
    [
      'a feature group',
      { value: 'true', feature_group: 'beta_testers' },
      'conditional',
      [off, { key: 'groups', value: ['beta_testers'] }],
    ],
  ]

  it.each(cases)('takes %s and answers 201 with the flag', async (_name, payload, state, gates) => {
    const { call, feature } = await startApp()

    const { status, body } = await call('POST', '/api/v4/features/my_flag', { payload })

    expect(status).toBe(201)
    expect(body).toEqual({ name: 'my_flag', state, gates, definition })
    expect(feature.get('my_flag').gates).toEqual(gates)
  })

  it('takes a form as it takes JSON', async () => {
    const { call } = await startApp()

    const { status, body } = await call('POST', '/api/v4/features/my_flag', {
      payload: 'value=true&project=gitlab-org%2Fgitlab&force=false',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })

    expect(status).toBe(201)
    expect(body).toMatchObject({ state: 'conditional', gates: actors('Project:7') })
  })

  it('takes the query too, under the body', async () => {
    const { call } = await startApp()

    await call('POST', '/api/v4/features/my_flag?value=true')
    const { body } = await call('POST', '/api/v4/features/my_flag?value=true', { payload: { value: false } })

    expect(body).toMatchObject({ state: 'off' })
  })

  it('records the token as the author, http as the source, and the reason', async () => {
    const { call, feature } = await startApp()

    await call('POST', '/api/v4/features/my_flag', { payload: { value: true, reason: 'launch day' } })

    const [entry] = await feature.history({ feature: 'my_flag', limit: 1 })
    expect(entry).toMatchObject({ author: 'token:ci', source: 'http', reason: 'launch day' })
  })

  it('writes a flag without definition only when forced', async () => {
    const { call } = await startApp()

    const refused = await call('POST', '/api/v4/features/a%2Fb', { payload: { value: true } })
    const forced = await call('POST', '/api/v4/features/a%2Fb', { payload: { value: true, force: true } })

    expect(refused).toMatchObject({ status: 400, body: { code: 'unknown_flag' } })
    expect(forced).toMatchObject({ status: 201, body: { name: 'a/b', state: 'on', definition: null } })
  })

  it('refuses to narrow a flag that is on by default, unless forced', async () => {
    const { call, feature } = await startApp()
    const payload = { value: true, user: 1 }

    const refused = await call('POST', '/api/v4/features/on_by_default', { payload })
    expect(refused).toMatchObject({ status: 400, body: { code: 'default_on_trap' } })
    expect(feature.persisted('on_by_default')).toBe(false)

    const forced = await call('POST', '/api/v4/features/on_by_default', { payload: { ...payload, force: '1' } })
    expect(forced).toMatchObject({ status: 201, body: { state: 'conditional' } })
  })
})

describe('DELETE /api/v4/features/:name', () => {
  it('answers 204 and nothing else, whether the flag was stored or not', async () => {
    const { call, feature } = await startApp()
    await feature.enable('my_flag')

    const first = await call('DELETE', '/api/v4/features/my_flag?reason=done', {
      headers: { 'content-type': 'application/json' },
    })
    const second = await call('DELETE', '/api/v4/features/my_flag')
    const undefinedFlag = await call('DELETE', '/api/v4/features/never_seen')

    for (const { status, body } of [first, second, undefinedFlag])
      expect({ status, body }).toEqual({ status: 204, body: '' })
    expect(feature.persisted('my_flag')).toBe(false)
    const [entry] = await feature.history({ feature: 'my_flag', limit: 1 })
    expect(entry).toMatchObject({ operation: 'removed', author: 'token:ci', reason: 'done' })
  })
})
