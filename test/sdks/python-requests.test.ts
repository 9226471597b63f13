// The requests of Unleash's SDK for Python, 6.8 and 5.12, as they are on the wire. That SDK is on no registry of npm or Debian, so what it
// sends is written down here: headers, queries and bodies to the letter. It wants 200 or 304, and 202 for its reports.
import { type IncomingHttpHeaders, request } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { countsIn } from '../../lib/unleash/metrics.js'
import { allUsers, type ListeningServer, makeSdkProject, type SdkProject, startListening } from './server.js'

interface Wire {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Of the library `requests`; it adds nothing beside a length and a host. */
const requests = {
  'User-Agent': 'python-requests/2.32.3',
  'Accept-Encoding': 'gzip, deflate',
  Accept: '*/*',
  Connection: 'keep-alive',
}

interface Version {
  readonly version: string
  readonly poll: (instanceId: string) => Readonly<Record<string, string>>
  readonly report: (instanceId: string) => Readonly<Record<string, string>>
  readonly metrics: (instanceId: string) => Readonly<Record<string, string>>
  /** As `json.dumps` writes it, with a blank after each comma and colon. */
  readonly registration: (instanceId: string) => string
  readonly counts: (instanceId: string, atMs: number) => string
}

const strategies =
  '["applicationHostname", "default", "gradualRolloutRandom", "gradualRolloutSessionId", "gradualRolloutUserId", "remoteAddress", "userWithId", "flexibleRollout"]'
const toggles = '{"new_layout": {"yes": 3, "no": 1, "variants": {}}}'
const connectionId = '6f0c2a1e-8d2b-4c6e-9f5a-2f1f7f0f3b11'
const platform = '"platformName": "CPython", "platformVersion": "3.11.7"'

/** From 6.4 on every request has the instance ID in a header. */
const base = (instanceId: string) => ({
  ...requests,
  'Content-Type': 'application/json',
  'Unleash-Client-Spec': '6.1.0',
  'unleash-connection-id': connectionId,
  'unleash-sdk': 'unleash-python-sdk:6.8.0',
  'unleash-appname': 'production',
  'unleash-instanceid': instanceId,
})

/** In 5 reports have no header of Unleash's but this: the instance ID is in the body alone. */
const bare = () => ({ ...requests, 'Content-Type': 'application/json', 'Unleash-Client-Spec': '5.1.0' })

const versions: readonly Version[] = [
  {
    version: '6.8',
    poll: (id) => {
      const { 'unleash-appname': app, 'unleash-instanceid': _, ...rest } = base(id)
      return { ...rest, 'unleash-interval': '15000', 'UNLEASH-APPNAME': app, 'UNLEASH-INSTANCEID': id }
    },
    report: base,
    metrics: (id) => ({ ...base(id), 'unleash-interval': '60000' }),
    registration: (id) =>
      `{"appName": "production", "instanceId": "${id}", "connectionId": "${connectionId}", "sdkVersion": "unleash-python-sdk:6.8.0", "strategies": ${strategies}, "started": "2026-11-26T12:00:00.123456+00:00", "interval": 60, ${platform}, "yggdrasilVersion": "0.21.5", "specVersion": "6.1.0"}`,
    counts: (id, atMs) =>
      `{"appName": "production", "instanceId": "${id}", "connectionId": "${connectionId}", "bucket": {"start": "${isoNanoseconds(atMs - 60_000)}", "stop": "${isoNanoseconds(atMs)}", "toggles": ${toggles}}, ${platform}, "yggdrasilVersion": "0.21.5", "specVersion": "6.1.0"}`,
  },
  {
    version: '5.12',
    poll: (id) => ({ ...bare(), 'UNLEASH-APPNAME': 'production', 'UNLEASH-INSTANCEID': id }),
    report: bare,
    metrics: bare,
    registration: (id) =>
      `{"appName": "production", "instanceId": "${id}", "sdkVersion": "unleash-client-python:5.12.0", "strategies": ${strategies}, "started": "2026-11-26T12:00:00.123456+00:00", "interval": 60, ${platform}, "yggdrasilVersion": null, "specVersion": "5.1.0"}`,
    counts: (id, atMs) =>
      `{"appName": "production", "instanceId": "${id}", "bucket": {"start": "${isoOffset(atMs - 60_000)}", "stop": "${isoOffset(atMs)}", "toggles": ${toggles}}, ${platform}, "yggdrasilVersion": null, "specVersion": "5.1.0"}`,
  },
]

/** As Rust writes a time. */
function isoNanoseconds(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '456789Z')
}

/** As Python writes one. */
function isoOffset(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '456+00:00')
}

let server: ListeningServer
let project: SdkProject
beforeAll(async () => {
  server = await startListening({ databaseUrl: 'memory' })
  project = await makeSdkProject(server, 'group/shop')
  await server.rest('POST', `/projects/${project.id}/feature_flags`, { name: 'new_layout', strategies: [allUsers] })
})
afterAll(() => server.close())

/** Sends exactly these headers. */
function send(
  url: string,
  method: 'GET' | 'POST',
  headers: Readonly<Record<string, string>>,
  body = '',
): Promise<Wire> {
  const length = method === 'POST' ? { 'Content-Length': String(Buffer.byteLength(body)) } : {}
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers: { ...headers, ...length }, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }))
    })
    asked.on('error', reject).end(body)
  })
}

describe.each(versions)('the Python SDK $version', ({ poll, report, metrics, registration, counts }) => {
  it('has its flags, and 304 with the tag that it was given', async () => {
    const { apiUrl, instanceId } = project
    const first = await send(`${apiUrl}/client/features`, 'GET', poll(instanceId))
    expect(first.status).toBe(200)
    expect(JSON.parse(first.body)).toEqual({
      version: 1,
      features: [{ name: 'new_layout', enabled: true, strategies: [{ name: 'default', parameters: {} }] }],
    })
    const tag = String(first.headers['etag'])
    expect(tag).toMatch(/^"[^"]+"$/)
    const again = await send(`${apiUrl}/client/features`, 'GET', { ...poll(instanceId), 'If-None-Match': tag })
    expect([again.status, again.body, again.headers['etag']]).toEqual([304, '', tag])
    // `project_name` of an application: the project is in the address already.
    const named = await send(`${apiUrl}/client/features?project=default`, 'GET', poll(instanceId))
    expect([named.status, named.body]).toEqual([200, first.body])
  })

  it('has its registration and its counts taken', async () => {
    const { apiUrl, instanceId } = project
    const nowMs = Date.now()
    const sent = [
      [`${apiUrl}/client/register`, report(instanceId), registration(instanceId)],
      [`${apiUrl}/client/metrics`, metrics(instanceId), counts(instanceId, nowMs)],
    ] as const
    for (const [url, headers, body] of sent) {
      const { status, body: answer } = await send(url, 'POST', headers, body)
      expect([status, answer], url).toEqual([202, ''])
    }
    const read = countsIn(JSON.parse(counts(instanceId, nowMs)), nowMs)
    expect(read).toMatchObject({ counts: [{ flag: 'new_layout', yes: 3, no: 1 }], dropped: {} })
  })

  it('is told that its instance ID is wrong', async () => {
    const { apiUrl } = project
    expect((await send(`${apiUrl}/client/features`, 'GET', poll('glffct-wrong'))).status).toBe(401)
    const { status } = await send(
      `${apiUrl}/client/register`,
      'POST',
      report('glffct-wrong'),
      registration('glffct-wrong'),
    )
    expect(status).toBe(401)
  })
})
