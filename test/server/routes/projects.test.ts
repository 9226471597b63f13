// GitLab's API for projects, flags and user lists: bodies, statuses, headers and sentences.
import { describe, expect, it } from 'vitest'
import { type Method, startProject } from '../project-app.js'

const at = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

describe('the flags of a project over REST', () => {
  it('are made, read, changed and deleted with the bodies of GitLab', async () => {
    const { ask, project, made } = await startProject()
    expect(made).toMatchObject({ status: 201, body: { path: 'group/shop', name: 'The shop' } })
    const flags = `${project}/feature_flags`
    const created = await ask('POST', flags, {
      name: 'new_layout',
      strategies: [
        { name: 'userWithId', parameters: '{"userIds":"1,2"}', scopes: [{ environment_scope: 'production' }] },
      ],
    })
    const flag = {
      name: 'new_layout',
      description: null,
      active: true,
      version: 'new_version_flag',
      created_at: at,
      updated_at: at,
      scopes: [],
      strategies: [
        {
          id: expect.any(Number),
          name: 'userWithId',
          parameters: { userIds: '1,2' },
          scopes: [{ id: expect.any(Number), environment_scope: 'production' }],
          user_list: null,
        },
      ],
    }
    expect([created.status, created.body]).toEqual([201, flag])
    expect((await ask('GET', '/projects/group%2Fshop/feature_flags/new_layout')).body).toEqual(created.body)
    const renamed = await ask('PUT', `${flags}/new_layout`, { name: 'layout', active: false })
    expect([renamed.status, renamed.body]).toMatchObject([200, { name: 'layout', active: false }])
    expect((await ask('GET', `${flags}?scope=enabled`)).body).toEqual([])
    expect((await ask('GET', `${flags}?scope=disabled`)).body).toHaveLength(1)
    expect((await ask('GET', `${flags}?search=OUT%20lay`)).body).toMatchObject([{ name: 'layout' }])
    expect((await ask('GET', `${flags}?search=other`)).body).toEqual([])
    const deleted = await ask('DELETE', `${flags}/layout`)
    expect([deleted.status, deleted.body]).toMatchObject([200, { name: 'layout' }])
    expect(await ask('GET', `${flags}/layout`)).toMatchObject({
      status: 404,
      body: { message: '404 Not found', code: 'not_found' },
    })
  })

  it('come in pages', async () => {
    const { ask, project } = await startProject()
    for (const name of ['ab', 'cd', 'ef']) await ask('POST', `${project}/feature_flags`, { name })
    const { headers, body } = await ask('GET', `${project}/feature_flags?per_page=2&page=2`)
    expect(body).toMatchObject([{ name: 'ef' }])
    expect(headers).toMatchObject({
      'x-page': '2',
      'x-per-page': '2',
      'x-total': '3',
      'x-total-pages': '2',
      'x-next-page': '',
      'x-prev-page': '1',
    })
    expect(headers['link']).toContain('page=1>; rel="prev"')
    expect(await ask('GET', `${project}/feature_flags?page=x`)).toMatchObject({
      status: 400,
      body: { error: 'page is invalid' },
    })
  })

  it('are refused where a parameter is wrong, each with its status and body', async () => {
    const { ask, project } = await startProject()
    const rows: readonly [Method, string, object | undefined, number, object][] = [
      ['POST', '/feature_flags', {}, 400, { error: 'name is missing' }],
      ['POST', '/feature_flags', { name: 'a' }, 400, { message: ['Name is too short (minimum is 2 characters)'] }],
      ['POST', '/feature_flags', { name: 'ab', version: 'legacy_flag' }, 400, { message: 'Version is invalid' }],
      ['POST', '/feature_flags', { name: 'ab', active: 'maybe' }, 400, { error: 'active is invalid' }],
      ['POST', '/feature_flags', { name: 'ab', strategies: {} }, 400, { error: 'strategies is invalid' }],
      ['POST', '/feature_flags', { name: 'ab', strategies: [{}] }, 400, { error: 'strategies[name] is missing' }],
      [
        'POST',
        '/feature_flags',
        { name: 'ab', strategies: [{ name: 'default', parameters: '{' }] },
        400,
        {
          error: 'strategies[parameters] is invalid',
        },
      ],
      ['GET', '/feature_flags?scope=all', undefined, 400, { error: 'scope does not have a valid value' }],
      ['PUT', '/feature_flags/absent', {}, 404, { message: '404 Not found' }],
      ['POST', '/feature_flags_user_lists', {}, 400, { message: 'name is missing, user_xids is missing' }],
      ['POST', '/feature_flags_user_lists', { name: '', user_xids: '1' }, 400, { message: ["Name can't be blank"] }],
      ['GET', '/feature_flags_user_lists/1x', undefined, 404, { message: '404 Not found' }],
      [
        'PUT',
        '/feature_flags_settings',
        { minimum_role: 'guest' },
        400,
        {
          error: 'minimum_role does not have a valid value',
        },
      ],
      ['POST', '/instance_ids', {}, 400, { error: 'name is missing' }],
      ['DELETE', '/instance_ids/999', undefined, 404, { message: '404 Not found' }],
    ]
    for (const [method, path, payload, status, body] of rows) {
      const answer = await ask(method, `${project}${path}`, payload)
      expect(answer, `${method} ${path} ${JSON.stringify(payload)}`).toMatchObject({ status, body })
    }
  })

  it('are not shown while a project has them switched off, and not changed while no role may', async () => {
    const { ask, project } = await startProject()
    await ask('PUT', `${project}/feature_flags_settings`, { minimum_role: 'no_one_allowed' })
    const forbidden = { status: 403, body: { message: '403 Forbidden' } }
    expect(await ask('POST', `${project}/feature_flags`, { name: 'ab' })).toMatchObject(forbidden)
    expect(await ask('DELETE', `${project}/feature_flags_user_lists/1`)).toMatchObject(forbidden)
    expect((await ask('GET', `${project}/feature_flags`)).status).toBe(200)
    await ask('PUT', project, { feature_flags_access_level: 'disabled', feature_flags_minimum_role: 'developer' })
    expect(await ask('GET', `${project}/feature_flags`)).toMatchObject(forbidden)
    expect(await ask('GET', `${project}/feature_flags_user_lists`)).toMatchObject(forbidden)
    expect((await ask('GET', project)).status).toBe(200)
  })

  it('of a project that is not there are 404, as to a token of another scope they are 403', async () => {
    const { ask, send, tokenWith } = await startProject()
    expect(await ask('GET', '/projects/none%2Fsuch/feature_flags')).toMatchObject({
      status: 404,
      body: { message: '404 Project Not Found' },
    })
    const answer = await send('GET', '/projects', { token: await tokenWith('read') })
    expect([answer.status, answer.body]).toEqual([403, { message: '403 Forbidden', code: 'forbidden' }])
  })

  it('name user lists by their number in the project', async () => {
    const { ask, project } = await startProject()
    const lists = `${project}/feature_flags_user_lists`
    const created = await ask('POST', lists, { name: 'Beta testers', user_xids: '1,2' })
    expect([created.status, created.body]).toEqual([
      201,
      {
        id: expect.any(Number),
        iid: 1,
        name: 'Beta testers',
        user_xids: '1,2',
        project_id: expect.any(Number),
        created_at: at,
        updated_at: at,
        path: '/group/shop/-/feature_flags_user_lists/1',
        edit_path: '/group/shop/-/feature_flags_user_lists/1/edit',
      },
    ])
    expect((await ask('GET', `${lists}?search=TEST beta`)).body).toHaveLength(1)
    expect((await ask('GET', `${lists}?search=other`)).body).toEqual([])
    expect((await ask('PUT', `${lists}/1`, {})).body).toEqual(created.body)
    await ask('POST', `${project}/feature_flags`, {
      name: 'listed',
      strategies: [{ name: 'gitlabUserList', parameters: {}, user_list_id: created.body.id }],
    })
    expect((await ask('GET', `${project}/feature_flags/listed`)).body.strategies[0].user_list).toEqual({
      id: created.body.id,
      iid: 1,
      name: 'Beta testers',
      user_xids: '1,2',
    })
    expect(await ask('DELETE', `${lists}/1`)).toMatchObject({
      status: 409,
      body: { message: ['User list is associated with a strategy'] },
    })
    await ask('DELETE', `${project}/feature_flags/listed`)
    expect(await ask('DELETE', `${lists}/1`)).toMatchObject({ status: 204, body: null })
  })
})

describe('a project over REST', () => {
  it('shows the secrets of its instance IDs to maintainers alone', async () => {
    const { ask, send, tokenWith, id, project } = await startProject()
    const made = await ask('POST', `${project}/instance_ids`, { name: 'staging', environment: 'staging' })
    expect(made).toMatchObject({ status: 201, body: { name: 'staging', environment: 'staging' } })
    expect(made.body.instance_id).toMatch(/^glffct-/)
    expect(made.headers['cache-control']).toBe('no-store')
    for (const right of ['read', 'write', 'maintain'] as const) {
      const token = await tokenWith(`project:${id}:${right}`)
      const all = await send('GET', `${project}/instance_ids`, { token })
      expect(all.body).toMatchObject([{ name: 'default' }, { name: 'staging' }])
      expect(JSON.stringify(all.body).includes('glffct-')).toBe(right === 'maintain')
    }
    expect((await ask('DELETE', `${project}/instance_ids/${made.body.id}`)).status).toBe(204)
  })

  it('keeps an instance ID that was used a moment ago, of which the database has not been told', async () => {
    const { app, ask, id, project } = await startProject()
    const [first] = (await ask('GET', `${project}/instance_ids`)).body
    const headers = { 'unleash-instanceid': first.instance_id, 'unleash-appname': 'production' }
    const poll = await app.app.inject({ url: `/api/v4/feature_flags/unleash/${id}/client/features`, headers })
    expect(poll.statusCode).toBe(200)
    for (const path of [`${project}/instance_ids/${first.id}`, project]) {
      expect(await ask('DELETE', path), path).toMatchObject({ status: 409, body: { code: 'in_use' } })
    }
  })

  it('keeps an instance ID that was used within a day, unless force is given, and has no more than 20', async () => {
    const { app, ask, project } = await startProject()
    const [first] = (await ask('GET', `${project}/instance_ids`)).body
    await (await app.instance.projects()).noteUse(first.id)
    const path = `${project}/instance_ids/${first.id}`
    expect(await ask('DELETE', path)).toMatchObject({
      status: 409,
      body: { message: [expect.stringContaining('the instance ID "default" was used at')], code: 'in_use' },
    })
    expect(await ask('DELETE', project)).toMatchObject({ status: 409, body: { code: 'in_use' } })
    for (let count = 1; count < 20; count++) await ask('POST', `${project}/instance_ids`, { name: `s${count}` })
    expect(await ask('POST', `${project}/instance_ids`, { name: 'one more' })).toMatchObject({
      status: 400,
      body: { message: ['Maximum number of instance IDs of a project (20) exceeded'] },
    })
    expect((await ask('DELETE', `${path}?force=true`)).status).toBe(204)
    expect((await ask('DELETE', path)).status).toBe(404)
    expect((await ask('POST', `${project}/instance_ids`, { name: 'one more' })).status).toBe(201)
  })

  it('changes its settings and is deleted, and its history tells who did it', async () => {
    const { ask, project } = await startProject()
    expect((await ask('PUT', `${project}/feature_flags_settings`, { minimum_role: 'owner' })).body).toEqual({
      minimum_role: 'owner',
    })
    const settings = { path: 'group/market', feature_flags_access_level: 'disabled', reason: 'it moved' }
    expect((await ask('PUT', project, settings)).body).toMatchObject({
      path: 'group/market',
      feature_flags_access_level: 'disabled',
      feature_flags_minimum_role: 'owner',
    })
    expect((await ask('GET', `${project}/history`)).body[0]).toMatchObject({
      kind: 'settings',
      author: 'token:ci',
      reason: 'it moved',
      after: { path: 'group/market' },
    })
    expect(await ask('DELETE', project)).toMatchObject({ status: 202, body: { message: '202 Accepted' } })
    expect((await ask('GET', project)).status).toBe(404)
  })
})
