// Where people may sign in from: over HTTPS at the host of publicUrl, and on the machine itself.
import type { InjectOptions } from 'fastify'
import { describe, expect, it } from 'vitest'
import { signIn } from '../../support/signed-in.js'
import { sessionUrl, startSignInApp } from './app.js'

const publicUrl = 'https://flags.example.com'
const server = { trustedProxies: ['10.0.0.9'] }

interface Way {
  readonly from: string
  readonly headers: Readonly<Record<string, string>>
}

/** Through the proxy that is trusted. */
const proxied = (headers: Record<string, string> = {}): Way => ({
  from: '10.0.0.9',
  headers: { host: 'flags.example.com', 'x-forwarded-for': '203.0.113.5', 'x-forwarded-proto': 'https', ...headers },
})

function post(app: Awaited<ReturnType<typeof startSignInApp>>, token: string, { from, headers }: Way) {
  return app.ask({ method: 'POST', url: sessionUrl, payload: { token }, headers: { ...headers }, remoteAddress: from })
}

describe('behind a proxy that ends TLS', () => {
  it('a cookie is for HTTPS and this host alone, and counts there', async () => {
    const app = await startSignInApp({ feature: { publicUrl, server } })
    const { token } = await app.tokenWith('admin')
    const { headers, from: remoteAddress } = proxied()
    const rest: InjectOptions = { headers: { ...headers }, remoteAddress }
    const { cookie, setCookie } = await signIn(app.app, { token }, rest)
    expect(setCookie).toMatch(/^__Host-sluice=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Strict$/)
    const look = (given: Way) =>
      app.ask({ url: sessionUrl, headers: { ...given.headers, cookie }, remoteAddress: given.from })
    expect((await look(proxied())).status).toBe(200)
    expect((await look(proxied({ 'x-forwarded-proto': 'http' }))).status).toBe(401)
    expect((await look({ from: '127.0.0.1', headers: { host: 'localhost:4242' } })).status).toBe(401)
  })

  const ways: readonly [string, number, Way][] = [
    ['the proxy, over HTTPS', 200, proxied()],
    ['the proxy, which passes its own host on', 200, proxied({ host: '127.0.0.1:4242' })],
    ['the proxy, with a port', 200, proxied({ host: 'Flags.Example.Com:443' })],
    ['a proxy on this machine', 200, { from: '127.0.0.1', headers: { host: 'flags.example.com' } }],
    ['this machine', 200, { from: '127.0.0.1', headers: { host: 'localhost:4242' } }],
    ['the proxy, which was asked over plain HTTP', 403, proxied({ 'x-forwarded-proto': 'http' })],
    ['the proxy, with two protocols', 403, proxied({ 'x-forwarded-proto': 'https, http' })],
    ['another machine, which says that it is a proxy', 403, { ...proxied(), from: '10.0.0.8' }],
    ['another machine, directly', 403, { from: '10.0.0.8', headers: { host: 'flags.example.com' } }],
    ['another machine, which names this one', 403, { from: '10.0.0.8', headers: { host: 'localhost' } }],
    ['a foreign host', 421, proxied({ host: 'evil.example' })],
    ['a host that ends the same', 421, proxied({ host: 'notflags.example.com' })],
    ['a host below', 421, proxied({ host: 'a.flags.example.com' })],
  ]
  it('people may sign in through it and on the machine itself, and not over plain HTTP or under another host', async () => {
    const app = await startSignInApp({ feature: { publicUrl, server } })
    const { token } = await app.tokenWith('admin')
    const codes: Readonly<Record<number, string>> = { 403: 'tls_needed', 421: 'misdirected_request' }
    for (const [name, status, way] of ways) {
      const answer = await post(app, token, way)
      const code = Reflect.get(Object(answer.body), 'code')
      expect([name, answer.status, code]).toEqual([name, status, codes[status]])
    }
  })

  it('counts guesses for the address behind the proxy', async () => {
    const app = await startSignInApp({ feature: { publicUrl, server }, rateLimits: { failures: 1 } })
    const from = (address: string) => proxied({ 'x-forwarded-for': address })
    expect((await post(app, 'wrong', from('203.0.113.5'))).status).toBe(401)
    expect((await post(app, 'wrong', from('203.0.113.5'))).status).toBe(429)
    expect((await post(app, 'wrong', from('203.0.113.6'))).status).toBe(401)
  })
})

describe('without publicUrl', () => {
  const ways: readonly [string, number, Way][] = [
    ['this machine', 200, { from: '127.0.0.1', headers: { host: 'localhost:4242' } }],
    ['this machine, over IPv6', 200, { from: '::1', headers: { host: '[::1]:4242' } }],
    ['this machine, by a name below localhost', 200, { from: '127.0.0.1', headers: { host: 'flags.localhost' } }],
    ['another machine', 421, { from: '10.0.0.8', headers: { host: '10.0.0.1:4242' } }],
    ['another machine, which names this one', 403, { from: '10.0.0.8', headers: { host: 'localhost' } }],
    [
      'a proxy on this machine that is not trusted',
      403,
      { from: '127.0.0.1', headers: { host: 'localhost', 'x-forwarded-for': '203.0.113.5' } },
    ],
    ['a page whose name leads here', 421, { from: '127.0.0.1', headers: { host: 'evil.example:4242' } }],
  ]
  it('people may sign in on the machine itself alone', async () => {
    const app = await startSignInApp()
    const { token } = await app.tokenWith('admin')
    for (const [name, status, way] of ways) {
      expect([name, (await post(app, token, way)).status]).toEqual([name, status])
    }
  })

  it('a sign-in counts in no request that came over plain HTTP from outside', async () => {
    const app = await startSignInApp()
    const { token } = await app.tokenWith('admin')
    const { cookie } = await signIn(app.app, { token })
    const outside = { remoteAddress: '10.0.0.8', headers: { cookie, host: 'localhost' } }
    for (const url of [sessionUrl, '/api/web/flags', '/api/v4/features'])
      expect([url, (await app.ask({ url, ...outside })).status]).toEqual([url, 401])
    expect((await app.ask({ url: '/api/web/boot', ...outside })).body).toMatchObject({ signed_in: false })
  })

  it('no page is answered under a foreign host, whatever it asks', async () => {
    const app = await startSignInApp()
    const { token } = await app.tokenWith('admin')
    const { cookie } = await signIn(app.app, { token })
    for (const url of [sessionUrl, '/api/web/flags']) {
      const answer = await app.ask({ url, headers: { cookie, host: 'evil.example' } })
      expect(answer).toMatchObject({ status: 421, body: { code: 'misdirected_request' } })
    }
  })

  it('publicUrl over plain HTTP lets no one in from outside', async () => {
    const app = await startSignInApp({ feature: { publicUrl: 'http://flags.internal:4242' } })
    const { token } = await app.tokenWith('admin')
    const answer = await post(app, token, { from: '10.0.0.8', headers: { host: 'flags.internal:4242' } })
    expect(answer).toMatchObject({ status: 403, body: { code: 'tls_needed' } })
  })
})
