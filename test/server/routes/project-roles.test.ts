// Which token may use which route of projects.
import { describe, expect, it } from 'vitest'
import type { TokenScope } from '../../../lib/store/token-scope.js'
import { type Method, useProjects } from '../project-app.js'

const startProject = useProjects()

const flags = '/feature_flags'
const lists = '/feature_flags_user_lists'

/** Each route, with a body that it takes, and the lowest right that may use it; `P` is the address of the project. */
const routes: readonly [Method, string, 'read' | 'write' | 'maintain' | 'owner', object?][] = [
  ['GET', '/projects', 'read'],
  ['GET', 'P', 'read'],
  ['GET', `P${flags}`, 'read'],
  ['GET', `P${flags}/there`, 'read'],
  ['GET', `P${flags}/there/history`, 'read'],
  ['POST', `P${flags}/there/evaluate`, 'read', { environment: 'production' }],
  ['GET', `P${lists}`, 'read'],
  ['GET', `P${lists}/1`, 'read'],
  ['GET', 'P/feature_flags_settings', 'read'],
  ['GET', 'P/history', 'read'],
  ['GET', 'P/instance_ids', 'read'],
  ['POST', `P${flags}`, 'write', { name: 'made' }],
  ['PUT', `P${flags}/there`, 'write', {}],
  ['DELETE', `P${flags}/there`, 'write'],
  ['POST', `P${lists}`, 'write', { name: 'made', user_xids: '' }],
  ['PUT', `P${lists}/1`, 'write', {}],
  ['DELETE', `P${lists}/1`, 'write'],
  ['PUT', 'P', 'maintain', { name: 'x' }],
  ['PUT', 'P/feature_flags_settings', 'maintain', { minimum_role: 'owner' }],
  ['POST', 'P/instance_ids', 'maintain', { name: 'second' }],
  ['DELETE', 'P/instance_ids/ID', 'maintain'],
  ['POST', '/projects', 'owner', { path: 'made' }],
  ['DELETE', 'P', 'owner'],
]
const ranks = ['read', 'write', 'maintain', 'owner'] as const

describe('a token', () => {
  it.each(ranks)('with the right "%s" in a project may use the routes of that right, and no others', async (right) => {
    const { app, ask, send, tokenWith, id, project } = await startProject()
    const token = await tokenWith(right === 'owner' ? 'projects' : `project:${id}:${right}`)
    await ask('POST', `${project}${flags}`, { name: 'there' })
    await ask('POST', `${project}${lists}`, { name: 'there', user_xids: '1' })
    const [first] = (await ask('GET', `${project}/instance_ids`)).body
    for (const [method, path, needed, payload] of routes) {
      const url = `${path.replace('P', project).replace('ID', first.id)}${method === 'GET' ? '' : '?dry_run=true'}`
      const { status, body } = await send(method, url, { token, ...(payload === undefined ? {} : { payload }) })
      if (ranks.indexOf(right) >= ranks.indexOf(needed)) expect(status, `${method} ${path}`).toBeLessThan(300)
      else expect([status, body], `${method} ${path}`).toEqual([403, { message: '403 Forbidden', code: 'forbidden' }])
    }
    expect((await app.app.inject({ url: '/api/v4/features', headers: { 'private-token': token } })).statusCode).toBe(
      403,
    )
  })

  it('of another project finds nothing of this one, as if it were not there', async () => {
    const { send, tokenWith, id, project } = await startProject()
    const token = await tokenWith(`project:${id + 1_000}:maintain`)
    expect((await send('GET', '/projects', { token })).body).toEqual([])
    for (const [method, path, , payload] of routes.filter(([, path]) => path !== '/projects')) {
      for (const address of [path.replace('P', project), path.replace('P', '/projects/none%2Fsuch')]) {
        const answer = await send(method, address, { token, ...(payload === undefined ? {} : { payload }) })
        const missing = { message: '404 Project Not Found', code: 'not_found' }
        expect([answer.status, answer.body], `${method} ${address}`).toEqual([404, missing])
      }
    }
  })

  it.each<[string, readonly TokenScope[]]>([['read', ['read']]])(
    'with the scope "%s" of internal flags sees nothing of projects, whether there is one or not',
    async (_, scopes) => {
      const { app, send, tokenWith, project } = await startProject()
      const token = await tokenWith(...scopes)
      for (const [method, path, , payload] of routes) {
        for (const address of [path.replace('P', project), path.replace('P', '/projects/none%2Fsuch')]) {
          const { status } = await send(method, address, { token, ...(payload === undefined ? {} : { payload }) })
          expect(status, `${method} ${address}`).toBe(403)
        }
      }
      const features = await app.app.inject({ url: '/api/v4/features', headers: { 'private-token': token } })
      expect(features.statusCode).toBe(200)
    },
  )

  it('may hold scopes of several projects, with another right in each', async () => {
    const { ask, send, tokenWith, id, project } = await startProject()
    const other = (await ask('POST', '/projects', { path: 'other' })).body.id
    const token = await tokenWith(`project:${id}:read`, `project:${other}:write`, `project:${other}:read`)
    expect((await send('POST', `${project}${flags}`, { token, payload: { name: 'ab' } })).status).toBe(403)
    expect((await send('POST', `/projects/${other}${flags}`, { token, payload: { name: 'ab' } })).status).toBe(201)
    expect((await send('GET', '/projects', { token })).body).toHaveLength(2)
  })

  it('is a bearer as well, and an instance ID is none of its places', async () => {
    const { app, ask, project } = await startProject()
    const { instance_id: secret } = (await ask('POST', `${project}/instance_ids`, { name: 'sdk' })).body
    const get = (headers: Record<string, string>) => app.app.inject({ url: `/api/v4${project}${flags}`, headers })
    expect((await get({ authorization: `Bearer ${app.admin}` })).statusCode).toBe(200)
    for (const headers of [
      {},
      { 'private-token': secret },
      { authorization: `Bearer ${secret}` },
      { 'unleash-instanceid': secret },
    ]) {
      const answer = await get(headers)
      expect([answer.statusCode, answer.json()]).toEqual([401, { message: '401 Unauthorized', code: 'unauthorized' }])
    }
    const url = `/api/v4/feature_flags/unleash/${project.slice('/projects/'.length)}/client/features`
    for (const headers of [
      { 'unleash-instanceid': app.admin },
      { authorization: app.admin },
      { 'private-token': secret },
    ]) {
      expect((await app.app.inject({ url, headers })).statusCode).toBe(401)
    }
  })
})

describe('the minimum role of a project', () => {
  it.each([
    ['developer', 'write', 'read'],
    ['maintainer', 'maintain', 'write'],
    ['owner', 'owner', 'maintain'],
    ['no_one_allowed', null, 'owner'],
  ] as const)('%s lets %s change flags and lists, and not %s', async (minimum_role, allowed, refused) => {
    const { ask, send, tokenWith, id, project } = await startProject()
    await ask('PUT', `${project}/feature_flags_settings`, { minimum_role })
    for (const [right, status] of [
      [allowed, 201],
      [refused, 403],
    ] as const) {
      if (right === null) continue
      const token = await tokenWith(right === 'owner' ? 'admin' : `project:${id}:${right}`)
      const made = await send('POST', `${project}${flags}`, { token, payload: { name: `by_${right}` } })
      expect(made.status).toBe(status)
      const list = await send('POST', `${project}${lists}`, { token, payload: { name: right, user_xids: '' } })
      expect(list.status).toBe(status)
      expect((await send('GET', `${project}${flags}`, { token })).status).toBe(200)
    }
  })

  it('may be set by maintainers, but only an owner takes back what only an owner has', async () => {
    const { send, tokenWith, id, project } = await startProject()
    const token = await tokenWith(`project:${id}:maintain`)
    const set = (minimum_role: string, by?: string) =>
      send(
        'PUT',
        `${project}/feature_flags_settings?minimum_role=${minimum_role}`,
        by === undefined ? {} : { token: by },
      )
    expect((await set('maintainer', token)).body).toEqual({ minimum_role: 'maintainer' })
    expect((await set('no_one_allowed', token)).status).toBe(200)
    expect((await set('developer', token)).status).toBe(403)
    const by = { token, payload: { feature_flags_minimum_role: 'developer' } }
    expect((await send('PUT', project, by)).status).toBe(403)
    expect((await send('PUT', project, { token, payload: { name: 'x' } })).status).toBe(200)
    expect((await set('owner')).status).toBe(200)
    expect((await set('maintainer', token)).status).toBe(403)
    expect((await set('developer')).status).toBe(200)
  })
})
