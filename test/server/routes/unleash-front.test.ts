// A poll that is answered before Fastify sees it has the answer that its route would give: the same requests are sent over a real
// connection, and to the app in process, where Fastify gets all of them.
import { get } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { describe, expect, it } from 'vitest'
import { listenOn } from '../http.js'
import { startApp } from '../support.js'

const by = { author: 'test', source: 'code' }
/** Different from one answer to the next, or of the connection. */
const notCompared = ['connection', 'date', 'keep-alive', 'ratelimit-remaining', 'ratelimit-reset', 'x-request-id']

async function withProject(server: object = {}) {
  const app = await startApp({ feature: { server } })
  const projects = await app.instance.projects()
  const { id } = await projects.createProject({ path: 'group/shop', name: 'shop' }, by)
  // Enough for an answer that is worth zipping.
  for (let flag = 0; flag < 10; flag++) {
    const scopes = [{ environmentScope: flag % 2 === 0 ? '*' : 'staging' }]
    const given = {
      name: `flag_${flag}`,
      description: 'x'.repeat(250),
      strategies: [{ name: 'default', parameters: {}, scopes }],
    }
    await projects.createFlag(id, given, by)
  }
  const [first] = await projects.instanceIds(id)
  return { ...app, projects, id, secret: first?.secret ?? '', port: await listenOn(app.app) }
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** As an SDK sends it; a list of headers may name one twice. */
function overNetwork(
  port: number,
  path: string,
  headers: Readonly<Record<string, string | string[]>>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString('latin1')
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body })
      })
    }).on('error', reject)
  })
}

async function byRoute(app: FastifyInstance, url: string, headers: Record<string, string | string[]>): Promise<Answer> {
  const answered = await app.inject({ url, headers })
  return { status: answered.statusCode, headers: answered.headers, body: answered.rawPayload.toString('latin1') }
}

function compared({ status, headers, body }: Answer) {
  const kept = Object.entries(headers).filter(([name]) => !notCompared.includes(name))
  return { status, headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])), body }
}

const prefix = '/api/v4/feature_flags/unleash'

describe('a poll over a connection', () => {
  it('has the answer of its route, however it is written', async () => {
    const { app, id, secret, port } = await withProject()
    const known = { 'unleash-instanceid': secret, 'unleash-appname': 'production' }
    const { headers: first } = await byRoute(app, `${prefix}/${id}/client/features`, known)
    const etag = String(first['etag'])
    const paths = [
      ...[`/${id}`, `/${id}/`, `/${id}/features`, `/${id}/client/features`, `/${id}//client/features/`],
      ...[
        '/group%2Fshop/client/features',
        '/GROUP%2fshop/features',
        '/group%252Fshop',
        '/gr%6Fup%2Fshop',
        '/group/shop',
      ],
      ...[
        `/${id}/client/features?instance_id=${secret}`,
        `/${id}/client/features?`,
        `/${id}/client/delta`,
        `/${id}/delta`,
      ],
      ...['/999999/client/features', '/%', '/', '', `/${id}/client/features/x`, `/${id}/client/Features`],
    ]
    const requests: readonly (readonly [string, Record<string, string | string[]>])[] = [
      ...paths.map((path) => [path, known] as const),
      ...[
        { ...known, 'if-none-match': etag },
        { ...known, 'If-None-Match': `W/${etag}` },
        { ...known, 'if-none-match': `"other", ${etag}` },
        { ...known, 'if-none-match': '*' },
        { ...known, 'if-none-match': ['"other"', etag] },
        { ...known, 'if-none-match': '"stream"' },
        { ...known, 'accept-encoding': 'gzip, deflate' },
        { ...known, 'accept-encoding': 'gzip;q=0' },
        { ...known, 'accept-encoding': ['br', 'gzip'] },
        { 'UNLEASH-INSTANCEID': secret, 'UNLEASH-APPNAME': 'staging' },
        { instance_id: secret, app_name: 'staging' },
        { authorization: secret, 'unleash-appname': ['staging', 'production'] },
        { authorization: `Bearer ${secret}` },
        { 'unleash-instanceid': ['wrong', secret], 'unleash-appname': 'staging' },
        { 'unleash-instanceid': 'wrong' },
        { 'private-token': secret },
        { ...known, 'unleash-sdk': 'unleash-node-sdk:6.12.1', 'x-forwarded-for': '10.1.1.1' },
        {},
      ].map((headers) => [`/${id}/client/features`, headers] as const),
      ...['"1"', '"0"', '"99"', 'x', '1'].map(
        (tag) => [`/${id}/client/delta`, { ...known, 'if-none-match': tag }] as const,
      ),
    ]
    for (const [path, headers] of requests) {
      const answers = [await overNetwork(port, prefix + path, headers), await byRoute(app, prefix + path, headers)]
      const [network, route] = answers.map(compared)
      expect(network, `${path} ${JSON.stringify(headers)}`).toEqual(route)
    }
  })

  it('and one that its route answers are counted together, and for the address that a believed proxy names', async () => {
    const { id, secret, port } = await withProject({ trustedProxies: ['127.0.0.1'], pollsPerMinute: 3 })
    const left = async (headers: Record<string, string>, query = '') => {
      const all = { 'unleash-instanceid': secret, ...headers }
      const { status, headers: told } = await overNetwork(port, `${prefix}/${id}/client/features${query}`, all)
      return [status, told['ratelimit-remaining']]
    }
    const first = { 'x-forwarded-for': '192.0.2.1' }
    expect(await left(first)).toEqual([200, '2'])
    expect(await left(first, '?a=b')).toEqual([200, '1'])
    expect(await left({ 'x-forwarded-for': '198.51.100.7, 192.0.2.1' })).toEqual([200, '0'])
    expect(await left(first)).toEqual([429, '0'])
    expect(await left(first)).toEqual([429, '0'])
    expect(await left({ 'x-forwarded-for': '192.0.2.2' })).toEqual([200, '2'])
    expect(await left({})).toEqual([200, '2'])
  })
})
