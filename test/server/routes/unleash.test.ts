// What Unleash SDKs get from the server, called in process.
import type { InjectOptions } from 'fastify'
import { describe, expect, it } from 'vitest'
import { startApp } from '../support.js'

async function withProject() {
  const app = await startApp()
  const projects = await app.instance.projects()
  const { id } = await projects.createProject({ path: 'group/shop', name: 'shop' }, { author: 'test', source: 'code' })
  const [first] = await projects.instanceIds(id)
  const secret = first?.secret ?? ''
  const ask = (path: string, rest: InjectOptions = {}) =>
    app.app.inject({
      url: `/api/v4/feature_flags/unleash/${path}`,
      ...rest,
      headers: { 'unleash-instanceid': secret, 'unleash-appname': 'production', ...rest.headers },
    })
  return { ...app, projects, id, secret, ask }
}

describe('an SDK', () => {
  it('finds its project by id and by path, at each of the addresses that SDKs ask', async () => {
    const { ask, id } = await withProject()
    for (const project of [String(id), 'group%2Fshop', 'GROUP%2FShop']) {
      for (const path of ['', '/', '/features', '/client/features', '//client/features/']) {
        const { statusCode, headers, body } = await ask(project + path)
        expect([statusCode, body], project + path).toEqual([200, '{"version":1,"features":[]}'])
        expect(headers['etag']).toMatch(/^"[\w-]{22}"$/)
      }
    }
  })

  it('has its reports taken whatever their body is, because after a refusal it would never report again', async () => {
    const { ask, id } = await withProject()
    const bodies: readonly InjectOptions[] = [
      { payload: { appName: 'production', bucket: { toggles: {} } } },
      { payload: '{', headers: { 'content-type': 'application/json' } },
      { payload: '{"__proto__":{"a":1}}', headers: { 'content-type': 'application/json' } },
      { payload: 'x', headers: { 'content-type': 'text/plain' } },
      { payload: 'x', headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } },
      { payload: 'x'.repeat(2_000_000), headers: { 'content-type': 'application/json' } },
      {},
    ]
    for (const path of ['register', 'metrics']) {
      for (const body of bodies) {
        const { statusCode, body: answer } = await ask(`${id}/client/${path}`, { method: 'POST', ...body })
        expect([statusCode, answer], JSON.stringify(body.headers)).toEqual([202, ''])
      }
    }
    const wrong = { 'unleash-instanceid': 'wrong', 'content-type': 'application/json' }
    const refused = await ask(`${id}/client/metrics`, { method: 'POST', payload: '{', headers: wrong })
    expect([refused.statusCode, refused.json()]).toEqual([401, { message: '401 Unauthorized', code: 'unauthorized' }])
  })

  it('is answered 401 only for a credential that the store does not know, and as for a project that is not there', async () => {
    const { ask, id, admin, secret } = await withProject()
    const none = { 'unleash-instanceid': '' }
    const known = await ask(`${id}/client/features`, { headers: { ...none, authorization: secret } })
    expect(known.statusCode).toBe(200)
    for (const headers of [none, { 'unleash-instanceid': 'glffct-no' }, { ...none, 'private-token': admin }]) {
      const { statusCode, body } = await ask(`${id}/client/features`, { headers })
      expect([statusCode, JSON.parse(body)]).toEqual([401, { message: '401 Unauthorized', code: 'unauthorized' }])
    }
    expect((await ask('999999/client/features')).statusCode).toBe(401)
  })

  it('with an instance ID of an environment may call itself as it likes', async () => {
    const { ask, id, projects } = await withProject()
    const by = { author: 'test', source: 'code' }
    const { secret } = await projects.addInstanceId(id, { name: 'staging', environment: 'staging' }, by)
    const scopes = [{ environmentScope: 'staging' }]
    await projects.createFlag(id, { name: 'seen', strategies: [{ name: 'default', parameters: {}, scopes }] }, by)
    const headers = { 'unleash-instanceid': secret, 'unleash-appname': 'billing' }
    expect((await ask(`${id}/client/features`, { headers })).json().features).toMatchObject([{ name: 'seen' }])
    expect((await ask(`${id}/client/features`)).json().features).toEqual([])
  })

  it('has no line of the log for each of its questions', async () => {
    const { ask, id, log } = await withProject()
    await ask(`${id}/client/features`)
    expect(log.filter(({ level, message }) => level === 'info' && message === 'http')).toEqual([])
  })
})
