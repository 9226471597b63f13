// The hosts that the server answers to.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { ServerLimits } from '../../../lib/config/options.js'
import { listen } from '../../../lib/server/port.js'
import { request, talk } from '../http.js'
import { openApp, readAnswer, startApp } from '../support.js'

const path = '/api/v4/features/definitions'

async function startOn(host: string, server: Partial<ServerLimits> = {}, publicUrl?: string) {
  const test = await openOn(host, server, publicUrl)
  onTestFinished(() => test.close())
  return test
}

async function openOn(host: string, server: Partial<ServerLimits> = {}, publicUrl?: string) {
  const test = await openApp({ feature: { server, ...(publicUrl === undefined ? {} : { publicUrl }) } })
  const url = await listen(test.app, host, { number: 0, orNext: false })
  const port = Number(new URL(url).port)
  const headers = `private-token: ${test.admin}\r\n`
  const from = { host: host === '0.0.0.0' ? '127.0.0.1' : host }
  const ask = async (name: string, target = path) =>
    (await talk(port, request(target, { host: name, headers, last: true }), from))[0]
  return { ...test, port, ask, from }
}

describe('a server on a loopback address alone', () => {
  let shared: Awaited<ReturnType<typeof openOn>>
  beforeAll(async () => {
    shared = await openOn('127.0.0.1')
  })
  afterAll(() => shared.close())

  it.each([
    'localhost',
    'LOCALHOST',
    'localhost.',
    'app.localhost',
    '127.0.0.1',
    '127.0.0.1:4242',
    '127.8.9.1',
    '[::1]',
    '[::1]:80',
    '[0:0::1]:1',
    '[::ffff:127.0.0.1]',
    'localhost:9',
    'localhost:',
  ])('answers a request to the host %s', async (host) => {
    const { ask } = shared

    expect(await ask(host)).toMatchObject({ status: 200 })
  })

  it.each([
    'evil.example',
    'evil.example:4242',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil.example.',
    '10.0.0.1',
    '0.0.0.0',
    '[::2]',
    '',
    'x',
    'localhost@evil.example',
    'evil.example@localhost',
    'localhost, evil.example',
    'localhost:4242:1',
    '[::1',
    '127.1',
    'xn--localhost',
  ])('refuses a request to the host "%s", at every address', async (host) => {
    const { ask } = shared

    for (const target of [path, '/nothing', '/%zz', '/api/v4/openapi.json', '/-/metrics']) {
      const answer = await ask(host, target)
      expect(answer?.status, target).toBe(421)
      expect(JSON.parse(answer?.body ?? '')).toMatchObject({ code: 'misdirected_request' })
    }
  })

  it('believes the host of a whole URL as the target, not the header alone', async () => {
    const { ask } = shared

    expect(await ask('localhost', `http://evil.example${path}`)).toMatchObject({ status: 421 })
    expect(await ask('localhost', `HTTP://localhost@evil.example${path}`)).toMatchObject({ status: 421 })
    expect(await ask('evil.example', `http://localhost${path}`)).toMatchObject({ status: 421 })
    expect(await ask('localhost', `http://localhost:80${path}`)).toMatchObject({ status: 200 })
  })

  it('refuses a second host header that is foreign, and answers HTTP/1.0 without any', async () => {
    const { port } = shared

    const [twice] = await talk(port, request('/-/liveness', { headers: 'host: evil.example\r\n', last: true }))
    const [none] = await talk(port, 'GET /-/liveness HTTP/1.0\r\n\r\n')
    const [head] = await talk(port, request('/-/liveness', { method: 'OPTIONS', host: 'evil.example', last: true }))

    expect([twice?.status, none?.status, head?.status]).toEqual([421, 200, 421])
  })

  it('answers to the names that the configuration lists, without a look at their case or port', async () => {
    const { ask } = await startOn('127.0.0.1', { hosts: ['Flags.example.com', '10.0.0.7', '[fd00::7]'] })

    for (const host of ['flags.example.com', 'FLAGS.example.com.:443', '10.0.0.7:80', '[fd00::7]']) {
      expect((await ask(host))?.status, host).toBe(200)
    }
    expect(await ask('example.com')).toMatchObject({ status: 421 })
    expect(await ask('a.flags.example.com')).toMatchObject({ status: 421 })
  })

  it('answers to the name that people open, as a proxy on the same machine passes it on', async () => {
    const { ask } = await startOn('127.0.0.1', {}, 'https://Flags.example.com:8443')

    expect(await ask('flags.example.com')).toMatchObject({ status: 200 })
    expect(await ask('example.com')).toMatchObject({ status: 421 })
  })

  it('is found at every address of localhost, with bounds that count for all of them together', async () => {
    const { ask, port } = await startOn('localhost', { requestsPerMinute: 1 })

    const one = await talk(port, request('/nothing', { last: true }), { host: '127.0.0.1' })

    expect(one[0]?.status).toBe(404)
    expect(await ask('evil.example')).toMatchObject({ status: 421 })
  })
})

describe('a server that other machines may reach', () => {
  it('answers whatever host is named, as it cannot know its own names', async () => {
    const { ask } = await startOn('0.0.0.0')

    expect(await ask('flags.example.com')).toMatchObject({ status: 200 })
  })
})

describe('an app that does not listen', () => {
  it('checks no host', async () => {
    const { app } = await startApp()

    expect(await readAnswer(app, { url: '/-/liveness', headers: { host: 'x' } })).toMatchObject({ status: 200 })
  })
})
