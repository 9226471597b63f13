// The page and its files, as a server sends them.
import { describe, expect, it } from 'vitest'
import type { BuiltPage } from '../../../../lib/server/web/built-files.js'
import { signIn } from '../../../support/signed-in.js'
import { startSignInApp } from '../../sign-in/app.js'
import { startApp } from '../../support.js'

const page: BuiltPage = {
  index: {
    type: 'text/html; charset=utf-8',
    etag: '"index"',
    bodies: { identity: Buffer.from('the page'), br: Buffer.from('page, br'), gzip: Buffer.from('page, gzip') },
  },
  assets: new Map([
    ['a-1.js', { type: 'text/javascript; charset=utf-8', etag: '"a"', bodies: { identity: Buffer.from('run()') } }],
  ]),
  scripts: new Map([
    ['src/pages/flag-list.vue', ['/assets/list-1.js']],
    ['src/pages/flag-detail.vue', ['/assets/flag-1.js', '/assets/parts-1.js']],
    ['src/state/changing.ts', ['/assets/parts-1.js', '/assets/change-1.js']],
  ]),
}
const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

const addresses = [
  '/',
  '/sign-in?next=%2Fflags',
  '/flags',
  '/flags?q=state%3Aon&sort=changed',
  '/flags/dark_mode',
  '/flags/dark.mode.js',
  '/flags/a%2Fb%2Fc',
  '/flags/..%2F..%2Fetc%2Fpasswd',
  '/flags/__proto__',
  '/flags/dark_mode/actors',
  '/flags/api',
  '/flags/%zz',
  '/flags/%E0%A4',
  '//flags/',
  '/history',
  '/explain',
]
const encodings = [
  ['br, gzip', 'page, br', 'br'],
  ['gzip, deflate', 'page, gzip', 'gzip'],
  ['br;q=0, gzip;q=0.5', 'page, gzip', 'gzip'],
  ['', 'the page', undefined],
] as const
const programs = [
  '/api',
  '/api/v4/nothing',
  '/api/web/nothing',
  '/-/nothing',
  '/-',
  '/assets',
  '/assets/a-2.js',
  '/assets/..%2Findex.html',
  '/api/%zz',
]

describe('an address of the page', () => {
  it('is answered with the page, whatever is asked for', async () => {
    const { app } = await startApp({ page })
    for (const url of addresses) {
      for (const headers of [html, { accept: '*/*' }, {}]) {
        const { statusCode, body } = await app.inject({ url, headers })
        expect([url, statusCode, body]).toEqual([url, 200, 'the page'])
      }
    }
  })

  it('has the headers that keep foreign scripts out, and is asked for each time', async () => {
    const { app } = await startApp({ page })
    const { headers } = await app.inject({ url: '/flags' })
    expect(headers).toMatchObject({
      'content-security-policy':
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; object-src 'none'; " +
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types vue",
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
      'content-type': 'text/html; charset=utf-8',
    })
    expect(headers['strict-transport-security']).toBe(undefined)
  })

  it('tells a browser that came by https to stay there', async () => {
    const { app } = await startApp({ page, feature: { server: { trustedProxies: ['127.0.0.1'] } } })
    const { headers } = await app.inject({ url: '/flags', headers: { 'x-forwarded-proto': 'https' } })
    expect(headers['strict-transport-security']).toBe('max-age=31536000')
  })

  it('comes in the best encoding that the browser knows', async () => {
    const { app } = await startApp({ page })
    for (const [accepted, body, encoding] of encodings) {
      const answer = await app.inject({ url: '/flags', headers: { 'accept-encoding': accepted } })
      expect([answer.body, answer.headers['content-encoding']]).toEqual([body, encoding])
      expect(answer.headers['vary']).toBe('accept-encoding, cookie')
    }
  })

  it('names the scripts that it will load there, and what it will ask for, of a person who is signed in the list too', async () => {
    const { app, tokenWith } = await startSignInApp({ page })
    const linked = async (url: string, cookie?: string) => {
      const { headers } = await app.inject({ url, headers: cookie === undefined ? {} : { cookie } })
      return String(headers['link']).split(', ')
    }
    const script = (name: string) => `</assets/${name}-1.js>; rel=modulepreload; crossorigin`
    const asked = (name: string) => `</api/web/${name}>; rel=preload; as=fetch; crossorigin`
    expect(await linked('/flags?q=on')).toEqual([script('list'), asked('boot')])
    expect(await linked('/flags/dark_mode')).toEqual([script('flag'), script('parts'), script('change'), asked('boot')])
    expect(await linked('/explain', 'other=1')).toEqual([asked('boot')])
    const { token } = await tokenWith('read')
    const { cookie } = await signIn(app, { token })
    await app.inject({ url: '/api/web/session', headers: { cookie } })
    const all = ['boot', 'session', 'flags'].map(asked)
    expect(await linked('/flags', `other=1; ${cookie}`)).toEqual([script('list'), ...all])
    // Each question with a cookie that is not known would count as a guess.
    const [name] = cookie.split('=')
    expect(await linked('/flags', `${name}=${'x'.repeat(43)}`)).toEqual([script('list'), asked('boot')])
  })

  it('is not sent again to a browser that has it', async () => {
    const { app } = await startApp({ page })
    for (const tag of ['"index"', 'W/"index"', '"other", "index"']) {
      const { statusCode, body } = await app.inject({ url: '/flags', headers: { 'if-none-match': tag } })
      expect([statusCode, body]).toEqual([304, ''])
    }
    expect((await app.inject({ url: '/flags', headers: { 'if-none-match': '"older"' } })).statusCode).toBe(200)
  })

  it('answers HEAD, and no other method', async () => {
    const { app } = await startApp({ page })
    expect((await app.inject({ method: 'HEAD', url: '/flags', headers: html })).statusCode).toBe(200)
    const posted = await app.inject({
      method: 'POST',
      url: '/flags',
      headers: { ...html, 'content-type': 'application/json' },
    })
    expect([posted.statusCode, posted.json().code]).toEqual([404, 'not_found'])
  })
})

describe('an address that leads nowhere', () => {
  it('is answered with the page and 404 for a person, and with an error for a program', async () => {
    const { app } = await startApp({ page })
    const person = await app.inject({ url: '/falgs/dark_mode', headers: html })
    expect([person.statusCode, person.body]).toEqual([404, 'the page'])
    const program = await app.inject({ url: '/falgs/dark_mode', headers: { accept: '*/*' } })
    expect([program.statusCode, program.json().code]).toEqual([404, 'not_found'])
  })

  it('never is answered with the page where programs ask', async () => {
    const { app } = await startApp({ page })
    for (const url of programs) {
      const { statusCode, headers } = await app.inject({ url, headers: html })
      expect([url, statusCode >= 400, headers['content-type']]).toEqual([url, true, 'application/json'])
    }
  })
})

describe('a file of the page', () => {
  it('is kept by browsers for good, because its name is another one for another content', async () => {
    const { app } = await startApp({ page })
    const { body, headers } = await app.inject({ url: '/assets/a-1.js', headers: { 'accept-encoding': 'br' } })
    expect(body).toBe('run()')
    expect(headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'text/javascript; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    })
    expect(headers['content-encoding']).toBe(undefined)
  })
})

describe('a server without the built page', () => {
  it('has no address for it', async () => {
    const { app } = await startApp()
    for (const url of ['/', '/flags', '/assets/a-1.js']) {
      const { statusCode } = await app.inject({ url, headers: html })
      expect(statusCode).toBe(404)
    }
  })
})
