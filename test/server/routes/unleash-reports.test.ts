// What SDKs report over HTTP, and what people see of it: clients, counts, warnings and metrics.
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { InjectOptions } from 'fastify'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { FeatureOptions } from '../../../lib/config/options.js'
import { silentLogger } from '../../../lib/log.js'
import { SdkReports } from '../../../lib/project-flags/reports/reports.js'
import { buildApp } from '../../../lib/server/app.js'
import type { TokenScope } from '../../../lib/store/token-scope.js'
import { createToken } from '../../../lib/tokens/tokens.js'
import { readAnswer, startApp } from '../support.js'

const by = { author: 'test', source: 'code' }

async function withProject(feature: FeatureOptions = {}) {
  const app = await startApp({ feature })
  const projects = await app.instance.projects()
  const { id } = await projects.createProject({ path: 'group/shop', name: 'shop' }, by)
  await projects.createFlag(id, { name: 'new_layout' }, by)
  const [first] = await projects.instanceIds(id)
  const secret = first?.secret ?? ''
  const send = (kind: 'register' | 'metrics', rest: InjectOptions = {}) =>
    app.app.inject({
      method: 'POST',
      url: `/api/v4/feature_flags/unleash/${id}/client/${kind}`,
      ...rest,
      headers: { 'unleash-instanceid': secret, 'unleash-appname': 'production', ...rest.headers },
    })
  const poll = (rest: InjectOptions = {}) =>
    app.app.inject({
      url: `/api/v4/feature_flags/unleash/${id}/client/features`,
      ...rest,
      headers: { 'unleash-instanceid': secret, 'unleash-appname': 'production', ...rest.headers },
    })
  const metric = async (name: string) => {
    const { body } = await app.call('GET', '/-/metrics')
    return [...String(body).matchAll(new RegExp(`^${name}(\\{.*\\})? (\\S+)$`, 'gm'))].map(
      ([, labels = '', value]) => `${labels} ${value}`,
    )
  }
  return { ...app, projects, id, secret, send, poll, metric }
}

const counted = (toggles: unknown, more = {}) => ({
  appName: 'production',
  instanceId: 'host-1',
  bucket: { start: new Date().toISOString(), stop: new Date().toISOString(), toggles },
  ...more,
})

describe('a report of an SDK', () => {
  it('is in the clients and counts of its project when the server has written it down', async () => {
    const { send, poll, app, instance, id, admin } = await withProject()
    const sdk = { 'unleash-sdk': 'unleash-node-sdk:6.12.1', 'unleash-connection-id': 'one' }
    await poll({ headers: { ...sdk, 'unleash-interval': '15000', 'unleash-client-spec': '5.2.0' } })
    const registered = await send('register', { headers: sdk, payload: { sdkVersion: 'unleash-client-node:6.12.1' } })
    expect([registered.statusCode, registered.body]).toEqual([202, ''])
    await send('metrics', {
      headers: sdk,
      payload: counted({ new_layout: { yes: 3, no: 1 }, absent: { yes: 1, no: 1 } }),
    })
    const two = { ...sdk, 'unleash-connection-id': 'two' }
    await send('metrics', { headers: two, payload: counted({ new_layout: { yes: 1, no: 0 } }) })
    await app.close()

    const next = await buildApp({ instance, logger: silentLogger })
    const look = async (path: string) => {
      const url = `/api/v4/projects/${id}/${path}`
      return (await readAnswer(next, { url, headers: { 'private-token': admin } })).body
    }
    expect(await look('clients')).toEqual([
      {
        environment: 'production',
        app_name: 'production',
        sdk: 'unleash-node-sdk:6.12.1',
        spec_version: '5.2.0',
        interval_ms: 15_000,
        instances: 2,
        first_seen_at: expect.stringMatching(/Z$/),
        last_seen_at: expect.stringMatching(/Z$/),
        last_polled_at: expect.stringMatching(/Z$/),
      },
    ])
    const hour = {
      flag: 'new_layout',
      environment: 'production',
      at: expect.stringMatching(/:00:00.000Z$/),
      yes: 4,
      no: 1,
    }
    expect(await look('counts')).toEqual([hour])
    expect(await look('counts?step=day&flag=new_layout')).toMatchObject([{ yes: 4, no: 1 }])
    expect(await look('counts?environment=staging')).toEqual([])
    expect(await look('counts?step=minute')).toMatchObject({ error: 'step does not have a valid value' })
    expect(await look('warnings')).toMatchObject([
      {
        kind: 'active_without_strategies',
        flags: ['new_layout'],
        message: expect.any(String),
        remedy: expect.any(String),
      },
    ])
    await next.close()
  })

  it('is not needed of one that reads a stream: it is seen each minute, until it goes away', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    const { app, projects, id, secret } = await withProject()
    await projects.changeSettings(id, { streaming: true }, by)
    const polled = vi.spyOn(SdkReports.prototype, 'polled')
    onTestFinished(() => polled.mockRestore())
    await app.listen({ port: 0, host: '127.0.0.1' })
    const away = new AbortController()
    const { body } = await fetch(`${app.listeningOrigin}/api/v4/feature_flags/unleash/${id}/client/streaming`, {
      headers: { 'unleash-instanceid': secret, 'unleash-appname': 'production' },
      signal: away.signal,
    })
    await body?.getReader().read()
    expect(polled).toHaveBeenCalledTimes(1)
    vi.advanceTimersByTime(120_000)
    expect(polled).toHaveBeenCalledTimes(3)
    away.abort()
    await vi.waitFor(() => {
      const before = polled.mock.calls.length
      vi.advanceTimersByTime(60_000)
      expect(polled).toHaveBeenCalledTimes(before)
    })
  })

  it('is shown to a token that may look at its project, and to no other', async () => {
    const { app, instance, projects, id } = await withProject()
    const { id: other } = await projects.createProject({ path: 'group/other', name: 'other' }, by)
    const status = async (scope: TokenScope, path: string) => {
      const { token } = await createToken(instance.tokens, { name: 'looker', scopes: [scope], expiresAt: null })
      const url = `/api/v4/projects/${path}`
      return (await readAnswer(app, { url, headers: { 'private-token': token } })).status
    }
    for (const path of ['clients', 'counts', 'warnings']) {
      expect(await status(`project:${id}:read`, `${id}/${path}`)).toBe(200)
      expect(await status(`project:${other}:maintain`, `${id}/${path}`)).toBe(404)
      expect(await status('read', `${id}/${path}`)).toBe(403)
    }
  })

  const million = `{"bucket":{"toggles":{${Array.from({ length: 1_000_000 }, (_, n) => `"f${n}":{"yes":1}`).join(',')}}}}`
  const json = { 'content-type': 'application/json' }
  const bodies: readonly (readonly [string, InjectOptions, string])[] = [
    ['with counts', { payload: counted({ new_layout: { yes: 1, no: 0 } }) }, 'taken'],
    ['without a body', {}, 'not_json'],
    ['of another type', { payload: JSON.stringify(counted({})), headers: { 'content-type': 'text/plain' } }, 'taken'],
    ['of a type that is none', { payload: '{}', headers: { 'content-type': '/' } }, 'taken'],
    ['that is no JSON', { payload: '{', headers: json }, 'not_json'],
    [
      'that is a form',
      { payload: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      'not_json',
    ],
    ['that is a list', { payload: '[1]', headers: json }, 'taken'],
    ['that is null', { payload: 'null', headers: json }, 'taken'],
    [
      'with __proto__',
      { payload: '{"__proto__":{"polluted":1},"bucket":{"toggles":{"__proto__":{"yes":1}}}}', headers: json },
      'taken',
    ],
    ['in gzip', { payload: gzipSync('{}'), headers: { ...json, 'content-encoding': 'gzip' } }, 'compressed'],
    ['of 10 MB', { payload: JSON.stringify({ x: 'x'.repeat(10_000_000) }), headers: json }, 'too_large'],
    ['of a million rows', { payload: million, headers: json }, 'too_large'],
    ['with a negative count', { payload: counted({ new_layout: { yes: -1, no: 0 } }) }, 'taken'],
    [
      'of the future',
      { payload: { bucket: { start: '2099-01-01', stop: '2099-01-02', toggles: { new_layout: { yes: 1 } } } } },
      'taken',
    ],
  ]
  it.each(bodies)('is taken %s, because after a refusal an SDK would never report again', async (_, body, fate) => {
    const { send, metric } = await withProject()
    for (const kind of ['register', 'metrics'] as const) {
      const { statusCode, body: answer } = await send(kind, { ...body })
      expect([statusCode, answer]).toEqual([202, ''])
    }
    expect(await metric('sluice_sdk_reports_total')).toEqual([
      `{result="taken"} ${fate === 'taken' ? 2 : 0}`,
      `{result="compressed"} ${fate === 'compressed' ? 2 : 0}`,
      `{result="too_large"} ${fate === 'too_large' ? 2 : 0}`,
      `{result="not_json"} ${fate === 'not_json' ? 2 : 0}`,
    ])
    expect(Reflect.get({}, 'polluted')).toBe(undefined)
  })

  it('is known by an instance ID in its body, and refused for a wrong one alone', async () => {
    const { send, secret, metric } = await withProject()
    const none = { 'unleash-instanceid': '' }
    const named = (instanceId: string) => ({
      headers: none,
      payload: counted({ new_layout: { yes: 1, no: 0 } }, { instanceId }),
    })
    expect((await send('metrics', named(secret))).statusCode).toBe(202)
    const wrong = await send('metrics', named('glffct-wrong'))
    expect([wrong.statusCode, wrong.json()]).toEqual([401, { message: '401 Unauthorized', code: 'unauthorized' }])
    const beside = await send('metrics', { headers: { 'unleash-instanceid': 'no' }, payload: { instanceId: secret } })
    expect(beside.statusCode).toBe(202)
    expect((await send('metrics', { headers: none, payload: '{' })).statusCode).toBe(401)
    expect(await metric('sluice_sdk_report_rows_waiting')).toEqual([' 1'])
  })

  it('without a known instance ID in a header is read to 256 kB and no further', async () => {
    const { app, id, secret } = await withProject()
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { port } = new URL(app.listeningOrigin)
    /** Sends the head and then as many bytes as the server takes; resolves with the first line of the answer. */
    const push = (head: string, bytes: number) =>
      new Promise<{ readonly status: string; readonly sent: number }>((resolve, reject) => {
        const path = `/api/v4/feature_flags/unleash/${id}/client/metrics`
        const socket = connect(Number(port), '127.0.0.1')
        let sent = 0
        socket.on('error', reject).once('data', (data) => {
          resolve({ status: data.toString().split('\r\n', 1)[0] ?? '', sent })
          socket.destroy()
        })
        socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${bytes}\r\n${head}\r\n`)
        const part = Buffer.alloc(65_536, 'x')
        const next = () => {
          if (socket.destroyed || sent >= bytes) return
          sent += part.length
          socket.write(part, next)
        }
        next()
      })
    const unknown = await push('', 163_840 * 65_536)
    expect(unknown.status).toBe('HTTP/1.1 401 Unauthorized')
    // What is beyond 256 kB waits in buffers of the system.
    expect(unknown.sent).toBeLessThan(50_000_000)
    const known = await push(`UNLEASH-INSTANCEID: ${secret}\r\n`, 160 * 65_536)
    expect([known.status, known.sent]).toEqual(['HTTP/1.1 202 Accepted', 160 * 65_536])
  })

  it('shows no secret, wherever an SDK puts it', async () => {
    const { send, secret, log, instance, app, id } = await withProject()
    const connection = `${secret}-1795000000`
    const headers = { 'unleash-appname': secret, 'unleash-sdk': secret, 'unleash-connection-id': connection }
    await send('metrics', { headers, payload: counted({ [secret]: { yes: 1, no: 1 } }, { connectionId: connection }) })
    await app.inject({ method: 'POST', url: `/api/v4/feature_flags/unleash/${id}/client/${secret}`, headers })
    const { body: metrics } = await app.inject({ url: '/-/metrics' })
    await app.close()
    const clients = await (await instance.reports()).clients(id)
    expect(clients).toHaveLength(1)
    for (const text of [JSON.stringify(clients), JSON.stringify(log), metrics]) expect(text).not.toContain(secret)
  })
})

describe('the limits of SDKs', () => {
  const forwarded = (ip: string) => ({ headers: { 'x-forwarded-for': ip } })

  it('are told with each answer, and refuse with 429 and Retry-After', async () => {
    const { send, poll } = await withProject({ server: { pollsPerMinute: 2, reportsPerMinute: 1 } })
    expect((await poll()).headers).toMatchObject({ 'ratelimit-limit': '2', 'ratelimit-remaining': '1' })
    expect((await send('metrics')).headers).toMatchObject({ 'ratelimit-limit': '1', 'ratelimit-remaining': '0' })
    expect((await poll()).statusCode).toBe(200)
    for (const refused of [await poll(), await send('register')]) {
      expect([refused.statusCode, refused.json()]).toEqual([429, expect.objectContaining({ code: 'rate_limited' })])
      expect(refused.headers).toMatchObject({
        'ratelimit-remaining': '0',
        'ratelimit-reset': expect.stringMatching(/^\d{10}$/),
        'retry-after': expect.stringMatching(/^\d+$/),
      })
    }
    expect((await poll({ remoteAddress: '10.0.0.2' })).statusCode).toBe(200)
  })

  it('are apart from the limit of the other routes', async () => {
    const { poll, send, call } = await withProject({ server: { requestsPerMinute: 3 } })
    for (let count = 0; count < 20; count++) {
      expect((await poll()).statusCode).toBe(200)
      expect((await send('metrics')).statusCode).toBe(202)
    }
    expect((await call('GET', '/api/v4/features')).status).toBe(200)
  })

  it('count the client behind a trusted proxy, and believe no other X-Forwarded-For', async () => {
    const { poll } = await withProject({ server: { pollsPerMinute: 1, trustedProxies: ['10.0.0.0/8'] } })
    const from = async (remoteAddress: string, ip: string) =>
      (await poll({ remoteAddress, ...forwarded(ip) })).statusCode
    expect([await from('10.0.0.1', '192.0.2.1'), await from('10.0.0.1', '192.0.2.2')]).toEqual([200, 200])
    expect(await from('10.0.0.9', '192.0.2.1')).toBe(429)
    expect([await from('203.0.113.1', '192.0.2.3'), await from('203.0.113.1', '192.0.2.4')]).toEqual([200, 429])
  })

  it('end the guessing of instance IDs from an address without a look, and let living IDs pass there', async () => {
    const { poll, send, instance } = await withProject({ server: { wrongInstanceIdsPerMinute: 2 } })
    const guess = { headers: { 'unleash-instanceid': 'glffct-wrong' } }
    expect((await poll()).statusCode).toBe(200)
    expect([(await poll(guess)).statusCode, (await send('metrics', guess)).statusCode]).toEqual([401, 401])
    let looks = 0
    const { directory } = await instance.servedProjects()
    const ask = directory.ask.bind(directory)
    directory.ask = async (...asked) => {
      looks += 1
      return ask(...asked)
    }
    expect([(await poll(guess)).statusCode, (await send('metrics', guess)).statusCode]).toEqual([429, 429])
    expect(looks).toBe(0)
    expect([(await poll()).statusCode, (await send('metrics')).statusCode]).toEqual([200, 202])
    expect((await poll({ ...guess, remoteAddress: '10.0.0.2' })).statusCode).toBe(401)
  })
})

describe('the metrics of SDKs', () => {
  it('count polls by status and dropped rows by reason, without a name of anything', async () => {
    const { poll, send, metric, call, id } = await withProject()
    const { headers } = await poll()
    await poll({ headers: { 'if-none-match': String(headers['etag']) } })
    await poll({ headers: { 'unleash-instanceid': 'glffct-wrong' } })
    await send('metrics', { payload: counted({ new_layout: { yes: 1, no: 0 }, bad: 7 }) })
    expect(await metric('sluice_sdk_polls_total')).toEqual(['{status="200"} 1', '{status="304"} 1', '{status="401"} 1'])
    expect(await metric('sluice_sdk_report_rows_dropped_total')).toContain('{reason="malformed"} 1')
    expect(await metric('sluice_sdk_report_flushes_total')).toEqual(['{result="done"} 0', '{result="failed"} 0'])
    expect(await metric('sluice_sdk_report_rows_waiting')).toEqual([' 1'])
    const { body } = await call('GET', '/-/metrics')
    for (const name of ['group/shop', 'new_layout', 'production', `unleash/${id}`]) expect(body).not.toContain(name)
  })
})
