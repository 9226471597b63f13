// What Unleash SDKs get from the server, called in process.
import { gunzipSync } from 'node:zlib'
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

describe('a poll of an SDK', () => {
  const by = { author: 'test', source: 'code' }
  const everywhere = [{ name: 'default', parameters: {}, scopes: [{ environmentScope: '*' }] }] as const

  it('is answered with the new flags as soon as a change is answered, and with 304 in each form of the tag', async () => {
    const { ask, id, projects } = await withProject()
    const before = await ask(`${id}/client/features`)
    const tag = String(before.headers['etag'])
    const bare = tag.slice(1, -1)
    const forms = [tag, `W/${tag}`, `"${bare}-gzip"`, `"${bare};gzip"`, `"x", W/"y", ${tag}`, '*', bare]
    for (const form of forms) {
      const { statusCode, headers, body } = await ask(`${id}/client/features`, { headers: { 'if-none-match': form } })
      expect([statusCode, headers['etag'], headers['content-length'], body], form).toEqual([304, tag, undefined, ''])
    }
    const long = `"${'x'.repeat(8_192)}", ${tag}`
    expect((await ask(`${id}/client/features`, { headers: { 'if-none-match': long } })).statusCode).toBe(200)
    await projects.createFlag(id, { name: 'seen', strategies: everywhere }, by)
    const after = await ask(`${id}/client/features`, { headers: { 'if-none-match': tag } })
    expect([after.statusCode, after.json().features]).toEqual([
      200,
      [{ name: 'seen', enabled: true, strategies: [{ name: 'default', parameters: {} }] }],
    ])
    expect(after.headers['etag']).not.toBe(tag)
  })

  it('has the headers that gateways and caches need, and none for pages of other origins', async () => {
    const { ask, id } = await withProject()
    const { headers } = await ask(`${id}/client/features`, { headers: { origin: 'https://example.com' } })
    expect(headers).toMatchObject({
      'cache-control': 'private, no-cache',
      vary: 'Unleash-AppName, Unleash-InstanceID, Authorization, Accept-Encoding',
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
    })
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  it('is compressed for an SDK that takes gzip, under the same tag', async () => {
    const { ask, id, projects } = await withProject()
    for (let index = 0; index < 30; index++) {
      await projects.createFlag(id, { name: `flag-${index}`, strategies: everywhere }, by)
    }
    const plain = await ask(`${id}/client/features`)
    const zipped = await ask(`${id}/client/features`, { headers: { 'accept-encoding': 'gzip, deflate' } })
    expect(zipped.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(zipped.rawPayload)).toEqual(plain.rawPayload)
    expect(zipped.headers['etag']).toBe(plain.headers['etag'])
    const refusing = await ask(`${id}/client/features`, { headers: { 'accept-encoding': 'gzip;q=0, br' } })
    expect([refusing.headers['content-encoding'], refusing.rawPayload]).toEqual([undefined, plain.rawPayload])
  })

  it('without an application name has no flags', async () => {
    const { ask, id, projects } = await withProject()
    await projects.createFlag(id, { name: 'seen', strategies: everywhere }, by)
    const { statusCode, json } = await ask(`${id}/client/features`, { headers: { 'unleash-appname': '' } })
    expect([statusCode, json().features]).toEqual([200, []])
  })

  it('is refused when its instance ID is retired or its project is gone, and served while flags are switched off', async () => {
    const { ask, id, projects } = await withProject()
    await projects.changeSettings(id, { access: 'disabled' }, by)
    expect((await ask(`${id}/client/features`)).statusCode).toBe(200)
    const { secret, id: number } = await projects.addInstanceId(id, { name: 'second', environment: null }, by)
    const status = async () =>
      (await ask(`${id}/client/features`, { headers: { 'unleash-instanceid': secret } })).statusCode
    expect(await status()).toBe(200)
    await projects.retireInstanceId(id, number, by, true)
    expect(await status()).toBe(401)
    await projects.deleteProject(await projects.project(String(id)), by, true)
    expect((await ask(`${id}/client/features`)).statusCode).toBe(401)
  })

  it('is counted by status in the metrics, without a name of a project', async () => {
    const { app, ask, id } = await withProject()
    const first = await ask(`${id}/client/features`)
    await ask('group%2Fshop', { headers: { 'if-none-match': String(first.headers['etag']) } })
    await ask(`${id}/features`, { headers: { 'unleash-instanceid': 'wrong' } })
    const { body } = await app.inject('/-/metrics')
    const lines = body.split('\n').filter((line) => line.startsWith('sluice_sdk_polls_total{'))
    expect(lines.sort()).toEqual([
      'sluice_sdk_polls_total{status="200"} 1',
      'sluice_sdk_polls_total{status="304"} 1',
      'sluice_sdk_polls_total{status="401"} 1',
    ])
    expect(body).not.toContain('shop')
    expect(body).not.toContain('feature_flags/unleash')
  })
})
