// Signing in with a token or a code, and what ends a sign-in.
import { describe, expect, it } from 'vitest'
import { StoreUnavailable } from '../../../lib/errors.js'
import { newSecret } from '../../../lib/server/sign-in/sign-ins.js'
import { signIn } from '../../support/signed-in.js'
import { sessionUrl, startSignInApp } from './app.js'

const refused = { status: 401, body: { code: 'unauthorized' } }
type App = Awaited<ReturnType<typeof startSignInApp>>

const look = ({ ask }: App, cookie: string) => ask({ url: sessionUrl, headers: { cookie } })
const post = ({ ask }: App, payload: object, headers: Record<string, string> = {}) =>
  ask({ method: 'POST', url: sessionUrl, payload, headers })

async function codeFor({ instance }: App, person = 'cli:ann') {
  const { secret, idHash } = newSecret()
  await instance.signIns.create({ kind: 'code', idHash, tokenId: null, person, scopes: ['admin'] })
  return secret
}

describe('a person who signs in', () => {
  it('with a token is told who that is, gets a cookie that no script reads, and is known by it', async () => {
    const app = await startSignInApp()
    const { token } = await app.tokenWith('write', 'project:7:maintain')
    const { session, setCookie, cookie } = await signIn(app.app, { token })
    expect(session).toEqual({
      csrf: expect.stringMatching(/^[\w-]{43}$/),
      name: 'ann',
      role: 'write',
      scopes: ['write', 'project:7:maintain'],
      projects: [{ id: 7, right: 'maintain' }],
      expires_at: '2026-01-02T00:00:00.000Z',
    })
    expect(setCookie).toMatch(/^sluice-[0-9a-f]{8}=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/)
    expect(await look(app, cookie)).toMatchObject({ status: 200, body: session })
    expect((await app.ask({ url: '/api/v4/features', headers: { cookie } })).status).toBe(200)
  })

  it('may have it end with the browser', async () => {
    const app = await startSignInApp()
    const { token } = await app.tokenWith('read')
    const answer = await post(app, { token, stay: false })
    expect(String(answer.headers['set-cookie'])).not.toMatch(/max-age|expires/i)
  })

  it('with the code of a link is the person who asked for it', async () => {
    const app = await startSignInApp()
    const { session } = await signIn(app.app, { code: await codeFor(app) })
    expect(session).toMatchObject({ name: 'cli:ann', role: 'admin', projects: 'all' })
  })

  it('uses a code once, also in two browsers at once', async () => {
    const app = await startSignInApp()
    const code = await codeFor(app)
    const answers = await Promise.all([post(app, { code }), post(app, { code })])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401])
    expect((await post(app, { code })).status).toBe(401)
  })

  it('has ten minutes for a code', async () => {
    const app = await startSignInApp()
    const [good, old] = [await codeFor(app), await codeFor(app)]
    app.clock.ms += 599_999
    expect((await post(app, { code: good })).status).toBe(200)
    app.clock.ms += 1
    expect((await post(app, { code: old })).status).toBe(401)
  })

  it('is refused with anything else, and gets no cookie', async () => {
    const app = await startSignInApp({ rateLimits: { failures: 100 } })
    const wrong: readonly (readonly [object, number])[] = [
      [{ token: '' }, 401],
      [{ token: 'glpat-x' }, 401],
      [{ token: `slc-0123456789abcdef-${'x'.repeat(43)}` }, 401],
      [{ code: 'x'.repeat(43) }, 401],
      [{ code: 'x'.repeat(1_000_000) }, 401],
      [{}, 400],
      [{ token: 'a', code: 'b' }, 400],
      [{ token: null }, 400],
      [{ token: 7 }, 400],
      [{ token: ['a'] }, 400],
      [{ token: 'a', admin: true }, 400],
      [JSON.parse('{"token":"a","__proto__":{"stay":true}}'), 400],
    ]
    for (const [payload, status] of wrong) {
      const answer = await post(app, payload)
      expect([payload, answer.status]).toEqual([payload, status])
      expect(answer.headers['set-cookie']).toBeUndefined()
    }
    expect(Reflect.get({}, 'stay')).toBeUndefined()
  })

  it('is told the same of a token that is unknown, wrong, expired and revoked', async () => {
    const app = await startSignInApp()
    const wrong = await app.tokenWith('read')
    const revoked = await app.tokenWith('read')
    await app.instance.tokens.revoke(revoked.id)
    const texts = [
      `slc-0123456789abcdef-${'x'.repeat(43)}`,
      `${wrong.token.slice(0, -43)}${'x'.repeat(43)}`,
      revoked.token,
    ]
    const answers = []
    for (const token of texts) answers.push((await post(app, { token })).body)
    expect(new Set(answers.map((body) => JSON.stringify(body))).size).toBe(1)
  })

  it('is refused with a body of a type that a form of another site can send', async () => {
    const app = await startSignInApp()
    const payload = JSON.stringify({ token: (await app.tokenWith('admin')).token })
    for (const type of [
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/x-www-form-urlencoded',
      undefined,
    ]) {
      const headers = type === undefined ? {} : { 'content-type': type }
      expect((await app.ask({ method: 'POST', url: sessionUrl, payload, headers })).status).toBe(415)
    }
  })

  it('is refused from a page of another site, of the same site, and of an origin that is hidden or begins the same', async () => {
    const app = await startSignInApp()
    const { token } = await app.tokenWith('admin')
    const pages: readonly Record<string, string>[] = [
      { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'null' },
      { origin: 'http://localhost:81' },
      { origin: 'http://localhost:80.evil.example' },
    ]
    for (const headers of pages) {
      const answer = await post(app, { token }, { host: 'localhost:80', ...headers })
      expect(answer).toMatchObject({ status: 403, body: { code: 'csrf' } })
    }
    expect((await post(app, { token }, { host: 'localhost:80', origin: 'http://localhost:80' })).status).toBe(200)
  })

  it('leaves no secret in the log', async () => {
    const app = await startSignInApp()
    const { token } = await app.tokenWith('admin')
    const code = await codeFor(app)
    const { cookie } = await signIn(app.app, { token })
    await signIn(app.app, { code })
    await look(app, cookie)
    await post(app, { token: `${token}x`, note: cookie })
    const logged = JSON.stringify(app.log)
    for (const secret of [token.slice(-43), code, cookie.split('=')[1] ?? '']) expect(logged).not.toContain(secret)
    expect(app.log).toContainEqual(expect.objectContaining({ fields: expect.objectContaining({ token: 'ann' }) }))
  })
})

describe('guesses', () => {
  it('at signing in are bounded like wrong tokens, and shut no one out who is signed in', async () => {
    const app = await startSignInApp({ rateLimits: { failures: 3 } })
    const { token } = await app.tokenWith('admin')
    const { token: other } = await app.tokenWith('read')
    const { cookie } = await signIn(app.app, { token })
    for (let tries = 0; tries < 3; tries += 1) expect((await post(app, { code: `${tries}` })).status).toBe(401)
    const late = await post(app, { token: other })
    expect(late).toMatchObject({ status: 429, body: { code: 'rate_limited' }, headers: { 'retry-after': '60' } })
    app.clock.ms += 11_000
    expect((await look(app, cookie)).status).toBe(200)
    expect((await post(app, { token })).status).toBe(200)
    app.clock.ms += 60_000
    expect((await post(app, { token: other })).status).toBe(200)
  })

  it('of cookies are bounded too, and an old cookie is one of them only once', async () => {
    const app = await startSignInApp({ rateLimits: { failures: 2 } })
    const { token } = await app.tokenWith('admin')
    const { cookie } = await signIn(app.app, { token })
    const [name = ''] = cookie.split('=')
    const guessed = (letter: string) => `${name}=${letter.repeat(43)}`
    for (let times = 0; times < 5; times += 1) expect((await look(app, guessed('a'))).status).toBe(401)
    const before = app.asked.find
    expect((await look(app, guessed('b'))).status).toBe(401)
    expect((await look(app, guessed('c'))).status).toBe(429)
    expect(app.asked.find).toBe(before + 1)
    expect((await look(app, cookie)).status).toBe(200)
  })
})

describe('a sign-in', () => {
  it('ends by signing out, here', async () => {
    const app = await startSignInApp()
    const { token } = await app.tokenWith('admin')
    const [here, there] = [await signIn(app.app, { token }), await signIn(app.app, { token })]
    const out = await app.ask({ method: 'DELETE', url: sessionUrl, headers: here.headers })
    expect(out.status).toBe(204)
    expect(String(out.headers['set-cookie'])).toMatch(
      /^sluice-[0-9a-f]{8}=; Max-Age=0; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    expect(await look(app, here.cookie)).toMatchObject(refused)
    expect((await look(app, there.cookie)).status).toBe(200)
  })

  it('ends by signing out everywhere: all of the same token, or of the same person who came by links', async () => {
    const app = await startSignInApp()
    const { token } = await app.tokenWith('admin')
    const { token: other } = await app.tokenWith('admin')
    const [here, there, foreign] = [
      await signIn(app.app, { token }),
      await signIn(app.app, { token }),
      await signIn(app.app, { token: other }),
    ]
    const [linked, again] = [
      await signIn(app.app, { code: await codeFor(app) }),
      await signIn(app.app, { code: await codeFor(app) }),
    ]
    const url = `${sessionUrl}?everywhere=true`
    expect((await app.ask({ method: 'DELETE', url, headers: here.headers })).status).toBe(204)
    for (const { cookie } of [here, there]) expect(await look(app, cookie)).toMatchObject(refused)
    for (const { cookie } of [foreign, linked]) expect((await look(app, cookie)).status).toBe(200)
    expect((await app.ask({ method: 'DELETE', url, headers: linked.headers })).status).toBe(204)
    for (const { cookie } of [linked, again]) expect(await look(app, cookie)).toMatchObject(refused)
    expect((await look(app, foreign.cookie)).status).toBe(200)
  })

  it('ends at most ten seconds after it was ended at another server, or its token was revoked', async () => {
    const clock = { ms: Date.parse('2026-01-01T12:00:00Z') }
    const one = await startSignInApp({ clock })
    const other = await startSignInApp({ clock, store: one.store })
    const { id, token } = await one.tokenWith('admin')
    const [first, second] = [await signIn(one.app, { token }), await signIn(one.app, { token })]
    for (const { cookie } of [first, second]) expect((await look(other, cookie)).status).toBe(200)
    await one.ask({ method: 'DELETE', url: sessionUrl, headers: first.headers })
    clock.ms += 9_999
    expect((await look(other, first.cookie)).status).toBe(200)
    clock.ms += 1
    expect(await look(other, first.cookie)).toMatchObject(refused)
    expect((await look(other, second.cookie)).status).toBe(200)
    await one.instance.tokens.revoke(id)
    clock.ms += 10_000
    expect(await look(other, second.cookie)).toMatchObject(refused)
    expect(await look(one, second.cookie)).toMatchObject(refused)
  })

  it('ends after two hours without a request, and twelve hours after it began', async () => {
    const app = await startSignInApp()
    const { token } = await app.tokenWith('admin')
    const [idle, used] = [await signIn(app.app, { token }), await signIn(app.app, { token })]
    for (let minutes = 0; minutes < 115; minutes += 23) {
      app.clock.ms += 23 * 60_000
      expect((await look(app, used.cookie)).status).toBe(200)
    }
    app.clock.ms += 10 * 60_000
    expect(await look(app, idle.cookie)).toMatchObject(refused)
    for (let hours = 2; hours < 11; hours += 1) {
      app.clock.ms += 3_600_000
      expect((await look(app, used.cookie)).status).toBe(200)
    }
    app.clock.ms += 3_600_000
    expect(await look(app, used.cookie)).toMatchObject(refused)
  })

  it('is answered 503 and never 401 while the database is away', async () => {
    const app = await startSignInApp()
    const { token } = await app.tokenWith('admin')
    const { cookie } = await signIn(app.app, { token })
    app.outage.error = new StoreUnavailable('store_unavailable', { problem: 'it is away', remedy: 'wait' })
    app.clock.ms += 60_000
    const away = { status: 503, body: { code: 'store_unavailable' } }
    expect(await look(app, cookie)).toMatchObject(away)
    expect(await post(app, { token })).toMatchObject(away)
    expect(await post(app, { code: 'x'.repeat(43) })).toMatchObject(away)
    app.outage.error = null
    expect((await look(app, cookie)).status).toBe(200)
  })

  it('asks the store once in ten seconds, however much a page asks', async () => {
    const app = await startSignInApp()
    const { token } = await app.tokenWith('read')
    const { cookie } = await signIn(app.app, { token })
    app.asked.find = 0
    await Promise.all(Array.from({ length: 5 }, () => look(app, cookie)))
    await look(app, cookie)
    expect(app.asked.find).toBe(1)
  })

  it('has no more scopes than its token has now', async () => {
    const app = await startSignInApp()
    const { token } = await app.tokenWith('read')
    const { headers } = await signIn(app.app, { token })
    const answer = await app.ask({ method: 'POST', url: '/api/v4/features/my_flag', payload: { value: true }, headers })
    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } })
  })

  it('does not count where the request brings a token, good or bad', async () => {
    const app = await startSignInApp()
    const { token } = await app.tokenWith('admin')
    const { token: reader } = await app.tokenWith('read')
    const { cookie } = await signIn(app.app, { token })
    const as = (headers: Record<string, string>) => app.ask({ url: sessionUrl, headers: { cookie, ...headers } })
    expect(await as({ 'private-token': reader })).toMatchObject({ status: 200, body: { role: 'read', csrf: null } })
    expect(await as({ 'private-token': 'wrong' })).toMatchObject(refused)
    expect(await as({ authorization: 'Bearer wrong' })).toMatchObject(refused)
    expect(await as({ authorization: '' })).toMatchObject(refused)
  })

  it('is not known by a cookie that is cut, of another database, under another name, or of another making', async () => {
    const app = await startSignInApp()
    const { token } = await app.tokenWith('admin')
    const [name = '', secret = ''] = (await signIn(app.app, { token })).cookie.split('=')
    const cookies = [
      `${name}=`,
      `${name}=${secret.slice(1)}`,
      `${name}=${secret}x`,
      `__Host-sluice=${secret}`,
      `sluice-00000000=${secret}`,
      `${name}=${'x'.repeat(8_000)}`,
      `${name}=%E0%A4%A`,
      '__proto__=x; constructor=y; toString=z',
    ]
    for (const cookie of cookies) expect(await look(app, cookie)).toMatchObject(refused)
    expect((await look(app, `a=b; ${name}=${secret}; c=d`)).status).toBe(200)
  })
})
