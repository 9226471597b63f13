// A change by a person who is signed in has to come from a page of this server.
import { describe, expect, it } from 'vitest'
import { signIn } from '../../support/signed-in.js'
import { sessionUrl, startSignInApp } from './app.js'

const url = '/api/v4/features/my_flag/changes'
const payload = { operations: [{ op: 'percentage_of_actors', value: 25 }], dry_run: true }

async function start() {
  const app = await startSignInApp()
  const { token } = await app.tokenWith('admin')
  const me = await signIn(app.app, { token })
  const csrf = String(me.session['csrf'])
  const send = (headers: Record<string, string>, body: string | object = payload) =>
    app.ask({ method: 'POST', url, payload: body, headers: { host: 'localhost:80', cookie: me.cookie, ...headers } })
  return { ...app, token, me, csrf, send }
}

describe('a POST with a cookie', () => {
  it('is answered where it brings the token, and says that it comes from a page of the same origin', async () => {
    const { send, csrf } = await start()
    const token = { 'x-csrf-token': csrf }
    const own: readonly Record<string, string>[] = [
      { ...token, 'sec-fetch-site': 'same-origin' },
      { ...token, origin: 'http://localhost:80' },
      { ...token, 'sec-fetch-site': 'same-origin', origin: 'http://localhost:80' },
    ]
    for (const headers of own) expect([headers, (await send(headers)).status]).toEqual([headers, 200])
  })

  it('is refused without one of the two, or where they contradict each other', async () => {
    const { send, csrf, me, app, token } = await start()
    const other = String((await signIn(app, { token })).session['csrf'])
    const same = { 'sec-fetch-site': 'same-origin' }
    const right = { 'x-csrf-token': csrf }
    const foreign: readonly Record<string, string>[] = [
      same,
      { ...same, 'x-csrf-token': '' },
      { ...same, 'x-csrf-token': other },
      { ...same, 'x-csrf-token': `${csrf}x` },
      { ...same, 'x-csrf-token': me.cookie.split('=')[1] ?? '' },
      { ...same, 'x-csrf-token': 'x'.repeat(10_000) },
      right,
      { ...right, origin: 'null' },
      { ...right, origin: 'https://evil.example' },
      { ...right, origin: 'http://localhost' },
      { ...right, origin: 'https://localhost:80' },
      { ...right, 'sec-fetch-site': 'cross-site' },
      { ...right, 'sec-fetch-site': 'same-site' },
      { ...right, 'sec-fetch-site': 'none' },
      { ...right, ...same, origin: 'https://evil.example' },
      { ...right, 'sec-fetch-site': 'cross-site', origin: 'http://localhost:80' },
    ]
    for (const headers of foreign) {
      const { status, body } = await send(headers)
      expect([headers, status, Reflect.get(Object(body), 'code')]).toEqual([headers, 403, 'csrf'])
    }
  })

  it('is refused where its body is of a type that a form can send', async () => {
    const { send, csrf } = await start()
    const good = { 'x-csrf-token': csrf, 'sec-fetch-site': 'same-origin' }
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      expect((await send({ ...good, 'content-type': type }, JSON.stringify(payload))).status).toBe(415)
    }
    expect((await send({ ...good, 'content-type': 'application/json; charset=utf-8' })).status).toBe(200)
  })

  it('is no business of a program with a token', async () => {
    const { ask, token, me } = await start()
    const headers = { 'private-token': token, cookie: me.cookie, origin: 'https://evil.example' }
    expect((await ask({ method: 'POST', url, payload, headers })).status).toBe(200)
  })

  it('gets no permission to be sent from another origin', async () => {
    const { ask, me } = await start()
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST', cookie: me.cookie }
    const answer = await ask({ method: 'OPTIONS', url: sessionUrl, headers })
    expect(answer.status).toBe(404)
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
  })
})

describe('signing out with a cookie', () => {
  it('takes the same', async () => {
    const { ask, me } = await start()
    const answer = await ask({ method: 'DELETE', url: sessionUrl, headers: { cookie: me.cookie } })
    expect(answer).toMatchObject({ status: 403, body: { code: 'csrf' } })
    expect((await ask({ url: sessionUrl, headers: { cookie: me.cookie } })).status).toBe(200)
  })
})

describe('the token of a page', () => {
  it('is good at every server with the same database, for the day and the next, and is no other one than before', async () => {
    const clock = { ms: Date.parse('2026-01-01T20:00:00Z') }
    const one = await startSignInApp({ clock })
    const other = await startSignInApp({ clock, store: one.store })
    const { token } = await one.tokenWith('admin')
    const { headers, cookie, session } = await signIn(one.app, { token })
    const preview = () => other.ask({ method: 'POST', url, payload, headers })
    expect((await preview()).status).toBe(200)
    expect((await other.ask({ url: sessionUrl, headers: { cookie } })).body).toMatchObject({ csrf: session['csrf'] })
    for (let hours = 0; hours < 11; hours += 1) {
      clock.ms += 3_600_000
      expect((await preview()).status).toBe(200)
    }
  })
})
